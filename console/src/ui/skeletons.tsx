import { Skeleton, Stack } from '@mantine/core';

/** The layout of a list while it is on its way. */
export function TableSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <Stack gap={12} aria-hidden>
      <Skeleton height={20} />
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={32} />
      ))}
    </Stack>
  );
}

/** The layout of a form or of facts while they are on their way. */
export function FormSkeleton({ fields = 5 }: { fields?: number }) {
  return (
    <Stack gap={16} maw={720} aria-hidden>
      {Array.from({ length: fields }, (_, index) => (
        <Stack key={index} gap={4}>
          <Skeleton height={14} width={120} />
          <Skeleton height={36} />
        </Stack>
      ))}
    </Stack>
  );
}
