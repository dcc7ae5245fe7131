import { Code, Table, Title } from '@mantine/core';
import type { VersionDetail } from '@/api/versions';
import { useWords } from '@/app/words';
import { Copy } from '@/ui/Copy';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { Fact, Facts } from '@/ui/Facts';
import { readConfig } from './config';

/** 配置: what a container of this version runs, and with what. */
export function Config({ version }: { version: VersionDetail }) {
  const say = useWords();
  const facts = readConfig(version.config);
  if (!facts) return <EmptyPlace title={say('console.versions.no_config')} />;
  return (
    <>
      <Facts>
        <Fact label={say('console.versions.platform')}>{facts.platform}</Fact>
        <Fact label={say('console.versions.entrypoint')}>{facts.entrypoint && <Code>{JSON.stringify(facts.entrypoint)}</Code>}</Fact>
        <Fact label={say('console.versions.command')}>{facts.command && <Code>{JSON.stringify(facts.command)}</Code>}</Fact>
        <Fact label={say('console.versions.working_directory')}>{facts.workingDirectory && <Code>{facts.workingDirectory}</Code>}</Fact>
        <Fact label={say('console.versions.user')}>{facts.user}</Fact>
        <Fact label={say('console.versions.ports')}>{facts.ports.join(', ')}</Fact>
        <Fact label={say('console.versions.volumes')}>{facts.volumes.join(', ')}</Fact>
        <Fact label={say('console.versions.stop_signal')}>{facts.stopSignal}</Fact>
        <Fact label={say('console.versions.author')}>{facts.author}</Fact>
      </Facts>
      <Pairs title={say('console.versions.environment')} pairs={facts.environment} />
      <Pairs title={say('console.versions.labels')} pairs={facts.labels} />
      <Pairs title={say('console.versions.annotations')} pairs={Object.entries(version.annotations)} />
    </>
  );
}

function Pairs({ title, pairs }: { title: string; pairs: [string, string][] }) {
  const say = useWords();
  if (pairs.length === 0) return null;
  return (
    <section>
      <Title order={2} mb={8}>
        {title}
      </Title>
      <Table aria-label={title} mb="xl">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say('console.versions.key')}</Table.Th>
            <Table.Th>{say('console.versions.value')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {pairs.map(([key, value]) => (
            <Table.Tr key={key}>
              <Table.Td className="mono">{key}</Table.Td>
              <Table.Td className="mono">
                {value} <Copy value={value} label={key} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
