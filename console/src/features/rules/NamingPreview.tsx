import { Table, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { isProblem } from '@/api/problem';
import { previewNaming } from '@/api/rules';
import { useWords } from '@/app/words';
import { readArguments } from './ArgumentRows';
import { readNaming, type RuleValues } from './ruleValues';
import { listSamples } from './samples';

/** How long (ms) after the last key the server is asked. */
const SETTLED = 300;

/** A commit as it is shown in examples. */
const COMMIT = '3f9c21d8b4a6e0571c92fd38a7be64150d2c8e97';

/** 版本预览: what images of some branches and tags would be called, by the server's own function. */
export function NamingPreview({ values }: { values: RuleValues }) {
  const say = useWords();
  const [wanted] = useDebouncedValue(
    { naming: readNaming(values), build_args: readArguments(values.args), refs: listSamples(values) },
    SETTLED,
  );
  const key = JSON.stringify(wanted);
  const preview = useQuery({
    queryKey: ['naming-preview', key],
    queryFn: ({ signal }) =>
      Promise.all(
        wanted.refs.map(async (ref) => {
          try {
            const { tags } = await previewNaming({ naming: wanted.naming, build_args: wanted.build_args, ref, commit: COMMIT }, signal);
            return { ref, tags };
          } catch (error) {
            if (isProblem(error) && error.status === 422) return { ref, tags: [], problem: error.beside };
            if (isProblem(error) && error.status === 400) return { ref, tags: [], problem: error.beside };
            throw error;
          }
        }),
      ),
    placeholderData: keepPreviousData,
  });
  const problems = [...new Set(preview.data?.flatMap((row) => row.problem ?? []))];
  return (
    <section aria-labelledby="naming-preview">
      <Title order={2} id="naming-preview" mb="sm">
        {say('console.rules.preview')}
      </Title>
      <Table aria-label={say('console.rules.preview')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say('console.builds.ref')}</Table.Th>
            <Table.Th>{say('console.builds.versions')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.data?.map((row) => (
            <Table.Tr key={row.ref}>
              <Table.Td className="mono">{row.ref.replace(/^refs\/(heads|tags)\//, '')}</Table.Td>
              <Table.Td className="mono">{row.tags.length > 0 ? row.tags.join(', ') : <span className="muted">–</span>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {problems.map((problem) => (
        <p key={problem} style={{ color: 'var(--w-failed)' }}>
          {problem}
        </p>
      ))}
      <p className="muted">{say('console.rules.preview_text')}</p>
    </section>
  );
}
