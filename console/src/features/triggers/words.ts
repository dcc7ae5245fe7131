// The words of a trigger's parts.
import type { TriggerAction, TriggerCondition, TriggerEvent } from '@/api/triggers';
import type { Say, WordKey } from '@/app/words';
import type { Payload, Service } from './draft';

export const conditionWords = {
  all: ['console.triggers.condition.all', 'console.triggers.condition.all_help'],
  tags: ['console.triggers.condition.tags', 'console.triggers.condition.tags_help'],
  regex: ['console.triggers.condition.regex', 'console.triggers.condition.regex_help'],
  glob: ['console.triggers.condition.glob', 'console.triggers.condition.glob_help'],
  semver: ['console.triggers.condition.semver', 'console.triggers.condition.semver_help'],
} as const satisfies Record<TriggerCondition['kind'], [WordKey, WordKey]>;

export const eventWords: Record<TriggerEvent, WordKey> = {
  tag_created: 'console.triggers.event.tag_created',
  tag_changed: 'console.triggers.event.tag_changed',
  tag_deleted: 'console.triggers.event.tag_deleted',
  build_started: 'console.triggers.event.build_started',
  build_succeeded: 'console.triggers.event.build_succeeded',
  build_failed: 'console.triggers.event.build_failed',
};

export const payloadWords = {
  cloud_events: ['console.triggers.payload.cloud_events', 'console.triggers.payload.cloud_events_help'],
  docker_hub: ['console.triggers.payload.docker_hub', 'console.triggers.payload.docker_hub_help'],
  harbor: ['console.triggers.payload.harbor', 'console.triggers.payload.harbor_help'],
  template: ['console.triggers.payload.template', 'console.triggers.payload.template_help'],
} as const satisfies Record<Payload, [WordKey, WordKey]>;

export const serviceWords: Record<Service, WordKey> = {
  wecom: 'console.triggers.service.wecom',
  dingtalk: 'console.triggers.service.dingtalk',
  feishu: 'console.triggers.service.feishu',
  slack: 'console.triggers.service.slack',
  mail: 'console.triggers.service.mail',
};

/** What an action does, in two words: "Webhook", "Feishu", "Update a container image". */
export function sayAction(action: Pick<TriggerAction, 'kind' | 'service'>, say: Say) {
  switch (action.kind) {
    case 'workload':
      return say('console.triggers.action.workload');
    case 'webhook':
      return say('console.triggers.action.webhook');
    case 'mail':
      return say('console.triggers.service.mail');
    case 'message':
      return say(action.service ? serviceWords[action.service] : 'console.triggers.action.message');
  }
}

const kindWords: Record<string, WordKey> = {
  workload: 'console.triggers.action.workload',
  webhook: 'console.triggers.action.webhook',
  message: 'console.triggers.action.message',
  mail: 'console.triggers.service.mail',
};

/** The same for a delivery, which knows its action's kind alone. */
export const sayKind = (kind: string, say: Say) => {
  const word = kindWords[kind];
  return word ? say(word) : kind;
};
