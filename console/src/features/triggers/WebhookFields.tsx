import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useWords } from '@/app/words';
import { IconButton } from '@/ui/IconButton';
import type { ActionFieldsProps } from './ActionFields';
import { AddressField } from './AddressField';
import { newHeader, type Payload } from './draft';
import { SigningField } from './SigningField';
import { TemplateField } from './TemplateField';
import classes from './triggers.module.css';
import { payloadWords } from './words';

const payloads: Payload[] = ['cloud_events', 'docker_hub', 'harbor', 'template'];

/** A request: method and address, headers, what its body looks like, what signs it. */
export function WebhookFields({ form, index }: ActionFieldsProps) {
  const say = useWords();
  const action = form.values.actions[index];
  if (!action) return null;
  const path = `actions.${index}`;
  return (
    <Stack gap="lg">
      <div className={classes.request}>
        <Select label={say('console.triggers.method')} data={['POST', 'PUT']} allowDeselect={false} {...form.getInputProps(`${path}.method`)} />
        <AddressField form={form} index={index} label="URL" hint={say('console.triggers.url_hint')} />
      </div>
      <HeaderRows form={form} index={index} />
      <Select
        label={say('console.triggers.payload_label')}
        description={say(payloadWords[action.payload][1])}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={payloads.map((value) => ({ value, label: say(payloadWords[value][0]) }))}
        allowDeselect={false}
        data-path={`${path}.payload`}
        {...form.getInputProps(`${path}.payload`)}
      />
      {action.payload === 'template' && <TemplateField form={form} index={index} label={say('console.triggers.template')} />}
      <SigningField form={form} index={index} makes hint={'console.triggers.signing.webhook_hint'} />
    </Stack>
  );
}

/** Further headers. Their values are secrets: a stored one is kept by leaving its field empty. */
function HeaderRows({ form, index }: ActionFieldsProps) {
  const say = useWords();
  const path = `actions.${index}.headers`;
  const headers = form.values.actions[index]?.headers ?? [];
  return (
    <fieldset className={classes.plain}>
      <legend className={classes.legend}>{say('console.triggers.headers')}</legend>
      <Stack gap="sm">
        {headers.map((header, row) => (
          <Group key={header.key} gap="sm" align="flex-start" wrap="nowrap">
            <TextInput
              aria-label={say('console.triggers.header_name', { number: row + 1 })}
              placeholder={say('console.triggers.header_name_short')}
              autoComplete="off"
              spellCheck={false}
              style={{ flex: 2 }}
              data-path={`${path}.${row}.name`}
              {...form.getInputProps(`${path}.${row}.name`)}
            />
            <TextInput
              aria-label={say('console.triggers.header_value', { number: row + 1 })}
              placeholder={say(header.stored ? 'console.triggers.set' : 'console.triggers.header_value_short')}
              autoComplete="off"
              spellCheck={false}
              style={{ flex: 3 }}
              data-path={`${path}.${row}.value`}
              {...form.getInputProps(`${path}.${row}.value`)}
            />
            <IconButton
              style={{ marginTop: 4 }}
              aria-label={say('console.triggers.remove_header', { number: row + 1 })}
              title={say('console.triggers.remove_header', { number: row + 1 })}
              onClick={() => form.removeListItem(path, row)}
            >
              <IconTrash size={18} />
            </IconButton>
          </Group>
        ))}
        <Group gap="md">
          <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => form.insertListItem(path, newHeader())}>
            {say('console.triggers.add_header')}
          </Button>
          <Text className="muted" size="xs">
            {say('console.triggers.headers_hint')}
          </Text>
        </Group>
      </Stack>
    </fieldset>
  );
}
