import { expect, test } from 'vitest';
import { beginDay, endDay, readAuditSearch, readEventsSearch, toActivityFilter } from './search';

test('an address says what it can, and the rest is left out', () => {
  expect(readEventsSearch({ actor: 'li.wei', action: 'tag_created', from: '2026-11-22', to: 'yesterday' })).toEqual({
    actor: 'li.wei',
    action: 'tag_created',
    object: undefined,
    from: '2026-11-22',
    to: undefined,
  });
  expect(readEventsSearch({ action: 'tag.delete' }).action).toBeUndefined();
  expect(readAuditSearch({ action: 'tag.delete', ns: 'team' })).toMatchObject({ action: 'tag.delete', ns: 'team' });
});

test('a day is all of it, in the reader’s own zone', () => {
  const begun = new Date(String(beginDay('2026-11-22')));
  const ended = new Date(String(endDay('2026-11-22')));
  expect([begun.getDate(), begun.getHours(), begun.getMinutes()]).toEqual([22, 0, 0]);
  expect([ended.getDate(), ended.getHours(), ended.getMinutes()]).toEqual([22, 23, 59]);
  expect(toActivityFilter({}).since).toBeUndefined();
});
