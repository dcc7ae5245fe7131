import { Checkbox, Group, Radio, Select, Stack, TagsInput } from '@mantine/core';
import { useWords } from '@/app/words';
import type { ActionFieldsProps } from './ActionFields';
import { AddressField } from './AddressField';
import { canSign, type Service } from './draft';
import { SigningField } from './SigningField';
import { TemplateField } from './TemplateField';
import { serviceWords } from './words';

const services: Service[] = ['wecom', 'dingtalk', 'feishu', 'slack', 'mail'];

/** A chat or mail: where to, in which language, or with a text of one's own. */
export function MessageFields({ form, index }: ActionFieldsProps) {
  const say = useWords();
  const action = form.values.actions[index];
  if (!action) return null;
  const path = `actions.${index}`;
  const mails = action.service === 'mail';
  // Chats and mail are two kinds for the server; an action that is stored stays what it is.
  const open = services.filter((service) => action.id === undefined || (service === 'mail') === mails);
  return (
    <Stack gap="lg">
      <Select
        label={say('console.triggers.service_label')}
        data={open.map((value) => ({ value, label: say(serviceWords[value]) }))}
        allowDeselect={false}
        w={{ base: '100%', sm: 280 }}
        data-path={`${path}.service`}
        {...form.getInputProps(`${path}.service`)}
      />
      {mails ? (
        <TagsInput
          label={say('console.triggers.recipients')}
          description={say('console.triggers.recipients_hint')}
          splitChars={[',', ';', ' ']}
          acceptValueOnBlur
          data-path={`${path}.recipients`}
          {...form.getInputProps(`${path}.recipients`)}
        />
      ) : (
        <AddressField form={form} index={index} label={say('console.triggers.chat_address')} hint={say('console.triggers.chat_address_hint')} />
      )}
      {canSign(action.service) && <SigningField form={form} index={index} makes={false} hint={'console.triggers.signing.chat_hint'} />}
      <Radio.Group label={say('console.triggers.language')} {...form.getInputProps(`${path}.language`)}>
        <Group gap="lg" mt={4}>
          <Radio value="zh" label="中文" lang="zh-CN" />
          <Radio value="en" label="English" lang="en" />
        </Group>
      </Radio.Group>
      <Checkbox label={say('console.triggers.own_text')} {...form.getInputProps(`${path}.own_text`, { type: 'checkbox' })} />
      {action.own_text && <TemplateField form={form} index={index} label={say('console.triggers.template')} />}
    </Stack>
  );
}
