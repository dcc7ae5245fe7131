import { Button, Group, Radio, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { type BuildFilter, type NewStart, uploadContext, useStartBuild } from '@/api/builds';
import { isProblem } from '@/api/problem';
import type { Repository } from '@/api/repositories';
import type { Rule } from '@/api/rules';
import { LeaveGuard } from '@/app/LeaveGuard';
import { CancelButton, Overlay } from '@/app/Overlay';
import { useReturn } from '@/app/overList';
import { useWords, type WordKey } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { usePhone } from '@/ui/phone';
import { FormSkeleton } from '@/ui/skeletons';
import { isTyped, newDraft, type StartDraft } from './startDraft';
import { StartFromRule } from './StartFromRule';

const StartFromDockerfile = lazy(() => import('./StartFromDockerfile'));

export type StartBy = 'ref' | 'commit' | 'dockerfile';

/** What a form of the drawer gives: the start, an archive to be uploaded first, or nothing while a field is wrong. */
export type Starting = { start: NewStart; archive?: File };

interface BuildNowProps {
  image: Repository;
  rules: Rule[];
  /** What the list beneath is narrowed to. */
  filter: BuildFilter;
  by?: string;
}

/** 立即构建: from a branch or tag, from a commit, or from a Dockerfile; then the log opens. */
export function BuildNow({ image, rules, filter, by: wished }: BuildNowProps) {
  const say = useWords();
  const navigate = useNavigate();
  const phone = usePhone();
  const start = useStartBuild(image.name);
  const [draft, setDraft] = useState(() => newDraft(rules[0]?.name));
  const [begun, setBegun] = useState(false);
  const [uploading, setUploading] = useState(false);
  const [failed, setFailed] = useState<unknown>();

  const ways: { by: StartBy; word: WordKey }[] = [
    ...(rules.length > 0
      ? [
          { by: 'ref' as const, word: 'console.builds.by.ref' as const },
          { by: 'commit' as const, word: 'console.builds.by.commit' as const },
        ]
      : []),
    ...(image.may.includes('start_loose_builds') ? [{ by: 'dockerfile' as const, word: 'console.builds.by.dockerfile' as const }] : []),
  ];
  const by = ways.find((way) => way.by === wished)?.by ?? ways[0]?.by;
  const close = useReturn(() => void navigate({ to: '/images/$name/builds', params: { name: image.name }, search: filter, replace: true, resetScroll: false }));
  const shared = { draft, change: (part: Partial<StartDraft>) => setDraft((before) => ({ ...before, ...part })) };

  const submit = async ({ start: wanted, archive }: Starting) => {
    setFailed(undefined);
    setBegun(true);
    try {
      setUploading(archive !== undefined);
      const context = archive && (await uploadContext(image.name, archive));
      setUploading(false);
      const { number } = await start.mutateAsync({ ...wanted, ...(context && { context }) });
      await navigate({ to: '/images/$name/builds/$number', params: { name: image.name, number: String(number) } });
    } catch (error) {
      setBegun(false);
      setUploading(false);
      setFailed(error);
    }
  };
  const wrong = isProblem(failed) && failed.field ? { field: failed.field, text: failed.beside } : undefined;
  const footer = (
    <>
      {failed !== undefined && !wrong && <ErrorState problem={failed} />}
      <Group mt="md">
        <Button type="submit" loading={start.isPending || uploading}>
          {say('console.builds.start')}
        </Button>
        <CancelButton />
      </Group>
    </>
  );
  return (
    <Overlay
      drawer
      title={say('console.images.build_now')}
      onClose={close}
      size={phone ? '100%' : 640}
      // There Esc belongs to the editor, which Tab leaves after it.
      closeOnEscape={by !== 'dockerfile'}
      inPage
    >
      <LeaveGuard dirty={isTyped(draft) && !begun} />
      <Stack gap="lg">
        <Radio.Group
          label={say('console.builds.by_title')}
          value={by ?? ''}
          onChange={(next) =>
            navigate({ to: '/images/$name/builds/-/new', params: { name: image.name }, search: { ...filter, by: next }, state: true, replace: true })
          }
        >
          <Stack gap={8} mt={4}>
            {ways.map((way) => (
              <Radio key={way.by} value={way.by} label={say(way.word)} />
            ))}
          </Stack>
        </Radio.Group>
        {by === 'dockerfile' ? (
          <Suspense fallback={<FormSkeleton fields={3} />}>
            <StartFromDockerfile {...shared} onStart={submit} wrong={wrong} footer={footer} />
          </Suspense>
        ) : (
          by && <StartFromRule {...shared} image={image.name} by={by} rules={rules} mayName={image.may.includes('push')} onStart={submit} wrong={wrong} footer={footer} />
        )}
      </Stack>
    </Overlay>
  );
}
