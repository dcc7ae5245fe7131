import { describe, expect, it } from 'vitest';
import { readConfig } from './config';

describe('readConfig', () => {
  it('reads what an image says about itself', () => {
    const facts = readConfig({
      os: 'linux',
      architecture: 'arm64',
      variant: 'v8',
      config: {
        User: '1000',
        Env: ['PATH=/bin', 'A=b=c', 'BARE'],
        Cmd: ['sh'],
        ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
        Labels: { z: '1', a: '2' },
      },
    });
    expect(facts).toMatchObject({
      platform: 'linux/arm64/v8',
      user: '1000',
      command: ['sh'],
      ports: ['443/tcp', '80/tcp'],
      environment: [
        ['PATH', '/bin'],
        ['A', 'b=c'],
        ['BARE', ''],
      ],
      labels: [
        ['a', '2'],
        ['z', '1'],
      ],
    });
  });

  it('takes nothing on trust', () => {
    expect(readConfig(null)).toBeUndefined();
    expect(readConfig({ config: { Env: 'A=1', Labels: ['a'], Cmd: [1] } })).toMatchObject({ environment: [], labels: [], command: [] });
  });
});
