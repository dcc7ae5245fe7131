import { Button, Code, Group } from '@mantine/core';
import '@mantine/core/styles/Code.layer.css';
import { IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { joinPages } from '@/api/page';
import { type Token, tokensQuery } from '@/api/tokens';
import { overList, useOverList } from '@/app/overList';
import { Page } from '@/app/Page';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { Time } from '@/ui/Time';
import { sayAction } from './actions';

export interface TokensSearch {
  /** The form for a new token is open. */
  new?: true;
}

const CreateToken = lazy(() => import('./CreateToken'));
const DeleteToken = lazy(() => import('./DeleteToken'));

/** 访问令牌: what stands for the account's password in docker, scripts and pipelines. */
export function TokensPage({ search }: { search: TokensSearch }) {
  const say = useWords();
  const form = useOverList<TokensSearch>({ new: undefined });
  const tokens = useSuspenseInfiniteQuery(tokensQuery());
  const rows = joinPages(tokens.data);
  const [deleting, setDeleting] = useState<Token>();
  const title = say('console.core.tokens');
  const create = (
    <ButtonLink to="/account/tokens" search={{ new: true }} {...overList} leftSection={<IconPlus size={16} aria-hidden />}>
      {say('console.account.create_token')}
    </ButtonLink>
  );
  return (
    <Page title={title} actions={rows.length > 0 && create}>
      {rows.length === 0 ? (
        <EmptyPlace title={say('console.account.no_tokens')} text={say('console.account.no_tokens_text')}>
          {create}
        </EmptyPlace>
      ) : (
        <DataTable
          label={title}
          columns={listColumns(say)}
          rows={rows}
          keyOf={(token) => token.id}
          more={tokens}
          actions={(token) => (
            <Button variant="subtle" color="danger" c="var(--w-failed)" aria-label={say('console.account.delete_named', { name: token.name })} onClick={() => setDeleting(token)}>
              {say('console.core.delete')}
            </Button>
          )}
        />
      )}
      <Suspense fallback={null}>
        {search.new && <CreateToken onClose={form.close} />}
        {deleting && <DeleteToken token={deleting} onClose={() => setDeleting(undefined)} />}
      </Suspense>
    </Page>
  );
}

const listColumns = (say: Say): Column<Token>[] => [
  { key: 'name', title: say('console.account.token_name'), grows: true, cell: (token) => token.name },
  {
    key: 'actions',
    title: say('console.account.token_actions'),
    cell: (token) => (
      <Group gap={4}>
        {token.actions.map((action) => (
          <Code key={action}>{sayAction(action, say)}</Code>
        ))}
      </Group>
    ),
  },
  { key: 'created', title: say('console.core.created'), from: 1200, cell: (token) => <Time at={token.created_at} /> },
  { key: 'used', title: say('console.account.token_used'), cell: (token) => <Time at={token.last_used_at} /> },
  {
    key: 'expires',
    title: say('console.account.token_expires'),
    cell: (token) => (token.expires_at ? <Time at={token.expires_at} mode="record" /> : say('console.account.never')),
  },
];
