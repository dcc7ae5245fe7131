import { Group, Input, Textarea, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { markdownPreviewQuery } from '@/api/repositories';
import { useWords } from '@/app/words';
import { Choices } from '@/ui/Choices';
import { ErrorState } from '@/ui/ErrorState';
import { FormSkeleton } from '@/ui/skeletons';
import { ServerHtml } from '@/ui/ServerHtml';
import classes from './information.module.css';

interface DescriptionFieldProps {
  value: string;
  onChange: (value: string) => void;
  /** Builds write it: it can be looked at only. */
  synced: boolean;
  error?: string;
}

/** 完整描述: Markdown, written or looked at as the server renders it. */
export function DescriptionField({ value, onChange, synced, error }: DescriptionFieldProps) {
  const say = useWords();
  const id = useId();
  const [looks, setLooks] = useState<'write' | 'preview'>(synced ? 'preview' : 'write');
  const hint = say(synced ? 'console.information.synced' : 'console.information.markdown');
  return (
    <div>
      <Group justify="space-between" align="flex-end" gap="sm" mb={4}>
        <div>
          <Input.Label htmlFor={looks === 'write' ? id : undefined} labelElement={looks === 'write' ? 'label' : 'div'}>
            {say('console.information.description')}
          </Input.Label>
          <Input.Description>{hint}</Input.Description>
        </div>
        <Choices
          label={say('console.information.description')}
          value={looks}
          items={[
            { value: 'write', label: say(synced ? 'console.information.source' : 'console.information.write') },
            { value: 'preview', label: say('console.information.preview') },
          ]}
          onChange={setLooks}
        />
      </Group>
      {looks === 'write' ? (
        <Textarea
          id={id}
          data-path="description"
          className={classes.markdown}
          autosize
          minRows={12}
          maxRows={30}
          readOnly={synced}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
        />
      ) : (
        <Preview markdown={value} />
      )}
    </div>
  );
}

function Preview({ markdown }: { markdown: string }) {
  const say = useWords();
  const preview = useQuery({ ...markdownPreviewQuery(markdown), enabled: markdown.trim() !== '' });
  return (
    <div className={classes.preview} role="region" aria-label={say('console.information.preview')}>
      {markdown.trim() === '' && <span className="muted">{say('console.information.no_preview')}</span>}
      {preview.error && <ErrorState problem={preview.error} retry={() => void preview.refetch()} />}
      {preview.isLoading && <FormSkeleton fields={2} />}
      {preview.data !== undefined && (
        <>
          {/* What is rendered begins its headings one below. */}
          <VisuallyHidden component="h2">{say('console.information.preview')}</VisuallyHidden>
          <ServerHtml html={preview.data} />
        </>
      )}
    </div>
  );
}
