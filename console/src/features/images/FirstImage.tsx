import { Alert, Group, Select, Text, Title } from '@mantine/core';
import { IconCircleCheckFilled, IconLoader } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namespacesQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import type { Repository } from '@/api/repositories';
import { useSession } from '@/api/session';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { Copy } from '@/ui/Copy';
import { ButtonLink } from '@/ui/links';
import classes from './images.module.css';

const canPush = new Set(['developer', 'maintainer', 'owner', 'admin']);

/** Nothing is here yet: the three commands of a first push, with real names, and the push as it arrives. */
export default function FirstImage({ received }: { received?: Repository }) {
  const say = useWords();
  const { user, address } = useSession();
  const namespaces = joinPages(useSuspenseInfiniteQuery(namespacesQuery()).data)
    .filter((namespace) => namespace.role && canPush.has(namespace.role))
    .map((namespace) => namespace.name);
  const [namespace, setNamespace] = useState(namespaces.find((name) => name === user?.username) ?? namespaces[0] ?? user?.username ?? '');
  const name = `${address}/${namespace}/hello:v1`;
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
          <Select
            label={say('console.core.namespace')}
            data={namespaces}
            value={namespace}
            onChange={(value) => value && setNamespace(value)}
            searchable
            allowDeselect={false}
            maw={320}
          />
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
    </section>
  );
}

function Arrival({ received }: { received?: Repository }) {
  const say = useWords();
  return (
    <div aria-live="polite">
      {received ? (
        <Alert color="green" variant="outline" icon={<IconCircleCheckFilled size={18} color="var(--w-success)" />} title={say('console.images.received', { name: received.name })}>
          <ButtonLink to="/images/$name" params={{ name: received.name }} mt={4}>
            {say('console.images.view')}
          </ButtonLink>
        </Alert>
      ) : (
        <Group gap={8} className="muted" mih={28}>
          <IconLoader size={18} aria-hidden />
          {say('console.images.waiting')}
        </Group>
      )}
    </div>
  );
}
