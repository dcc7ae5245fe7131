import { describe, expect, it } from 'vitest';
import { listCommands, type Place } from './commands';

const place: Place = {
  registry: 'hub.example.cn',
  address: 'hub.example.cn/team/web',
  tag: 'v1',
  username: 'li.wei',
  pushes: true,
  open: false,
  plain: false,
};

describe('listCommands', () => {
  it('signs in, pulls and pushes with the real names', () => {
    expect(listCommands('docker', place).map(({ text }) => text)).toEqual([
      'docker login hub.example.cn -u li.wei',
      'docker pull hub.example.cn/team/web:v1',
      'docker tag <image> hub.example.cn/team/web:v1\ndocker push hub.example.cn/team/web:v1',
    ]);
  });

  it('asks nobody to sign in for a public image', () => {
    const reader = { ...place, open: true, pushes: false, username: undefined };
    expect(listCommands('podman', reader).map(({ text }) => text)).toEqual(['podman pull hub.example.cn/team/web:v1']);
    expect(listCommands('kubernetes', reader)).toHaveLength(1);
    expect(listCommands('containerd', reader)[0]?.text).toBe('ctr images pull hub.example.cn/team/web:v1');
  });

  it('says so where there is no TLS', () => {
    expect(listCommands('podman', { ...place, plain: true })[0]?.text).toContain('--tls-verify=false');
    expect(listCommands('containerd', { ...place, plain: true })[0]?.text).toContain('--plain-http');
  });

  it('names a pull secret in the pod that needs it', () => {
    expect(listCommands('kubernetes', place)[1]?.text).toContain('imagePullSecrets:\n    - name: wharf-pull');
  });
});
