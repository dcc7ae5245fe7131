import { describe, expect, it } from 'vitest';
import { listSegments, listSteps, readInstruction } from './layers';

const step = (number: number, size: number) => ({ number, size, instruction: '', raw: '', empty: size === 0 });

describe('readInstruction', () => {
  it.each([
    ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
    ['/bin/sh -c apk add curl', 'RUN apk add curl'],
    ['RUN /bin/sh -c npm ci # buildkit', 'RUN npm ci'],
    ['|1 VERSION=1.0 /bin/sh -c make', 'RUN make'],
    ['COPY . /app # buildkit', 'COPY . /app'],
    ['', ''],
  ])('reads %j as %j', (written, read) => {
    expect(readInstruction(written)).toBe(read);
  });
});

describe('listSteps', () => {
  it('numbers steps that made no layer, too', () => {
    const steps = listSteps({
      layers: [],
      history: [
        { created_by: 'ADD rootfs /', empty_layer: false, size_bytes: 10, layer_digest: 'sha256:a' },
        { created_by: 'ENV A=1', empty_layer: true, size_bytes: 0 },
      ],
    });
    expect(steps.map(({ number, empty, size }) => [number, empty, size])).toEqual([
      [1, false, 10],
      [2, true, 0],
    ]);
  });

  it('shows layers where there is no history', () => {
    const steps = listSteps({ history: [], layers: [{ digest: 'sha256:b', media_type: 'application/x', size_bytes: 3 }] });
    expect(steps).toEqual([{ number: 1, instruction: 'application/x', raw: 'application/x', size: 3, digest: 'sha256:b', empty: false }]);
  });
});

describe('listSegments', () => {
  it('shares a bar by size and leaves out what cannot be seen', () => {
    const shown = listSegments([step(1, 750), step(2, 249), step(3, 1)]);
    expect(shown.map(({ step: { number }, share }) => [number, share])).toEqual([
      [1, 75],
      [2, 24.9],
    ]);
  });

  it('draws nothing of nothing', () => {
    expect(listSegments([step(1, 0)])).toEqual([]);
  });
});
