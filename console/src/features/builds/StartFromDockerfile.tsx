import { Checkbox, FileInput, Input, Stack, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { checkDockerfile } from '@/api/builds';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { ArgumentRows, readArguments } from '@/features/rules/ArgumentRows';
import CodeEditor, { type Finding } from '@/ui/CodeEditor';
import { Disclosure } from '@/ui/Disclosure';
import type { Starting } from './BuildNow';
import type { DraftProps } from './startDraft';
import { DockerfileFindings } from './DockerfileFindings';

interface StartFromDockerfileProps extends DraftProps {
  onStart: (starting: Starting) => unknown;
  wrong?: { field: string; text: string };
  footer: ReactNode;
}

/** The smallest Dockerfile that builds something to look at. */
const EXAMPLE = 'FROM alpine:3.22\nRUN echo hello > /hello.txt\nCMD ["cat", "/hello.txt"]\n';

/** What the server says about a text; one that is too long to be looked at is built all the same. */
async function findFindings(text: string): Promise<Finding[]> {
  try {
    const { findings } = await checkDockerfile(text);
    return findings.map(({ line, end_line: endLine, column, severity, message, hint, rule }) => ({
      line,
      endLine,
      column: column ?? undefined,
      severity,
      message,
      hint: hint ?? undefined,
      rule: rule ?? undefined,
    }));
  } catch {
    return [];
  }
}

/** 使用Dockerfile进行构建: its text, a version, and the files that it copies. */
export default function StartFromDockerfile({ draft, change, onStart, wrong, footer }: StartFromDockerfileProps) {
  const say = useWords();
  const { version, dockerfile, archive, args, noCache } = draft;
  const [findings, setFindings] = useState<Finding[]>([]);
  const [own, setOwn] = useState<Record<string, string>>({});

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: Record<string, string> = {};
    if (version.trim() === '') found.version = say('console.core.required');
    // Without a text the archive's own Dockerfile is built.
    if (dockerfile.trim() === '' && !archive) found.dockerfile = say('console.core.required');
    setOwn(found);
    if (Object.keys(found).length > 0) return;
    onStart({
      start: {
        version: version.trim(),
        ...(dockerfile.trim() && { dockerfile }),
        build_args: readArguments(args),
        no_cache: noCache,
      },
      archive: archive ?? undefined,
    });
  };
  const check = async (text: string) => {
    const found = await findFindings(text);
    setFindings(found);
    return found;
  };
  const errorOf = (field: string) => own[field] ?? (wrong?.field === field ? wrong.text : undefined);
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <TextInput
          label={say('console.builds.version')}
          value={version}
          onChange={(event) => change({ version: event.currentTarget.value })}
          spellCheck={false}
          autoCapitalize="none"
          error={errorOf('version')}
        />
        <Input.Wrapper label="Dockerfile" labelElement="div" error={errorOf('dockerfile')}>
          <CodeEditor label="Dockerfile" language="dockerfile" value={dockerfile} onChange={(text) => change({ dockerfile: text })} check={check} placeholder={EXAMPLE} invalid={Boolean(errorOf('dockerfile'))} />
          <DockerfileFindings findings={dockerfile.trim() === '' ? [] : findings} />
        </Input.Wrapper>
        <FileInput
          label={say('console.builds.context')}
          description={say('console.builds.context_hint')}
          accept=".tar,.tar.gz,.tgz,.tar.zst"
          leftSection={<IconUpload size={16} aria-hidden />}
          placeholder={say('console.builds.choose_file')}
          clearable
          value={archive}
          onChange={(file) => change({ archive: file })}
          error={errorOf('context')}
        />
        <Disclosure title={say('console.rules.build_args')}>
          <ArgumentRows rows={args} onChange={(rows) => change({ args: rows })} error={errorOf('build_args')} />
        </Disclosure>
        <Checkbox label={say('console.builds.no_cache')} checked={noCache} onChange={(event) => change({ noCache: event.currentTarget.checked })} />
        {footer}
      </Stack>
    </form>
  );
}
