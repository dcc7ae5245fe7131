import { Button, Group, Stack, Textarea } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type Repository, useUpdateRepository } from '@/api/repositories';
import { LeaveGuard } from '@/app/LeaveGuard';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { TypeField } from '@/features/images/TypeField';
import { ErrorState } from '@/ui/ErrorState';
import { focusFirst, scrollTo } from '@/ui/fields';
import { ButtonLink } from '@/ui/links';
import { Notice } from '@/ui/Notice';
import { DescriptionField } from './DescriptionField';

/** The longest short description, in characters; the server refuses more. */
const LONGEST_SHORT = 100;

interface InformationFormProps {
  name: string;
  /** What the fields begin with. */
  first: Pick<Repository, 'short_description' | 'description' | 'public'>;
  /** Whether builds write the full description: then it is only shown. */
  synced: boolean;
  /** Whether somebody else saved meanwhile. */
  overtaken: boolean;
  /** Puts what somebody else saved into the fields. */
  onLoad: () => Promise<void>;
  /** Asks the server; what somebody else saved is not written over. */
  isOvertaken: () => Promise<boolean>;
  onSaved: () => void;
}

export function InformationForm({ name, first, synced, overtaken, onLoad, isOvertaken, onSaved }: InformationFormProps) {
  const say = useWords();
  const update = useUpdateRepository(name);
  const [short, setShort] = useState(first.short_description);
  const [description, setDescription] = useState(first.description);
  const [open, setOpen] = useState(first.public);
  const changes = {
    ...(short.trim() !== first.short_description && { short_description: short.trim() }),
    ...(!synced && description !== first.description && { description }),
    ...(open !== first.public && { public: open }),
  };
  const dirty = Object.keys(changes).length > 0;
  const field = isProblem(update.error) ? update.error.field : undefined;
  const errorOf = (path: string) => (field === path && isProblem(update.error) ? update.error.beside : undefined);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!dirty) return onSaved();
    if (await isOvertaken()) return;
    update.mutate(changes, {
      onSuccess: onSaved,
      onError: (error) => isProblem(error) && error.field && focusFirst({ [error.field]: error.beside }),
    });
  };

  return (
    <form onSubmit={submit} noValidate>
      <LeaveGuard dirty={dirty && !update.isPending && !update.isSuccess} />
      <Stack gap="lg" maw={720}>
        <Textarea
          data-path="short_description"
          label={say('console.images.short_description')}
          description={say('console.images.at_most', { most: LONGEST_SHORT })}
          maxLength={LONGEST_SHORT}
          autosize
          minRows={2}
          value={short}
          onChange={(event) => setShort(event.currentTarget.value)}
          error={errorOf('short_description')}
        />
        <DescriptionField value={description} onChange={setDescription} synced={synced} error={errorOf('description')} />
        <TypeField open={open} onChange={setOpen} />
        {overtaken && (
          <div ref={scrollTo}>
            <Notice tone="warning" title={say('console.information.changed')}>
              <Button variant="default" onClick={() => void onLoad()}>
                {say('console.information.load')}
              </Button>
            </Notice>
          </div>
        )}
        {update.error && !field && <ErrorState problem={update.error} />}
        <Group>
          <Button type="submit" loading={update.isPending}>
            {say('console.core.save')}
          </Button>
          <ButtonLink to="/images/$name/info" params={{ name }} variant="default">
            {say('console.core.cancel')}
          </ButtonLink>
        </Group>
      </Stack>
    </form>
  );
}
