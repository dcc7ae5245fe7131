import { Title } from '@mantine/core';
import type { Source } from '@/api/sources';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { Copy } from '@/ui/Copy';

/** The keys that an ssh server has to prove itself with, and their fingerprints, which people compare with what the server says. */
export function HostKeys({ source }: { source: Source }) {
  const say = useWords();
  const { host_keys: keys = [], host_key_fingerprints: fingerprints = [] } = source;
  if (keys.length === 0) return null;
  return (
    <section aria-labelledby="host-keys">
      <Title order={2} id="host-keys" mb="xs">
        {say('console.sources.host_keys')}
      </Title>
      <p className="muted" style={{ margin: '0 0 8px' }}>
        {say(source.host_keys_origin === 'pinned' ? 'console.sources.host_keys_pinned' : 'console.sources.host_keys_given')}
      </p>
      <CommandLine label={say('console.sources.host_keys')} text={keys.join('\n')} />
      <ul aria-label={say('console.sources.fingerprints')} style={{ margin: '8px 0 0', padding: 0, listStyle: 'none' }}>
        {fingerprints.map((fingerprint, index) => (
          <li key={fingerprint} style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 8 }}>
            <span className="muted mono">{keys[index]?.split(' ')[0]}</span>
            <span className="mono">{fingerprint}</span>
            <Copy value={fingerprint} label={say('console.sources.fingerprint')} />
          </li>
        ))}
      </ul>
    </section>
  );
}
