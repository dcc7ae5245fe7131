import { Title } from '@mantine/core';
import type { Source } from '@/api/sources';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';

/** The public part of the key that wharf fetches with over ssh: it has to be added to each repository. */
export function DeployKey({ source }: { source: Source }) {
  const say = useWords();
  if (!source.public_key) return null;
  return (
    <section aria-labelledby="deploy-key">
      <Title order={2} id="deploy-key" mb="xs">
        {say('console.sources.deploy_key')}
      </Title>
      <p className="muted" style={{ margin: '0 0 8px' }}>
        {say('console.sources.deploy_key_text')}
      </p>
      <CommandLine label={say('console.sources.deploy_key')} text={source.public_key} />
    </section>
  );
}
