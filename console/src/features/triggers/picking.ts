// The five dependent choices of a workload: what each list holds, and what a choice does to those behind it. Pure.
import type { GrantedCluster, ListedWorkload } from '@/api/clusters';
import type { Say } from '@/app/words';
import type { ActionDraft } from './draft';

export type ChosenWorkload = Pick<
  ActionDraft,
  'region' | 'cluster' | 'cluster_namespace' | 'workload_kind' | 'workload' | 'container' | 'init'
>;
export type PickerLevel = 'region' | 'cluster' | 'cluster_namespace' | 'workload' | 'container';

interface Option {
  value: string;
  label: string;
}

interface Level {
  data: (Option | { group: string; items: Option[] })[];
  value: string | null;
  /** What stands before it is chosen. */
  ready: boolean;
  loading: boolean;
  /** It is chosen, and not there any more. */
  gone: boolean;
}

export type PickerOptions = Record<PickerLevel, Level> & {
  /** What the chosen container is told to run. */
  image?: string;
};

const kindNames: Record<ListedWorkload['kind'], string> = {
  deployment: 'Deployment',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  cronjob: 'CronJob',
};

/** A kind and a name are one choice; a slash is in neither. */
const workloadValue = (workload: { kind: string; name: string }) => `${workload.kind}/${workload.name}`;
const containerValue = (container: { name: string; init: boolean }) => (container.init ? `init/${container.name}` : container.name);

const chosenWorkload = (value: ChosenWorkload) =>
  value.workload !== null && value.workload_kind !== null ? workloadValue({ kind: value.workload_kind, name: value.workload }) : null;
const chosenContainer = (value: ChosenWorkload) =>
  value.container !== null ? containerValue({ name: value.container, init: value.init }) : null;

/** The region of a cluster that was chosen elsewhere, such as in a trigger that is opened. */
const regionOf = (value: ChosenWorkload, clusters: GrantedCluster[] | undefined) =>
  value.region ?? clusters?.find((each) => each.name === value.cluster)?.region ?? null;

const plain = (names: string[] | undefined) => names?.map((name) => ({ value: name, label: name }));

export function listOptions(
  value: ChosenWorkload,
  clusters: GrantedCluster[] | undefined,
  workloads: ListedWorkload[] | undefined,
  say: Say,
  /** Kinds of which the cluster does not tell, or others that were cut off: nothing of them is known to be gone. */
  untold: (kind: ListedWorkload['kind']) => boolean = () => false,
): PickerOptions {
  const region = regionOf(value, clusters);
  const here = clusters?.filter((each) => each.region === region);
  const cluster = clusters?.find((each) => each.name === value.cluster);
  const workload = workloads?.find((each) => workloadValue(each) === chosenWorkload(value));
  const container = workload?.containers.find((each) => containerValue(each) === chosenContainer(value));
  const regions = clusters && [...new Set(clusters.map((each) => each.region))];
  const regionOption = (name: string) => ({ value: name, label: name === '' ? say('console.triggers.no_region') : name });

  return {
    region: level(regions?.map(regionOption), region, true),
    cluster: level(plain(here?.map((each) => each.name)), value.cluster, region !== null || value.cluster !== null),
    cluster_namespace: level(plain(cluster?.cluster_namespaces), value.cluster_namespace, value.cluster !== null, clusters !== undefined),
    workload: levelOfWorkloads(workloads, value, untold),
    container: level(
      workload?.containers.map((each) => ({
        value: containerValue(each),
        label: each.init ? say('console.triggers.init_container', { name: each.name }) : each.name,
      })),
      chosenContainer(value),
      value.workload !== null,
      workload !== undefined,
      value.container ?? undefined,
    ),
    image: container?.image,
  };
}

function level(options: Option[] | undefined, value: string | null, ready: boolean, read = options !== undefined, label = value ?? ''): Level {
  const gone = read && value !== null && !options?.some((option) => option.value === value);
  const known = options ?? [];
  // What is chosen stays in the list, also before that was read and after it is gone.
  const kept = value !== null && !known.some((option) => option.value === value) ? [{ value, label }, ...known] : known;
  return { data: kept, value, ready, loading: !read && ready, gone };
}

function levelOfWorkloads(
  workloads: ListedWorkload[] | undefined,
  value: ChosenWorkload,
  untold: (kind: ListedWorkload['kind']) => boolean,
): Level {
  const chosen = chosenWorkload(value);
  const there = workloads?.some((each) => workloadValue(each) === chosen);
  const groups = new Map<string, Option[]>();
  for (const each of workloads ?? []) {
    const group = groups.get(kindNames[each.kind]) ?? [];
    group.push({ value: workloadValue(each), label: each.name });
    groups.set(kindNames[each.kind], group);
  }
  if (chosen !== null && !there && value.workload_kind !== null) {
    const name = kindNames[value.workload_kind];
    groups.set(name, [{ value: chosen, label: value.workload ?? '' }, ...(groups.get(name) ?? [])]);
  }
  return {
    data: [...groups].map(([group, items]) => ({ group, items })),
    value: chosen,
    ready: value.cluster_namespace !== null,
    loading: workloads === undefined && value.cluster_namespace !== null,
    gone: workloads !== undefined && chosen !== null && !there && !(value.workload_kind && untold(value.workload_kind)),
  };
}

/** A choice, which makes those behind it open again. */
export function choose(value: ChosenWorkload, at: PickerLevel, picked: string): ChosenWorkload {
  const none = { cluster: null, cluster_namespace: null, workload_kind: null, workload: null, container: null, init: false };
  switch (at) {
    case 'region':
      return { ...none, region: picked };
    case 'cluster':
      return { ...none, region: value.region, cluster: picked };
    case 'cluster_namespace':
      return { ...none, region: value.region, cluster: value.cluster, cluster_namespace: picked };
    case 'workload': {
      const [kind = '', name = ''] = picked.split('/');
      return { ...value, workload_kind: kind as ListedWorkload['kind'], workload: name, container: null, init: false };
    }
    case 'container': {
      const init = picked.startsWith('init/');
      return { ...value, container: init ? picked.slice('init/'.length) : picked, init };
    }
  }
}

/** The value with the first open choice made that has one option alone; nothing where there is none. */
export function pickSole(
  value: ChosenWorkload,
  clusters: GrantedCluster[] | undefined,
  workloads: ListedWorkload[] | undefined,
): ChosenWorkload | undefined {
  if (!clusters) return undefined;
  const region = regionOf(value, clusters);
  const regions = [...new Set(clusters.map((each) => each.region))];
  if (region === null) return regions.length === 1 && regions[0] !== undefined ? choose(value, 'region', regions[0]) : undefined;
  const here = clusters.filter((each) => each.region === region);
  if (value.cluster === null) return here.length === 1 && here[0] ? choose({ ...value, region }, 'cluster', here[0].name) : undefined;
  const [kube, ...others] = clusters.find((each) => each.name === value.cluster)?.cluster_namespaces ?? [];
  if (value.cluster_namespace === null) return kube !== undefined && others.length === 0 ? choose(value, 'cluster_namespace', kube) : undefined;
  if (value.workload === null) return workloads?.length === 1 && workloads[0] ? choose(value, 'workload', workloadValue(workloads[0])) : undefined;
  const containers = workloads?.find((each) => workloadValue(each) === chosenWorkload(value))?.containers;
  if (value.container === null) return containers?.length === 1 && containers[0] ? choose(value, 'container', containerValue(containers[0])) : undefined;
  return undefined;
}
