import { expect, test } from 'vitest';
import { indentBody } from './body';

test.each([
  ['{"a":[1]}', '{\n  "a": [\n    1\n  ]\n}'],
  ['{"a":', '{"a":'],
  ['ok', 'ok'],
  ['7', '7'],
])('%j is shown as %j', (body, shown) => {
  expect(indentBody(body)).toBe(shown);
});
