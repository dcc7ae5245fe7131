import { Button, Group, Text, Title } from '@mantine/core';
import { IconLoader, IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { Repository } from '@/api/repositories';
import { useSession } from '@/api/session';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { useFirstNamespace } from '@/features/namespaces/first';
import { NamespaceSelect } from '@/features/namespaces/NamespaceSelect';
import { CommandLine } from '@/ui/CommandLine';
import { Copy } from '@/ui/Copy';
import { ButtonLink, TextLink } from '@/ui/links';
import { Notice } from '@/ui/Notice';
import classes from './images.module.css';

const NewNamespace = lazy(() => import('@/features/namespaces/NewNamespace'));

/** Nothing is here yet: the three commands of a first push, with real names, and the push as it arrives. */
export default function FirstImage({ received }: { received?: Repository }) {
  const say = useWords();
  const { user, address } = useSession();
  const [chosen, setChosen] = useState<string>();
  const [creating, setCreating] = useState(false);
  const namespace = useFirstNamespace(chosen);
  const name = `${address}/${namespace ?? say('console.images.some_namespace')}/hello:v1`;
  const commands = [
    { label: say('console.images.login_command'), text: `docker login ${address} -u ${user?.username ?? ''}` },
    { label: say('console.images.tag_command'), text: `docker tag hello-world ${name}` },
    { label: say('console.images.push_command'), text: `docker push ${name}` },
  ];
  return (
    <section aria-labelledby="first-image">
      <Title order={2} id="first-image">
        {say('console.images.first')}
      </Title>
      <ol className={classes.steps}>
        <li className={classes.step}>
          <Group align="end" gap="sm">
            {namespace && (
              <NamespaceSelect
                verb="create_repositories"
                value={namespace}
                onChange={(value) => value && setChosen(value)}
                allowDeselect={false}
                w={{ base: '100%', sm: 280 }}
              />
            )}
            {user?.may.includes('create_namespaces') && (
              <Button variant={namespace ? 'default' : 'filled'} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
                {say('console.core.create_namespace')}
              </Button>
            )}
          </Group>
          {!namespace && (
            <Text c="dimmed" mt={8}>
              {say('console.images.namespace_first')}
            </Text>
          )}
          {creating && (
            <Suspense fallback={null}>
              <NewNamespace
                onMade={(made) => {
                  setChosen(made.name);
                  setCreating(false);
                }}
                onClose={() => setCreating(false)}
              />
            </Suspense>
          )}
        </li>
        <li className={classes.step}>
          <Group justify="space-between" mb={8}>
            <Text>{say('console.images.run_in_terminal')}</Text>
            <Copy spelled value={commands.map(({ text }) => text).join('\n')} label={say('console.images.all')} />
          </Group>
          {commands.map(({ label, text }) => (
            <div key={text} style={{ marginTop: 8 }}>
              <CommandLine label={label} text={text} />
            </div>
          ))}
          {user && !user.has_password && (
            <Text c="dimmed" size="xs" mt={8}>
              {say('console.images.no_password')} <TextLink to="/account/tokens">{say('console.images.create_token')}</TextLink>
            </Text>
          )}
          {window.location.protocol === 'http:' && (
            <Text c="dimmed" size="xs" mt={8}>
              {say('console.images.insecure_registry', { address })}
            </Text>
          )}
        </li>
        <li className={classes.step}>
          <Arrival received={received} />
        </li>
      </ol>
      <Group gap={8} mt="lg">
        <span className="muted">{say('console.images.no_image_at_hand')}</span>
        <TextLink to="/images/-/new" search={{ from: 'git' }}>
          {say('console.images.build_from_git')}
        </TextLink>
      </Group>
    </section>
  );
}

function Arrival({ received }: { received?: Repository }) {
  const say = useWords();
  return (
    <div aria-live="polite">
      {received ? (
        <Notice tone="success" title={say('console.images.received', { name: received.latest_tag ? `${received.name}:${received.latest_tag}` : received.name })}>
          <ButtonLink to="/images/$name" params={{ name: received.name }} mt={4}>
            {say('console.images.view')}
          </ButtonLink>
        </Notice>
      ) : (
        <Group gap={8} className="muted" mih={28}>
          <IconLoader size={18} aria-hidden />
          {say('console.images.waiting')}
        </Group>
      )}
    </div>
  );
}
