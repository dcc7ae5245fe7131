import { describe, expect, test } from 'vitest';
import type { Trigger } from '@/api/triggers';
import { newAction, newTrigger, readTrigger, toPath, writeChanges, writeTrigger } from './draft';

const kept: Trigger = {
  id: 'a',
  name: 'prod-web',
  namespace: 'team',
  repository: 'team/web',
  enabled: true,
  condition: { kind: 'regex', text: '^v' },
  events: ['tag_created'],
  rules: [],
  version: 7,
  created_by: 'li.wei',
  created_at: '2026-11-22T15:31:26Z',
  changed_by: 'li.wei',
  changed_at: '2026-11-22T15:31:26Z',
  may: ['edit', 'delete', 'run'],
  last_delivery: null,
  actions: [
    {
      id: 'w',
      kind: 'webhook',
      label: 'hooks.example.cn',
      state: 'active',
      since: '2026-11-22T15:31:26Z',
      address: 'hooks.example.cn',
      method: 'PUT',
      headers: [{ name: 'Authorization' }],
      signed: true,
      payload: 'harbor',
    },
    { id: 'm', kind: 'mail', label: 'ops@example.cn', state: 'active', since: '2026-11-22T15:31:26Z', recipients: ['ops@example.cn'], language: 'zh' },
  ],
} as unknown as Trigger;

const [webhook] = readTrigger(kept).actions;
if (!webhook) throw new Error('the first is a webhook');

describe('a trigger that is opened and saved', () => {
  test('keeps every secret by leaving it out', () => {
    const [saved, mailed] = writeTrigger(readTrigger(kept)).actions;
    expect(saved).toEqual({
      id: 'w',
      kind: 'webhook',
      url: undefined,
      method: 'PUT',
      headers: [{ name: 'Authorization', value: undefined }],
      payload: 'harbor',
      template: undefined,
    });
    expect(mailed).toEqual({ id: 'm', kind: 'mail', recipients: ['ops@example.cn'], language: 'zh', template: undefined });
  });

  test('says which version was seen', () => {
    expect(writeChanges(readTrigger(kept), 7).version).toBe(7);
  });

  test.each([
    ['none', { secret: null }],
    ['make', { make_secret: true }],
    ['give', { secret: 'whsec_x' }],
    ['keep', {}],
  ] as const)('signs by %s', (signing, fields) => {
    const draft = { ...readTrigger(kept), actions: [{ ...webhook, signing, secret: 'whsec_x' }] };
    const [saved] = writeTrigger(draft).actions;
    expect({ secret: saved?.secret, make_secret: saved?.make_secret }).toEqual({ secret: undefined, make_secret: undefined, ...fields });
  });

  test('sends a header that has no stored value with the value that is there', () => {
    const draft = { ...readTrigger(kept), actions: [{ ...webhook, headers: [{ key: '1', name: ' X-A ', value: '', stored: false }] }] };
    expect(writeTrigger(draft).actions[0]?.headers).toEqual([{ name: 'X-A', value: '' }]);
  });
});

const fields = (action: object) =>
  Object.entries(action)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
    .toSorted();

describe('a new trigger', () => {
  test('has no text beside the condition that needs none, and no rules beside pushes', () => {
    const draft = newTrigger('webhook', 'en');
    const made = writeTrigger({ ...draft, condition: { kind: 'all', text: '^v' }, rules: ['main'] });
    expect(made.condition).toEqual({ kind: 'all', text: '' });
    expect(made.rules).toEqual([]);
    expect(writeTrigger({ ...draft, events: ['build_failed'], rules: ['main'] }).rules).toEqual(['main']);
  });

  test('sends of an action what is of its kind alone: the API refuses the rest', () => {
    const filled = { ...newAction('webhook', 'zh'), url: 'https://a', template: 'x', cluster: 'prod', recipients: ['a@b'], secret: 's', signing: 'give' as const };
    const write = (part: object) => fields(writeTrigger({ ...newTrigger('webhook', 'zh'), actions: [{ ...filled, ...part }] }).actions[0] ?? {});
    expect(write({})).toEqual(['headers', 'kind', 'method', 'payload', 'secret', 'url']);
    expect(write({ kind: 'message', service: 'slack' })).toEqual(['kind', 'language', 'service', 'url']);
    expect(write({ kind: 'message', service: 'feishu', own_text: true })).toEqual(['kind', 'language', 'secret', 'service', 'template', 'url']);
    expect(write({ kind: 'message', service: 'mail' })).toEqual(['kind', 'language', 'recipients']);
    expect(write({ kind: 'workload' })).toEqual(['cluster', 'cluster_namespace', 'container', 'init', 'kind', 'rollback', 'timeout_seconds', 'workload', 'workload_kind']);
  });
});

test('what the API says about a field finds its input', () => {
  expect(toPath('actions[0].headers[1].name')).toBe('actions.0.headers.1.name');
  expect(toPath('condition')).toBe('condition.text');
});
