import { Title } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { readmeQuery, repositoryQuery } from '@/api/repositories';
import { useSession } from '@/api/session';
import type { StatsRange } from '@/api/stats';
import { useWords } from '@/app/words';
import { ImageFrame } from '@/features/images/ImageFrame';
import type { RangeSearch } from '@/features/stats/search';
import { ButtonLink } from '@/ui/links';
import { ServerHtml } from '@/ui/ServerHtml';
import { TableSkeleton } from '@/ui/skeletons';
import { ImageFacts } from './ImageFacts';
import classes from './information.module.css';
import { Members } from './Members';

const ImageStats = lazy(() => import('./ImageStats'));

/** 镜像信息: what an image is for, what is known of it, who works on it, and what was moved. */
export function InformationPage({ name, search }: { name: string; search: RangeSearch }) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const { user } = useSession();
  const navigate = useNavigate({ from: '/images/$name/info/' });
  const edits = image.may.includes('edit');
  const change = (range: StatsRange) => void navigate({ search: { range: range === '14d' ? undefined : range }, replace: true, resetScroll: false });
  return (
    <ImageFrame
      name={name}
      tab={say('console.images.tab.information')}
      quiet={edits}
      actions={
        edits && (
          <ButtonLink to="/images/$name/info/edit" params={{ name }}>
            {say('console.core.edit')}
          </ButtonLink>
        )
      }
    >
      <div className={classes.columns}>
        <Part title={say('console.images.short_description')} place={classes.short}>
          <p className={classes.text}>{image.short_description || <span className="muted">{say('console.information.no_short')}</span>}</p>
        </Part>
        <div className={classes.facts}>
          <ImageFacts image={image} signedIn={Boolean(user)} />
        </div>
        <FullDescription name={name} edits={edits} />
        {image.role && (
          <Part title={say('console.information.members')} place={classes.members}>
            <Members namespace={image.namespace} />
          </Part>
        )}
      </div>
      {/* Told to whoever is signed in. */}
      {user && (
        <div className={classes.stats}>
          <Suspense fallback={<TableSkeleton rows={4} />}>
            <ImageStats key={name} name={name} range={search.range ?? '14d'} onRange={change} />
          </Suspense>
        </div>
      )}
    </ImageFrame>
  );
}

function FullDescription({ name, edits }: { name: string; edits: boolean }) {
  const say = useWords();
  const readme = useSuspenseQuery(readmeQuery(name)).data;
  return (
    <Part title="README" place={classes.readme} note={readme.synced ? say('console.information.synced') : undefined}>
      {readme.html ? (
        <ServerHtml html={readme.html} />
      ) : (
        <p className="muted">
          {say(edits ? 'console.information.no_description_yet' : 'console.information.no_description')}
        </p>
      )}
    </Part>
  );
}

interface PartProps {
  title: string;
  place?: string;
  note?: string;
  children: ReactNode;
}

function Part({ title, place, note, children }: PartProps) {
  return (
    <section className={place} aria-label={title}>
      <div className={classes.head}>
        <Title order={2}>{title}</Title>
        {note && <span className="muted">{note}</span>}
      </div>
      {children}
    </section>
  );
}
