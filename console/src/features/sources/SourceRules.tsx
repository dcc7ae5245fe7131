import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { sourceRulesQuery, type SourceUse } from '@/api/sources';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { ErrorState } from '@/ui/ErrorState';
import { TextLink } from '@/ui/links';
import { TableSkeleton } from '@/ui/skeletons';

/** The rules that fetch with a source; that there are none is said once it is known. */
export function SourceRules({ source }: { source: string }) {
  const say = useWords();
  const rules = useQuery(sourceRulesQuery(source));
  const title = say('console.sources.rules_title');
  return (
    <section aria-labelledby="source-rules">
      <Title order={2} id="source-rules" mb="xs">
        {title}
      </Title>
      {rules.isPending ? (
        <TableSkeleton rows={2} />
      ) : !rules.data ? (
        <ErrorState problem={rules.error} retry={() => void rules.refetch()} />
      ) : rules.data.length > 0 ? (
        <DataTable label={title} columns={listColumns(say)} rows={rules.data} keyOf={(use) => `${use.repository} ${use.rule}`} />
      ) : (
        <p className="muted">{say('console.sources.no_rules')}</p>
      )}
    </section>
  );
}

const listColumns = (say: Say): Column<SourceUse>[] => [
  {
    key: 'image',
    title: say('console.sources.image'),
    grows: true,
    cell: (use) => (
      <TextLink to="/images/$name/builds" params={{ name: use.repository }}>
        {use.repository}
      </TextLink>
    ),
  },
  { key: 'rule', title: say('console.sources.rule'), cell: (use) => use.rule },
  { key: 'remote', title: say('console.sources.repository'), cell: (use) => use.remote },
];
