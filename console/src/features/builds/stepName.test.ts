import { expect, test } from 'vitest';
import { readStepName } from './stepName';

test.each([
  ['[4/5] RUN npm ci', { step: '4', stage: '', name: 'RUN npm ci' }],
  ['[builder 12/15] COPY a b', { step: '12', stage: 'builder', name: 'COPY a b' }],
  ['exporting layers', { step: '', stage: '', name: 'exporting layers' }],
])('%s', (title, parts) => {
  expect(readStepName(title)).toEqual(parts);
});
