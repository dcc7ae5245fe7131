import { Button, Drawer, Group, Modal, type ModalProps, Stack } from '@mantine/core';
import { createContext, type FormEvent, type ReactNode, type Ref, useCallback, useContext, useRef, useState } from 'react';
import './styles/forms';
import './styles/overlays';
import { LeaveGuard } from './LeaveGuard';
import { AroundInput, useLeaving } from './leaving';
import { useWords } from './words';

/** What closes the overlay that somebody is in, after the question where something is typed. */
const Close = createContext<() => void>(() => undefined);

interface OverlayProps {
  title: string;
  onClose: () => void;
  /** At the side: for what is longer than a few fields. */
  drawer?: boolean;
  size?: ModalProps['size'];
  /** Not where Esc belongs to an editor in it. */
  closeOnEscape?: boolean;
  /** Whether it stays open while the path does, whatever else the address says. */
  inPage?: boolean;
  children: ReactNode;
}

/** A dialog or a drawer that something is typed in. What a `LeaveGuard` in it reports is not closed away without a question. */
export function Overlay({ title, onClose, drawer = false, size, closeOnEscape = true, inPage, children }: OverlayProps) {
  const say = useWords();
  const [dirty, setDirty] = useState(false);
  const { asking, leave, question } = useLeaving(dirty, inPage);
  // What listens to Esc may be of the drawing before.
  const now = useRef(false);
  const report = useCallback((next: boolean) => {
    now.current = next;
    setDirty(next);
  }, []);
  const close = useCallback(() => leave(onClose, now.current), [leave, onClose]);
  const shared = {
    opened: true,
    onClose: close,
    title,
    size,
    // What is typed here is worth more than a click beside it.
    closeOnClickOutside: false,
    // Esc answers the question first.
    closeOnEscape: closeOnEscape && !asking,
    closeButtonProps: { 'aria-label': say('console.core.close') },
  };
  return (
    <Close value={close}>
      <AroundInput value={report}>
        {drawer ? (
          <Drawer position="right" {...shared}>
            {children}
          </Drawer>
        ) : (
          <Modal centered {...shared}>
            {children}
          </Modal>
        )}
      </AroundInput>
      {question}
    </Close>
  );
}

interface FormOverlayProps extends OverlayProps {
  formRef?: Ref<HTMLFormElement>;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  /** The words of the button. */
  submit: string;
  /** What saves it: what is on its way, or there, is not lost. */
  saves: { isPending: boolean; isSuccess: boolean };
  /** Whether something was chosen that no field tells of by itself. */
  changed?: boolean;
  /** Another way out, at the other end of the buttons. */
  beside?: ReactNode;
}

/** An `Overlay` that is one form: its fields, and 保存 and 取消 below them. */
export function FormOverlay({ formRef, onSubmit, submit, saves, changed = false, beside, children, ...overlay }: FormOverlayProps) {
  const [typed, setTyped] = useState(false);
  return (
    <Overlay {...overlay}>
      <form ref={formRef} onSubmit={onSubmit} onChange={() => setTyped(true)} noValidate>
        <LeaveGuard dirty={(typed || changed) && !saves.isPending && !saves.isSuccess} />
        <Stack gap="lg">
          {children}
          <Buttons submit={submit} pending={saves.isPending} beside={beside} />
        </Stack>
      </form>
    </Overlay>
  );
}

/** 取消: closes the overlay that it is in. */
export function CancelButton() {
  const say = useWords();
  return (
    <Button variant="default" onClick={useContext(Close)}>
      {say('console.core.cancel')}
    </Button>
  );
}

function Buttons({ submit, pending, beside }: { submit: string; pending: boolean; beside?: ReactNode }) {
  return (
    <Group justify={beside ? 'space-between' : 'flex-end'}>
      {beside}
      <Group>
        <CancelButton />
        <Button type="submit" loading={pending}>
          {submit}
        </Button>
      </Group>
    </Group>
  );
}
