import { Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import '@/app/styles/forms';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { ErrorState } from './ErrorState';
import { FormSkeleton } from './skeletons';

export interface Loss {
  /** "12 versions (3.4 GB)" */
  text: string;
  /** The first of them by name. */
  names?: string[];
}

interface ConfirmByNameProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What has to be typed. */
  name: string;
  /** What is lost with it; `undefined` while it is being asked for. */
  losses: Loss[] | undefined;
  /** The words of the button: "Delete image". */
  action: string;
  onConfirm: () => void;
  pending: boolean;
  problem?: unknown;
}

/** Asks before something is lost for good: says what, and wants its name typed. Fetch it lazily: it brings the dialog. */
export function ConfirmByName({ opened, onClose, title, name, losses, action, onConfirm, pending, problem }: ConfirmByNameProps) {
  const say = useWords();
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState(false);
  const why = useId();
  const wrong = typed !== name;
  const submit = () => {
    if (wrong) {
      setAsked(true);
      document.getElementById(why)?.focus();
      return;
    }
    if (losses && !pending) onConfirm();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="lg">
          {losses ? <Losses losses={losses} /> : <FormSkeleton fields={1} />}
          <TextInput
            id={why}
            data-autofocus
            label={say('console.core.type_name', { name })}
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={asked && wrong ? say('console.core.type_name_wrong') : undefined}
          />
          {problem !== undefined && problem !== null && <ErrorState problem={problem} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {say('console.core.cancel')}
            </Button>
            <Button type="submit" color="danger" loading={pending}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Losses({ losses }: { losses: Loss[] }) {
  const say = useWords();
  if (losses.length === 0) return <Text>{say('console.core.loses_nothing')}</Text>;
  return (
    <div>
      <Text fw={600}>{say('console.core.loses')}</Text>
      <ul style={{ margin: '4px 0 0', paddingInlineStart: 20 }}>
        {losses.map((loss) => (
          <li key={loss.text}>
            {loss.text}
            {loss.names && loss.names.length > 0 && (
              <span className="muted">
                {' '}
                {loss.names.slice(0, SHOWN).map((each) => (
                  <Code key={each} mr={4}>
                    {each}
                  </Code>
                ))}
                {loss.names.length > SHOWN && '…'}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Names per kind: more push the field out of sight. */
const SHOWN = 5;
