import { Group, Text, Title } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { repositoryQuery } from '@/api/repositories';
import { useSession } from '@/api/session';
import { useWords } from '@/app/words';
import { ImageFrame } from '@/features/images/ImageFrame';
import { CommandLine } from '@/ui/CommandLine';
import { ButtonLink } from '@/ui/links';
import { listCommands, type Tool, tools } from './commands';
import classes from './usage.module.css';

/** Names of programs are the same in every language. */
const names: Record<Tool, string> = { docker: 'Docker', podman: 'Podman', containerd: 'containerd', kubernetes: 'Kubernetes' };

/** A version to show where there is none yet. */
const FIRST_TAG = 'v1';

/** 使用指引: what to type to sign in, pull and push, with the real address, name and newest version. */
export function UsagePage({ name, tool }: { name: string; tool: Tool }) {
  const say = useWords();
  const { user, address: registry } = useSession();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const commands = listCommands(tool, {
    registry,
    address: image.address,
    tag: image.latest_tag ?? FIRST_TAG,
    username: user?.username,
    pushes: image.may.includes('push'),
    open: image.public,
    plain: window.location.protocol === 'http:',
  });
  return (
    <ImageFrame name={name} tab={say('console.images.tab.usage')}>
      <Group component="nav" aria-label={say('console.usage.tool')} gap={4} mb="lg">
        {tools.map((each) => (
          <ButtonLink
            key={each}
            to="/images/$name/usage"
            params={{ name }}
            search={{ tool: each }}
            replace
            variant={each === tool ? 'light' : 'subtle'}
            aria-current={each === tool ? 'page' : undefined}
          >
            {names[each]}
          </ButtonLink>
        ))}
      </Group>
      <ol className={classes.steps}>
        {commands.map(({ title, text }, index) => (
          <li key={title} className={classes.step}>
            <Title order={2} mb={8}>
              {index + 1} {say(title)}
            </Title>
            <CommandLine label={say(title)} text={text} />
          </li>
        ))}
      </ol>
      <Text c="dimmed" size="sm" className={classes.note}>
        {say('console.usage.token_hint')}{' '}
        {window.location.protocol === 'http:' && tool === 'docker' && say('console.images.insecure_registry', { address: registry })}
      </Text>
    </ImageFrame>
  );
}
