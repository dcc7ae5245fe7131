// A trigger as its form has it, and as the API takes it. Pure.
// Names of fields are the API's, so that what it says about a field finds its input.
import type { NewAction, NewTrigger, Trigger, TriggerAction, TriggerChanges, TriggerCondition, TriggerEvent } from '@/api/triggers';

export type ActionChoice = 'workload' | 'webhook' | 'message';
export type Service = 'wecom' | 'dingtalk' | 'feishu' | 'slack' | 'mail';
export type Payload = NonNullable<NewAction['payload']>;
export type WorkloadKind = NonNullable<NewAction['workload_kind']>;

/** What becomes of the secret that signs: as it is, none, the server makes one, or one that is typed in. */
export type Signing = 'keep' | 'none' | 'make' | 'give';

export interface HeaderDraft {
  /** Tells rows apart while they move. */
  key: string;
  name: string;
  value: string;
  /** A value is stored; an empty one here leaves it as it is. */
  stored: boolean;
}

export interface ActionDraft {
  /** Tells actions apart while they move. */
  key: string;
  /** The action that it already is. */
  id?: string;
  kind: ActionChoice;
  url: string;
  /** The host of the address that is stored; an empty `url` leaves it as it is. */
  address?: string;
  method: string;
  headers: HeaderDraft[];
  signing: Signing;
  /** A secret that signs is stored. */
  signed: boolean;
  secret: string;
  payload: Payload;
  template: string;
  service: Service;
  language: 'en' | 'zh';
  /** A text of one's own in the place of the usual sentence. */
  own_text: boolean;
  recipients: string[];
  region: string | null;
  cluster: string | null;
  cluster_namespace: string | null;
  workload_kind: WorkloadKind | null;
  workload: string | null;
  container: string | null;
  init: boolean;
  rollback: boolean;
  timeout_seconds: number;
}

export interface TriggerDraft {
  name: string;
  enabled: boolean;
  condition: { kind: TriggerCondition['kind']; text: string };
  events: TriggerEvent[];
  rules: string[];
  actions: ActionDraft[];
}

/** How long a rollout may take, in seconds, where nobody says; the server's own default. */
const ROLLOUT_SECONDS = 600;

const pushes: TriggerEvent[] = ['tag_created', 'tag_changed'];
const buildEvents = new Set<TriggerEvent>(['build_started', 'build_succeeded', 'build_failed']);

export const isBuildEvent = (event: TriggerEvent) => buildEvents.has(event);
export const isPush = (event: TriggerEvent) => event === 'tag_created' || event === 'tag_changed';

let made = 0;
const nextKey = () => `new-${(made += 1)}`;

export const newHeader = (): HeaderDraft => ({ key: nextKey(), name: '', value: '', stored: false });

export const newAction = (kind: ActionChoice, language: 'en' | 'zh'): ActionDraft => ({
  key: nextKey(),
  kind,
  url: '',
  method: 'POST',
  headers: [],
  signing: 'none',
  signed: false,
  secret: '',
  payload: 'cloud_events',
  template: '',
  service: 'wecom',
  language,
  own_text: false,
  recipients: [],
  region: null,
  cluster: null,
  cluster_namespace: null,
  workload_kind: null,
  workload: null,
  container: null,
  init: false,
  rollback: false,
  timeout_seconds: ROLLOUT_SECONDS,
});

/** An empty form. Of a namespace there are no workloads: which image would run? */
export const newTrigger = (kind: ActionChoice, language: 'en' | 'zh'): TriggerDraft => ({
  name: '',
  enabled: true,
  condition: { kind: 'all', text: '' },
  events: pushes,
  rules: [],
  actions: [newAction(kind, language)],
});

export const readTrigger = (trigger: Trigger): TriggerDraft => ({
  name: trigger.name,
  enabled: trigger.enabled,
  condition: { kind: trigger.condition.kind, text: trigger.condition.text ?? '' },
  events: trigger.events,
  rules: trigger.rules,
  actions: trigger.actions.map(readAction),
});

function readAction(action: TriggerAction): ActionDraft {
  const kind = action.kind === 'mail' ? 'message' : action.kind;
  const signed = action.signed ?? false;
  return {
    ...newAction(kind, action.language ?? 'en'),
    key: action.id,
    id: action.id,
    address: action.address ?? undefined,
    method: action.method ?? 'POST',
    headers: (action.headers ?? []).map(({ name }) => ({ key: nextKey(), name, value: '', stored: true })),
    signing: signed ? 'keep' : 'none',
    signed,
    payload: action.payload ?? 'cloud_events',
    template: action.template ?? '',
    own_text: Boolean(action.template),
    service: action.kind === 'mail' ? 'mail' : (action.service ?? 'wecom'),
    recipients: action.recipients ?? [],
    cluster: action.cluster ?? null,
    cluster_namespace: action.cluster_namespace ?? null,
    workload_kind: action.workload_kind ?? null,
    workload: action.workload ?? null,
    container: action.container ?? null,
    init: action.init ?? false,
    rollback: action.rollback ?? false,
    timeout_seconds: action.timeout_seconds ?? ROLLOUT_SECONDS,
  };
}

export const writeTrigger = (draft: TriggerDraft): NewTrigger => ({
  name: draft.name.trim(),
  enabled: draft.enabled,
  condition: writeCondition(draft.condition),
  events: draft.events,
  rules: draft.events.some(isBuildEvent) ? draft.rules : [],
  actions: draft.actions.map(writeAction),
});

/** What is saved, on the condition that it still is what was opened. */
export const writeChanges = (draft: TriggerDraft, version: number): TriggerChanges => ({ ...writeTrigger(draft), version });

export const writeCondition = (condition: TriggerDraft['condition']): TriggerCondition => ({
  kind: condition.kind,
  text: condition.kind === 'all' ? '' : condition.text.trim(),
});

function writeAction(draft: ActionDraft): NewAction {
  switch (draft.kind) {
    case 'workload':
      return {
        id: draft.id,
        kind: 'workload',
        cluster: draft.cluster ?? '',
        cluster_namespace: draft.cluster_namespace ?? '',
        workload_kind: draft.workload_kind ?? 'deployment',
        workload: draft.workload ?? '',
        container: draft.container ?? '',
        init: draft.init,
        rollback: draft.rollback,
        timeout_seconds: draft.timeout_seconds,
      };
    case 'webhook':
      return {
        id: draft.id,
        kind: 'webhook',
        ...writeAddress(draft),
        ...writeSigning(draft),
        method: draft.method,
        headers: draft.headers
          .filter((header) => header.name.trim() !== '')
          .map((header) => ({
            name: header.name.trim(),
            value: header.stored && header.value === '' ? undefined : header.value,
          })),
        payload: draft.payload,
        template: draft.payload === 'template' ? draft.template : undefined,
      };
    case 'message':
      return writeMessage(draft);
  }
}

function writeMessage(draft: ActionDraft): NewAction {
  const text = { language: draft.language, template: draft.own_text ? draft.template : undefined };
  if (draft.service === 'mail') return { id: draft.id, kind: 'mail', recipients: draft.recipients, ...text };
  const signing = canSign(draft.service) ? writeSigning(draft) : {};
  return { id: draft.id, kind: 'message', service: draft.service, ...writeAddress(draft), ...signing, ...text };
}

/** Chats that check a signature. */
export const canSign = (service: Service) => service === 'dingtalk' || service === 'feishu';

const writeAddress = ({ url, address }: ActionDraft): Pick<NewAction, 'url'> => ({
  url: url.trim() === '' && address ? undefined : url.trim(),
});

function writeSigning({ signing, signed, secret }: ActionDraft): Pick<NewAction, 'secret' | 'make_secret'> {
  switch (signing) {
    case 'keep':
      return {};
    case 'none':
      // Nothing to take away is left out: the API knows null as taking away.
      return signed ? { secret: null } : {};
    case 'make':
      return { make_secret: true };
    case 'give':
      return { secret };
  }
}

/** `actions[0].headers[1].name`, as the API names a field, is `actions.0.headers.1.name` in the form. */
export const toPath = (field: string) => field.replaceAll(/\[(\d+)\]/g, '.$1').replace(/^condition$/, 'condition.text');
