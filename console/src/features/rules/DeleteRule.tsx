import { useQuery } from '@tanstack/react-query';
import { type Rule, triggerUrlsQuery, useDeleteRule } from '@/api/rules';
import { useWords } from '@/app/words';
import type { Loss } from '@/ui/ConfirmByName';
import { DeleteByName } from '@/ui/DeleteByName';

interface DeleteRuleProps {
  image: string;
  rule: Rule;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a rule goes: its open builds are canceled, its trigger URLs and secrets end; records of builds stay. */
export default function DeleteRule({ image, rule, onClose, onDeleted }: DeleteRuleProps) {
  const say = useWords();
  const urls = useQuery(triggerUrlsQuery(image, rule.name));
  const losses: Loss[] | undefined = urls.data && [
    { text: say('console.rules.loses.builds') },
    ...(urls.data.length > 0 ? [{ text: say('console.rules.loses.urls', { count: urls.data.length }), names: urls.data.map((url) => url.name) }] : []),
    ...(rule.secrets.length > 0
      ? [{ text: say('console.rules.loses.secrets', { count: rule.secrets.length }), names: rule.secrets.map((secret) => secret.name) }]
      : []),
  ];
  return (
    <DeleteByName
      remove={useDeleteRule(image)}
      name={rule.name}
      title={say('console.rules.delete_named', { name: rule.name })}
      losses={losses}
      action={say('console.rules.delete')}
      deleted={say('console.rules.deleted', { name: rule.name })}
      problem={urls.error}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
