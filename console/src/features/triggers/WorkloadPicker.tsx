import { Button, Loader, Select, SimpleGrid, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { grantedClustersQuery, workloadsQuery } from '@/api/clusters';
import '@mantine/core/styles/SimpleGrid.layer.css';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { type ChosenWorkload, choose, listOptions, type PickerLevel, pickSole } from './picking';
import classes from './triggers.module.css';

interface WorkloadPickerProps {
  /** The namespace whose grants are chosen from. */
  namespace: string;
  value: ChosenWorkload;
  onChange: (value: ChosenWorkload) => void;
  errors: Partial<Record<PickerLevel, ReactNode>>;
  /** The form's name of what the lists are parts of. */
  path: string;
}

/** 地域→集群→Namespace→服务→容器镜像: five lists, each of what the one before it holds; the last two are asked of the cluster. */
export function WorkloadPicker({ namespace, value, onChange, errors, path }: WorkloadPickerProps) {
  const say = useWords();
  const clusters = useQuery(grantedClustersQuery(namespace));
  const { cluster, cluster_namespace: kube } = value;
  const workloads = useQuery({
    ...workloadsQuery(namespace, cluster ?? '', kube ?? ''),
    enabled: cluster !== null && kube !== null,
  });
  const found = workloads.data;
  const options = listOptions(value, clusters.data, found?.items, say, (kind) => found?.more === true || found?.hidden.includes(kind) === true);

  // A list of one is no question. Only what is not chosen yet is filled in, so this settles.
  const sole = pickSole(value, clusters.data, workloads.data?.items);
  useEffect(() => {
    if (sole) onChange(sole);
  });

  const select = (level: PickerLevel, label: string, hint?: string) => (
    <Select
      label={label}
      description={hint}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={options[level].data}
      value={options[level].value}
      onChange={(picked) => picked !== null && onChange(choose(value, level, picked))}
      disabled={!options[level].ready}
      placeholder={say('console.triggers.pick')}
      error={errors[level] ?? (options[level].gone ? say('console.triggers.gone') : undefined)}
      rightSection={options[level].loading && isLoading(level) ? <Loader size={16} /> : undefined}
      nothingFoundMessage={say('console.core.nothing_matches')}
      allowDeselect={false}
      searchable
      data-path={`${path}.${level}`}
    />
  );
  const isLoading = (level: PickerLevel) => (level === 'workload' || level === 'container' ? workloads.isFetching : clusters.isFetching);

  if (clusters.data?.length === 0 && cluster === null) {
    return <Text className="muted">{say('console.triggers.no_grants')}</Text>;
  }
  return (
    <fieldset className={classes.picker}>
      <legend className={classes.legend}>{say('console.triggers.choose_workload')}</legend>
      {clusters.error && <ErrorState problem={clusters.error} retry={() => void clusters.refetch()} />}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
        {select('region', say('console.triggers.region'))}
        {select('cluster', say('console.triggers.cluster'))}
        {select('cluster_namespace', say('console.triggers.cluster_namespace'))}
        {select('workload', say('console.triggers.workload'), say('console.triggers.workload_hint'))}
        {select('container', say('console.triggers.container'))}
      </SimpleGrid>
      {workloads.error && <ErrorState problem={workloads.error} retry={() => void workloads.refetch()} />}
      {workloads.data && (
        <div className={classes.current}>
          {options.image && (
            <span>
              <span className="muted">{say('console.triggers.runs_now')}</span> <code>{options.image}</code>
            </span>
          )}
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={workloads.isFetching}
            onClick={() => void workloads.refetch()}
          >
            {say('console.triggers.reread')}
          </Button>
        </div>
      )}
      {workloads.data && workloads.data.hidden.length > 0 && (
        <Text className="muted" size="xs">
          {say('console.triggers.hidden_kinds', { kinds: workloads.data.hidden.join(', ') })}
        </Text>
      )}
    </fieldset>
  );
}
