import { Modal, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFolder, IconHammer, IconPackage, IconSearch, IconTag } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useId, useState } from 'react';
import { type Found, searchQuery } from '@/api/search';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { buildState } from '@/features/builds/buildState';
import { ErrorState } from '@/ui/ErrorState';
import { StateBadge } from '@/ui/StateBadge';
import classes from './search.module.css';

/** How long (ms) after the last key the server is asked. */
const SETTLED = 200;

const groups = [
  { kind: 'repository', Icon: IconPackage, word: 'console.core.search_images' },
  { kind: 'version', Icon: IconTag, word: 'console.core.search_versions' },
  { kind: 'build', Icon: IconHammer, word: 'console.core.search_builds' },
  { kind: 'namespace', Icon: IconFolder, word: 'console.core.search_namespaces' },
] as const;

interface SearchDialogProps {
  /** What the address asks for. */
  term: string;
  onTerm: (term: string) => void;
  onClose: () => void;
}

/** A search over everything somebody may see: arrows choose, Enter goes there. */
export default function SearchDialog({ term, onTerm, onClose }: SearchDialogProps) {
  const say = useWords();
  const navigate = useNavigate();
  const list = useId();
  const [typed, setTyped] = useState(term);
  const [asked] = useDebouncedValue(typed.trim(), SETTLED);
  const found = useQuery(searchQuery(asked));
  const tell = useEffectEvent((next: string) => next !== term && onTerm(next));
  useEffect(() => void tell(asked), [asked]);
  const [wanted, setWanted] = useState(0);

  const shown = asked === '' ? [] : groups.flatMap(({ kind }) => (found.data ?? []).filter((item) => item.kind === kind));
  // Fresh results may be fewer than those that stood in for them.
  const chosen = Math.min(wanted, Math.max(0, shown.length - 1));
  // The way back from there leads to what was found.
  const go = (item: Found) => {
    const name = item.repository ?? item.name;
    if (item.kind === 'repository') void navigate({ to: '/images/$name', params: { name } });
    else if (item.kind === 'version' && item.tag) void navigate({ to: '/images/$name/versions/$tag', params: { name, tag: item.tag } });
    else if (item.kind === 'build') void navigate({ to: '/images/$name/builds/$number', params: { name, number: String(item.number) } });
    else void navigate({ to: '/namespaces/$namespace', params: { namespace: item.name } });
  };
  const walk = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && shown.length > 0) {
      event.preventDefault();
      setWanted((chosen + step + shown.length) % shown.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const item = shown[chosen];
      if (item) go(item);
    }
  };
  const nothing = asked !== '' && found.isSuccess && !found.isPlaceholderData && shown.length === 0;
  return (
    <Modal opened onClose={onClose} title={say('console.core.search')} size="lg" yOffset="10dvh" closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <TextInput
        data-autofocus
        role="combobox"
        aria-label={say('console.core.search')}
        aria-expanded={shown.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown.length > 0 ? `${list}-${chosen}` : undefined}
        placeholder={say('console.core.search_placeholder')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setWanted(0);
        }}
        onKeyDown={walk}
      />
      {found.error && <ErrorState problem={found.error} retry={() => found.refetch()} />}
      <div id={list} role="listbox" aria-label={say('console.core.search_results')} className={classes.list}>
        {groups.map(({ kind, Icon, word }) => {
          const items = shown.filter((item) => item.kind === kind);
          if (items.length === 0) return null;
          return (
            <div key={kind} role="group" aria-label={say(word)}>
              <div className={classes.group} aria-hidden>
                {say(word)}
              </div>
              {items.map((item) => (
                <Option key={item.name} id={`${list}-${shown.indexOf(item)}`} item={item} chosen={shown[chosen] === item} onChoose={() => go(item)}>
                  <Icon size={16} className="muted" aria-hidden />
                </Option>
              ))}
            </div>
          );
        })}
      </div>
      <p className="muted" aria-live="polite">
        {nothing ? say('console.core.nothing_matches') : <VisuallyHidden>{shown.length > 0 ? say('console.core.search_count', { count: shown.length }) : ''}</VisuallyHidden>}
      </p>
    </Modal>
  );
}

interface OptionProps {
  id: string;
  item: Found;
  chosen: boolean;
  onChoose: () => void;
  children: ReactNode;
}

// Keys are the field's: it keeps the focus.
function Option({ id, item, chosen, onChoose, children }: OptionProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div id={id} role="option" aria-selected={chosen} className={classes.option} onClick={onChoose}>
      {children}
      <span className={classes.name}>{item.name}</span>
      {item.state && <StateBadge state={buildState({ state: item.state })} />}
      {item.commit && <span className={`${classes.description} mono`}>{item.commit.slice(0, 8)}</span>}
      {item.short_description && <span className={classes.description}>{item.short_description}</span>}
    </div>
  );
}
