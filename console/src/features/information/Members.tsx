import { useInfiniteQuery } from '@tanstack/react-query';
import { membersQuery } from '@/api/members';
import { joinPages } from '@/api/page';
import { sayRole } from '@/app/roles';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { TableSkeleton } from '@/ui/skeletons';
import classes from './information.module.css';

/** People shown beside a description; more push what is below out of sight. */
const SHOWN = 10;

/** Who works on a namespace's images, and as what. */
export function Members({ namespace }: { namespace: string }) {
  const say = useWords();
  const members = useInfiniteQuery(membersQuery(namespace));
  if (members.error) return <ErrorState problem={members.error} retry={() => void members.refetch()} />;
  if (!members.data) return <TableSkeleton rows={2} />;
  const all = joinPages(members.data);
  if (all.length === 0) return <p className="muted">{say('console.information.no_members')}</p>;
  const rest = all.length - SHOWN;
  return (
    <>
      <ul className={classes.people}>
        {all.slice(0, SHOWN).map((member) => (
          <li key={member.username}>
            <MiddleCut text={member.username} />
            <span className="muted nowrap">{sayRole(member.role, say)}</span>
          </li>
        ))}
      </ul>
      <TextLink to="/namespaces/$namespace/members" params={{ namespace }}>
        {rest > 0 ? say('console.information.more_members', { count: rest }) : say('console.information.all_members')}
      </TextLink>
    </>
  );
}
