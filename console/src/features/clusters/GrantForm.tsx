import { Button, Code, Group, TagsInput, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Cluster, useSetGrants } from '@/api/clusters';
import { isProblem } from '@/api/problem';
import { FormOverlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { NamespaceSelect } from '@/features/namespaces/NamespaceSelect';
import { Confirm } from '@/ui/Confirm';
import { ErrorState } from '@/ui/ErrorState';
import Gone from '@/ui/Gone';
import { Notice } from '@/ui/Notice';

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
  const listGranted = (of: string | null) => cluster.grants.find((grant) => grant.namespace === of)?.cluster_namespaces ?? [];
  const granted = listGranted(namespace);
  // Decided once: what is revoked here is no dead link.
  const [gone] = useState(fixed !== undefined && granted.length === 0);
  const [kube, setKube] = useState(granted);
  const [revoking, setRevoking] = useState(false);
  const [asked, setAsked] = useState(false);
  const required = say('console.core.required');

  const save = (given: string[]) => {
    if (namespace) set.mutate({ namespace, kube: given }, { onSuccess: onClose });
  };
  // Saving replaces what is granted: whoever adds to it begins with it.
  const choose = (next: string | null) => {
    const untouched = kube.join() === granted.join();
    setNamespace(next);
    if (untouched || listGranted(next).length > 0) setKube([...new Set([...listGranted(next), ...(untouched ? [] : kube)])]);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (kube.length > 0) save(kube);
  };
  const ofField = isProblem(set.error) && set.error.field?.startsWith('cluster_namespaces') ? set.error : undefined;
  if (gone) return <Gone onClose={onClose} />;
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
    <FormOverlay
      title={fixed === undefined ? say('console.clusters.grant') : say('console.clusters.edit_grant', { namespace: fixed })}
      onClose={onClose}
      onSubmit={submit}
      submit={say('console.core.save')}
      saves={set}
      changed={kube.join() !== granted.join() || namespace !== (fixed ?? null)}
      beside={
        fixed !== undefined && (
          <Button variant="subtle" color="danger" onClick={() => setRevoking(true)}>
            {say('console.clusters.revoke')}
          </Button>
        )
      }
    >
      {fixed === undefined && (
        <NamespaceSelect
          label={say('console.clusters.grant_to')}
          value={namespace}
          onChange={choose}
          error={asked && !namespace ? required : undefined}
          data-autofocus
        />
      )}
      {fixed === undefined && granted.length > 0 && <Notice tone="idle" title={say('console.clusters.granted_already', { namespace: namespace ?? '' })} />}
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
    </FormOverlay>
  );
}
