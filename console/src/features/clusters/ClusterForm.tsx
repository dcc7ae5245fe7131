import { Button, FileButton, PasswordInput, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { isProblem } from '@/api/problem';
import { LeaveGuard } from '@/app/LeaveGuard';
import '@/app/styles/forms';
import { useWords, type WordKey } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { findField, focusFirst, scrollTo } from '@/ui/fields';
import { formatLimit } from '@/ui/format/size';
import { FormButtons } from '@/ui/FormButtons';
import { checkCluster, type ClusterDraft } from './draft';
import { FirstGrant } from './FirstGrant';

interface ClusterFormProps {
  initial: ClusterDraft;
  /** Whether it is there already: what is not touched stays. */
  exists: boolean;
  onSave: (draft: ClusterDraft) => Promise<void>;
  pending: boolean;
}

const ways: [ClusterDraft['access'], WordKey, WordKey][] = [
  ['kubeconfig', 'console.clusters.access.kubeconfig', 'console.clusters.access.kubeconfig_help'],
  ['token', 'console.clusters.access.token', 'console.clusters.access.token_help'],
  ['in_cluster', 'console.clusters.access.in_cluster', 'console.clusters.access.in_cluster_help'],
];

/** A Kubernetes config is some kilobytes; what is larger is another file. */
const LARGEST_FILE = 256 * 1024;

const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } };

/** A cluster: name, region, what its nodes call this registry, and how this server signs in to it. */
export function ClusterForm({ initial, exists, onSave, pending }: ClusterFormProps) {
  const say = useWords();
  const [problem, setProblem] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const form = useForm<ClusterDraft>({
    mode: 'controlled',
    initialValues: initial,
    validate: (draft) => checkCluster(draft, { required: say('console.core.required'), nodesOwn: say('console.clusters.nodes_own') }),
    validateInputOnBlur: true,
  });
  const { access } = form.values;
  const save = async (draft: ClusterDraft) => {
    setProblem(undefined);
    setSaving(true);
    try {
      await onSave(draft);
    } catch (error) {
      setSaving(false);
      const field = isProblem(error) ? (error.code === 'conflict' ? 'name' : error.field) : undefined;
      if (isProblem(error) && field && findField(field)) {
        form.setErrors({ [field]: error.beside });
        focusFirst({ [field]: true });
      } else {
        setProblem(error);
      }
    }
  };
  const readFile = async (file: File | null) => {
    if (!file) return;
    if (file.size <= LARGEST_FILE) form.setFieldValue('kubeconfig', await file.text());
    else form.setFieldError('kubeconfig', say('console.clusters.file_too_large', { name: file.name, size: formatLimit(file.size), most: formatLimit(LARGEST_FILE) }));
  };
  return (
    <form onSubmit={form.onSubmit(save, focusFirst)} noValidate>
      <LeaveGuard dirty={form.isDirty() && !saving} />
      <Stack gap="lg" maw={720}>
        <TextInput
          label={say('console.clusters.name')}
          description={say(exists ? 'console.clusters.rename_hint' : 'console.clusters.name_hint')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-path="name"
          {...form.getInputProps('name')}
        />
        <TextInput label={say('console.clusters.region')} description={say('console.clusters.region_hint')} autoComplete="off" data-path="region" {...form.getInputProps('region')} />
        <TextInput
          label={say('console.clusters.registry_host')}
          description={say('console.clusters.registry_host_hint')}
          autoComplete="off"
          spellCheck={false}
          data-path="registry_host"
          {...form.getInputProps('registry_host')}
        />
        <Radio.Group label={say('console.clusters.access_label')} {...form.getInputProps('access')}>
          <Stack gap="sm" mt={4}>
            {exists && <Radio value="keep" label={say('console.clusters.access.keep')} />}
            {ways.map(([value, label, help]) => (
              <Radio key={value} value={value} label={say(label)} description={say(help)} />
            ))}
          </Stack>
        </Radio.Group>
        {access === 'kubeconfig' && (
          <div>
            <Textarea label="kubeconfig" autosize minRows={6} maxRows={16} spellCheck={false} autoComplete="off" styles={mono} data-path="kubeconfig" {...form.getInputProps('kubeconfig')} />
            <FileButton onChange={(file) => void readFile(file)}>
              {(props) => (
                <Button variant="subtle" size="compact-sm" mt={4} {...props}>
                  {say('console.clusters.choose_file')}
                </Button>
              )}
            </FileButton>
          </div>
        )}
        {access === 'token' && (
          <>
            <TextInput type="url" label={say('console.clusters.server')} placeholder="https://10.0.0.1:6443" autoComplete="off" spellCheck={false} data-path="server" {...form.getInputProps('server')} />
            <PasswordInput
              label="Token"
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': say('console.clusters.show_token') }}
              data-path="token"
              {...form.getInputProps('token')}
            />
            <Textarea
              label="CA"
              description={say('console.clusters.ca_hint')}
              placeholder="-----BEGIN CERTIFICATE-----"
              autosize
              minRows={4}
              maxRows={12}
              spellCheck={false}
              styles={mono}
              data-path="ca"
              {...form.getInputProps('ca')}
            />
          </>
        )}
        {!exists && <FirstGrant form={form} />}
        {problem !== undefined && (
          <div ref={scrollTo}>
            <ErrorState problem={problem} />
          </div>
        )}
        <FormButtons pending={pending} cancel={exists ? { to: '/clusters/$cluster', params: { cluster: initial.name } } : { to: '/clusters' }} />
      </Stack>
    </form>
  );
}
