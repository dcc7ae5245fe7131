import type { Namespace } from '@/api/namespaces';
import { CancelButton, Overlay } from '@/app/Overlay';
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
    <Overlay onClose={onClose} title={say('console.core.create_namespace')}>
      <NamespaceForm onMade={onMade} cancel={<CancelButton />} />
    </Overlay>
  );
}
