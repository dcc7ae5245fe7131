import { ActionBar, Button, Group } from '@mantine/core';
import '@mantine/core/styles/Affix.layer.css';
import { lazy, Suspense, useId, useState } from 'react';
import '@/app/styles/facts';
import { useWords } from '@/app/words';
import { ButtonLink } from '@/ui/links';
import type { Ticks } from './ticks';

const DeleteVersions = lazy(() => import('./DeleteVersions'));

interface SelectionBarProps {
  name: string;
  ticks: Ticks;
  /** Whether the reader may delete. */
  deletes: boolean;
}

/** What can be done with the ticked versions: two are compared, any number is deleted. It lies over the page, so no row moves. */
export function SelectionBar({ name, ticks, deletes }: SelectionBarProps) {
  const say = useWords();
  const [deleting, setDeleting] = useState<string[]>();
  const why = useId();
  const [a, b] = ticks.names;
  const two = ticks.names.length === 2;
  return (
    <>
      <ActionBar opened={ticks.names.length > 0} onClose={ticks.clear} aria-label={say('console.versions.ticked')}>
        <Group gap="sm">
          {two && a !== undefined && b !== undefined ? (
            <ButtonLink to="/images/$name/compare" params={{ name }} search={{ a, b }} variant="default">
              {say('console.versions.compare')}
            </ButtonLink>
          ) : (
            <>
              <Button variant="default" aria-disabled aria-describedby={why}>
                {say('console.versions.compare')}
              </Button>
              <span id={why} className="muted">
                {say('console.versions.compare_two')}
              </span>
            </>
          )}
          {deletes && (
            <Button variant="outline" color="danger" onClick={() => setDeleting(ticks.names)}>
              {say('console.versions.delete_count', { count: ticks.names.length })}
            </Button>
          )}
          <ActionBar.CloseButton aria-label={say('console.versions.untick')} />
        </Group>
      </ActionBar>
      {deleting && (
        <Suspense fallback={null}>
          <DeleteVersions name={name} tags={deleting} onClose={() => setDeleting(undefined)} onDeleted={() => ticks.remove(deleting)} />
        </Suspense>
      )}
    </>
  );
}
