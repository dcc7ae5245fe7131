import { Button, Code, Group, Modal, Stack, TagsInput, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Cluster, useSetGrants } from '@/api/clusters';
import { isProblem } from '@/api/problem';
import '@/app/styles/forms';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { NamespaceSelect } from '@/features/namespaces/NamespaceSelect';
import { Confirm } from '@/ui/Confirm';
import { ErrorState } from '@/ui/ErrorState';

interface GrantFormProps {
  cluster: Cluster;
  /** The one whose grant is changed; a new one where this is missing. */
  namespace?: string;
  onClose: () => void;
}

/** Which Kubernetes namespaces a namespace may use. They are typed: this server needs no right to list them. */
export default function GrantForm({ cluster, namespace: fixed, onClose }: GrantFormProps) {
  const say = useWords();
  const set = useSetGrants(cluster.name);
  const [namespace, setNamespace] = useState<string | null>(fixed ?? null);
  const granted = cluster.grants.find((grant) => grant.namespace === fixed)?.cluster_namespaces ?? [];
  const [kube, setKube] = useState(granted);
  const [revoking, setRevoking] = useState(false);
  const [asked, setAsked] = useState(false);
  const required = say('console.core.required');

  const save = (given: string[]) => {
    if (namespace) set.mutate({ namespace, kube: given }, { onSuccess: onClose });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (kube.length > 0) save(kube);
  };
  const ofField = isProblem(set.error) && set.error.field?.startsWith('cluster_namespaces') ? set.error : undefined;
  if (revoking && fixed !== undefined) {
    return (
      <Confirm
        title={say('console.clusters.revoke_named', { namespace: fixed })}
        action={say('console.clusters.revoke')}
        danger
        onConfirm={() => save([])}
        onClose={() => {
          set.reset();
          setRevoking(false);
        }}
        pending={set.isPending}
        problem={set.error}
      >
        <Text>{say('console.clusters.revoke_text', { namespace: fixed })}</Text>
        <Group gap={4}>
          {granted.map((each) => (
            <Code key={each}>{each}</Code>
          ))}
        </Group>
      </Confirm>
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={fixed === undefined ? say('console.clusters.grant') : say('console.clusters.edit_grant', { namespace: fixed })}
      centered
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': say('console.core.close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          {fixed === undefined && (
            <NamespaceSelect
              label={say('console.clusters.grant_to')}
              value={namespace}
              onChange={setNamespace}
              error={asked && !namespace ? required : undefined}
              data-autofocus
            />
          )}
          <TagsInput
            label={say('console.clusters.kube_namespaces')}
            description={say('console.clusters.kube_namespaces_hint')}
            value={kube}
            onChange={setKube}
            splitChars={[',', ';', ' ']}
            acceptValueOnBlur
            error={ofField?.beside ?? (asked && kube.length === 0 ? required : undefined)}
          />
          {set.error && !ofField && <ErrorState problem={set.error} />}
          <Group justify="space-between">
            {fixed !== undefined ? (
              <Button variant="subtle" color="danger" onClick={() => setRevoking(true)}>
                {say('console.clusters.revoke')}
              </Button>
            ) : (
              <span />
            )}
            <Group gap="sm">
              <Button variant="default" onClick={onClose}>
                {say('console.core.cancel')}
              </Button>
              <Button type="submit" loading={set.isPending}>
                {say('console.core.save')}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
