import { Skeleton } from '@mantine/core';
import { TableSkeleton } from '@/ui/skeletons';

/** A page on its way: a heading and rows. Pages of another layout name their own as `pendingComponent`. */
export function PageSkeleton() {
  return (
    <div aria-busy>
      <Skeleton height={28} width={180} mb={24} />
      <TableSkeleton />
    </div>
  );
}
