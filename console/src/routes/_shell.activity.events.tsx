import { createFileRoute } from '@tanstack/react-router';
import { activityQuery } from '@/api/activity';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { EventsPage } from '@/features/activity/EventsPage';
import { readEventsSearch, toActivityFilter } from '@/features/activity/search';

export const Route = createFileRoute('/_shell/activity/events')({
  validateSearch: readEventsSearch,
  beforeLoad: requireUser,
  loaderDeps: ({ search }) => readEventsSearch({ ...search }),
  loader: ({ context, deps }) =>
    Promise.all([loadWords('activity'), context.queries.ensureInfiniteQueryData(activityQuery(toActivityFilter(deps)))]),
  component: Events,
});

function Events() {
  return <EventsPage search={Route.useSearch()} />;
}
