import { Group, Radio, Stack, TextInput } from '@mantine/core';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { joinPages } from '@/api/page';
import { isProblem, Problem } from '@/api/problem';
import { useCreateFromGit } from '@/api/rules';
import { useSession } from '@/api/session';
import { sourcesQuery } from '@/api/sources';
import { useWords } from '@/app/words';
import { type HeadProps, isHeadTyped } from '@/features/images/head';
import { NamespaceSelect } from '@/features/namespaces/NamespaceSelect';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { RuleForm } from './RuleForm';
import { newRuleValues, readNewRule } from './ruleValues';

/** 从Git仓库创建: an image and the rule that builds it, in one step. */
export default function NewImageFromGit(head: HeadProps) {
  const say = useWords();
  const sources = joinPages(useSuspenseInfiniteQuery(sourcesQuery()).data);
  if (sources.length === 0) {
    return (
      <EmptyPlace title={say('console.builds.no_source')} text={say('console.builds.no_source_text')}>
        <ButtonLink to="/sources/-/new" search={{}}>
          {say('console.builds.add_source')}
        </ButtonLink>
      </EmptyPlace>
    );
  }
  // Drawn only once there is one: what the form begins with is decided then, and whoever connected it just now has a stale list.
  return <ImageForm {...head} only={sources.length === 1 ? sources[0]?.id : undefined} />;
}

interface ImageFormProps extends HeadProps {
  /** The source, where there is one alone: no question. */
  only?: string;
}

function ImageForm({ namespace, head: { name, type, ...others }, change, only }: ImageFormProps) {
  const say = useWords();
  const navigate = useNavigate();
  const { address } = useSession();
  const create = useCreateFromGit();
  const [wrong, setWrong] = useState<string>();
  const [first] = useState(() => newRuleValues(only));
  const head = (
    <Stack gap="lg">
      <NamespaceSelect verb="create_repositories" value={namespace} onChange={(next) => next && change({ namespace: next })} allowDeselect={false} />
      <TextInput label={say('console.images.name')} description={say('console.images.name_hint')} value={name} onChange={(event) => change({ name: event.currentTarget.value })} spellCheck={false} autoCapitalize="none" error={wrong} />
      <Radio.Group label={say('console.core.type')} value={type} onChange={(next) => change({ type: next })}>
        <Group mt={4} gap="xl">
          <Radio value="private" label={say('console.core.private')} />
          <Radio value="public" label={say('console.core.public')} />
        </Group>
      </Radio.Group>
    </Stack>
  );
  return (
    <RuleForm
      address={`${address}/${namespace}/${name || '…'}`}
      first={first}
      head={head}
      headTyped={isHeadTyped({ name, type, ...others })}
      mayPoint
      cancel={{ to: '/images' }}
      onSubmit={async (values) => {
        setWrong(undefined);
        if (name.trim() === '') {
          setWrong(say('console.core.required'));
          throw new Problem(400, 'invalid_field', say('console.core.required'), undefined, { field: 'image' });
        }
        try {
          const { repository } = await create.mutateAsync({
            name: `${namespace}/${name.trim()}`,
            public: type === 'public',
            short_description: '',
            rule: readNewRule(values),
          });
          await navigate({ to: '/images/$name/builds', params: { name: repository.name } });
        } catch (error) {
          if (isProblem(error) && error.field === 'name') setWrong(error.beside);
          throw error;
        }
      }}
    />
  );
}
