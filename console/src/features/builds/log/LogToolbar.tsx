import { Button, Group, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch } from '@tabler/icons-react';
import { useDebouncedCallback } from '@mantine/hooks';
import { type Ref, useState } from 'react';
import { logDownload } from '@/api/buildLog';
import type { BuildDetail } from '@/api/builds';
import { isProblem } from '@/api/problem';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { Copy } from '@/ui/Copy';
import { formatCount } from '@/ui/format/count';
import { IconButton } from '@/ui/IconButton';
import { writeLines } from './lineLink';
import classes from './LogView.module.css';
import type { LineRange } from './sections';
import type { LogSearch } from './useLogSearch';

/** How long (ms) after the last key the log is searched. */
const SETTLED = 250;

interface LogToolbarProps {
  ref: Ref<HTMLInputElement>;
  image: string;
  build: BuildDetail;
  wanted: string;
  onSearch: (wanted: string) => void;
  found: LogSearch;
  wrap: boolean;
  onWrap: () => void;
  times: boolean;
  onTimes: () => void;
  linked: LineRange | undefined;
  allOpen: boolean;
  onAll: (open: boolean) => void;
}

/** Search, and how the log is shown. */
export function LogToolbar(props: LogToolbarProps) {
  const { ref, image, build, wanted, onSearch, found, linked } = props;
  const say = useWords();
  const [typed, setTyped] = useState(wanted);
  const settle = useDebouncedCallback(onSearch, SETTLED);
  const address = `${window.location.origin}${window.location.pathname}${linked ? `#${writeLines(linked)}` : ''}`;
  const unless = found.found > 0 ? undefined : say(wanted === '' ? 'console.builds.search_first' : 'console.core.nothing_matches');
  const walk = (step: 1 | -1) => (unless === undefined ? void found.walk(step) : announce(unless));
  const change = (text: string) => {
    setTyped(text);
    settle(text);
  };
  return (
    <div className={classes.toolbar}>
      <Group gap={4} wrap="nowrap" className={classes.search}>
        <TextInput
          ref={ref}
          type="search"
          aria-label={say('console.builds.search_log')}
          placeholder={say('console.builds.search_log')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => change(event.currentTarget.value)}
          error={isProblem(found.problem) ? found.problem.detail : undefined}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void found.walk(event.shiftKey ? -1 : 1);
            if (event.key === 'Escape') change('');
          }}
        />
        <span className={classes.count} aria-live="polite">
          {wanted !== '' && `${formatCount(found.at)}/${formatCount(found.found)}`}
        </span>
        <IconButton aria-label={say('console.builds.match_before')} aria-disabled={unless !== undefined} title={unless} onClick={() => walk(-1)}>
          <IconChevronUp size={16} />
        </IconButton>
        <IconButton aria-label={say('console.builds.match_after')} aria-disabled={unless !== undefined} title={unless} onClick={() => walk(1)}>
          <IconChevronDown size={16} />
        </IconButton>
      </Group>
      <Group gap={8}>
        <Button variant="default" size="compact-sm" onClick={() => props.onAll(!props.allOpen)}>
          {say(props.allOpen ? 'console.builds.fold_all' : 'console.builds.expand_all')}
        </Button>
        <Button variant={props.wrap ? 'light' : 'default'} size="compact-sm" aria-pressed={props.wrap} onClick={props.onWrap}>
          {say('console.builds.wrap')}
        </Button>
        <Button variant={props.times ? 'light' : 'default'} size="compact-sm" aria-pressed={props.times} onClick={props.onTimes}>
          {say('console.builds.times')}
        </Button>
        <Copy value={address} label={say('console.builds.link')} />
        <Button component="a" href={logDownload(image, build.number)} download variant="default" size="compact-sm">
          {say('console.builds.download')}
        </Button>
      </Group>
    </div>
  );
}
