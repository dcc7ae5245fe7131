import { Button, Modal } from '@mantine/core';
import type { Namespace } from '@/api/namespaces';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { NamespaceForm } from './NamespaceForm';

interface NewNamespaceProps {
  onMade: (namespace: Namespace) => void;
  onClose: () => void;
}

/** A new namespace over the page that needs one. Its words are fetched by that page. */
export default function NewNamespace({ onMade, onClose }: NewNamespaceProps) {
  const say = useWords();
  return (
    <Modal opened onClose={onClose} title={say('console.core.create_namespace')} centered closeOnClickOutside={false} closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <NamespaceForm
        onMade={onMade}
        cancel={
          <Button variant="default" onClick={onClose}>
            {say('console.core.cancel')}
          </Button>
        }
      />
    </Modal>
  );
}
