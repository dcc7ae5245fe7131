import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { joinPages } from '@/api/page';
import { type Decision, decisionsQuery } from '@/api/rules';
import { useWords } from '@/app/words';
import { readRef } from '@/features/builds/buildState';
import { type Column, DataTable } from '@/ui/DataTable';
import { Commit } from '@/ui/Digest';
import { MiddleCut } from '@/ui/MiddleCut';
import { Time } from '@/ui/Time';

/** 未构建的提交: pushes that a rule heard of and did not build, each with its reason. */
export default function NotBuilt({ image, rule }: { image: string; rule: string }) {
  const say = useWords();
  const list = useSuspenseInfiniteQuery(decisionsQuery(image, rule));
  const skipped = joinPages(list.data).filter((made) => made.decision === 'skipped' || made.decision === 'superseded');
  if (skipped.length === 0 && !list.hasNextPage) {
    return (
      <p className="muted" style={{ margin: 0 }}>
        {say('console.rules.all_built')}
      </p>
    );
  }
  const columns: Column<Decision>[] = [
    { key: 'at', title: say('console.core.time'), cell: (made) => <Time at={made.at} mode="record" /> },
    { key: 'ref', title: say('console.builds.ref'), grows: true, cell: (made) => <MiddleCut text={readRef(made.ref)?.name ?? made.ref} /> },
    { key: 'commit', title: say('console.builds.commit'), cell: (made) => (made.new ? <Commit value={made.new} /> : <span className="muted">–</span>) },
    { key: 'reason', title: say('console.rules.reason'), cell: (made) => made.message ?? made.reason },
  ];
  return (
    <DataTable label={say('console.rules.not_built')} columns={columns} rows={skipped} keyOf={(made) => made.id} more={list} />
  );
}
