import { expect, test } from 'vitest';
import { linkToTrigger, readTriggerAddress } from './links';

test.each(['prod-web', 'deliveries', 'a-b'])('the trigger %s is found at its address', (name) => {
  const { params } = linkToTrigger({ repository: 'team/web' }, name);
  const { trigger } = params as { trigger: string };
  expect(trigger).not.toBe('deliveries');
  expect(readTriggerAddress(trigger)).toBe(name);
});
