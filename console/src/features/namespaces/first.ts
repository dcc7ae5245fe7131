// The namespace that a form about a new image begins with.
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { namespacesQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import { useSession } from '@/api/session';

/** The one that is wished for, or the reader's own, or the first in which images may be made; `undefined` where there is none. */
export function useFirstNamespace(wished?: string): string | undefined {
  const { user } = useSession();
  const names = joinPages(useSuspenseInfiniteQuery(namespacesQuery({ may: 'create_repositories' })).data).map(({ name }) => name);
  return wished ?? names.find((name) => name === user?.username) ?? names[0];
}
