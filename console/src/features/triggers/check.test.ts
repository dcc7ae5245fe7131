import { expect, test } from 'vitest';
import { checkTrigger } from './check';
import { newAction, newTrigger, type TriggerDraft } from './draft';

const say = (key: string) => key;
const draft = (part: Partial<TriggerDraft>) => ({ ...newTrigger('webhook', 'en'), name: 'prod-web', actions: [], ...part });

test.each(['p', '7web', 'a b', '-a', 'x'.repeat(65), ''])('the name %j is none', (name) => {
  expect(checkTrigger(draft({ name }), say)).toEqual({ name: 'console.triggers.name_hint' });
});

test('a condition that needs a text has one, and something is listened to', () => {
  expect(checkTrigger(draft({ condition: { kind: 'regex', text: ' ' }, events: [] }), say)).toEqual({
    events: 'console.triggers.events_none',
    'condition.text': 'console.core.required',
  });
  expect(checkTrigger(draft({}), say)).toEqual({});
});

const check = (part: object) => checkTrigger(draft({ actions: [{ ...newAction('webhook', 'en'), ...part }] }), say);

test('an address is typed once: stored, it may be left empty', () => {
  expect(check({})).toEqual({ 'actions.0.url': 'console.core.required' });
  expect(check({ address: 'hooks.example.cn' })).toEqual({});
  expect(check({ url: 'hooks.example.cn' })).toEqual({ 'actions.0.url': 'console.triggers.url_wrong' });
  expect(check({ url: 'https://hooks.example.cn/x', signing: 'give' })).toEqual({ 'actions.0.secret': 'console.core.required' });
});

test('of five choices the first open one is asked for', () => {
  const workload = newAction('workload', 'en');
  const missing = (part: object) => Object.keys(checkTrigger(draft({ actions: [{ ...workload, ...part }] }), say));
  expect(missing({})).toEqual(['actions.0.cluster']);
  expect(missing({ cluster: 'prod', cluster_namespace: 'shop' })).toEqual(['actions.0.workload']);
});
