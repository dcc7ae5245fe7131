import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { readmeQuery, type Repository, repositoryQuery } from '@/api/repositories';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { listCrumbsInImage } from '@/features/images/crumbs';
import { announce } from '@/ui/announce';
import { InformationForm } from './InformationForm';

/** The form of an image's information; a page of its own, so that the back button leaves it. */
export function EditInformationPage({ name }: { name: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const latest = useSuspenseQuery(repositoryQuery(name)).data;
  const { synced } = useSuspenseQuery(readmeQuery(name)).data;
  // What the fields began with: a push meanwhile does not change them.
  const [opened, setOpened] = useState(latest);
  const [overtaken, setOvertaken] = useState(false);
  const readLatest = () => queries.fetchQuery({ ...repositoryQuery(name), staleTime: 0 });
  const title = say('console.information.edit');
  return (
    <Page
      title={title}
      windowTitle={[title, name]}
      crumbs={[
        ...listCrumbsInImage(latest, say),
        { label: say('console.images.tab.information'), to: '/images/$name/info', params: { name } },
      ]}
    >
      <InformationForm
        key={`${opened.short_description}\n${opened.description}\n${opened.public}`}
        name={name}
        first={opened}
        synced={synced}
        overtaken={overtaken}
        onLoad={async () => {
          setOpened(await readLatest());
          setOvertaken(false);
        }}
        isOvertaken={async () => {
          const differs = isOther(await readLatest(), opened);
          setOvertaken(differs);
          return differs;
        }}
        onSaved={() => {
          announce(say('console.core.saved'));
          void navigate({ to: '/images/$name/info', params: { name } });
        }}
      />
    </Page>
  );
}

type Information = Pick<Repository, 'short_description' | 'description' | 'public'>;

/** Whether somebody else saved something between. */
const isOther = (a: Information, b: Information) => a.short_description !== b.short_description || a.description !== b.description || a.public !== b.public;
