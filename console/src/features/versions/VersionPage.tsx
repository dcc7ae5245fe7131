import { Group, Select } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { repositoryQuery } from '@/api/repositories';
import { isDigest, type VersionDetail, versionKeys, versionQuery } from '@/api/versions';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import '@/app/styles/forms';
import { useLanguage, useWords, type WordKey } from '@/app/words';
import { listCrumbsInImage } from '@/features/images/crumbs';
import { TraceGraph } from '@/features/trace/TraceGraph';
import { CommandLine } from '@/ui/CommandLine';
import { Copy } from '@/ui/Copy';
import { Digest } from '@/ui/Digest';
import { Fact, Facts } from '@/ui/Facts';
import { formatCompact } from '@/ui/format/count';
import { ButtonLink, TextLink } from '@/ui/links';
import { Size } from '@/ui/Size';
import { Time } from '@/ui/Time';
import { Config } from './Config';
import { From } from './From';
import { Layers } from './Layers';
import { Platforms } from './Platforms';
import { Referrers } from './Referrers';
import { VersionActions } from './VersionActions';
import { chooseImage, listImages, listViews, type VersionSearch, type View } from './view';

const words: Record<View, WordKey> = {
  layers: 'console.versions.view.layers',
  platforms: 'console.versions.view.platforms',
  config: 'console.versions.view.config',
  manifest: 'console.versions.view.manifest',
  referrers: 'console.versions.view.referrers',
  trace: 'console.trace.title',
};

/** One version: what it is, and one view of it at a time. */
export function VersionPage({ name, tag, search }: { name: string; tag: string; search: VersionSearch }) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const version = useSuspenseQuery(versionQuery(name, tag)).data;
  useLiveQuery(`repository:${name}`, versionKeys.all(name), ['tag_']);
  const navigate = useNavigate();
  const chosen = chooseImage(version, search.platform);
  const shown = useSuspenseQuery(versionQuery(name, chosen?.digest ?? tag)).data;
  const views = listViews(version, shown);
  const view = views.includes(search.view ?? 'layers') ? (search.view ?? 'layers') : views[0];
  // One that the address names is what is pulled; without one docker takes its own.
  const pull = ['docker pull', search.platform && chosen && `--platform ${chosen.platform}`, `${image.address}${isDigest(tag) ? '@' : ':'}${tag}`];
  return (
    <Page
      title={tag}
      windowTitle={[tag, name]}
      crumbs={[
        ...listCrumbsInImage(image, say),
        { label: say('console.images.tab.versions'), to: '/images/$name/versions', params: { name } },
      ]}
      actions={
        <VersionActions
          name={name}
          address={image.address}
          version={{ name: tag, digest: version.digest }}
          deletes={!isDigest(tag) && image.may.includes('delete')}
          onDeleted={() => void navigate({ to: '/images/$name/versions', params: { name } })}
        />
      }
      beside={isDigest(tag) ? <Copy value={version.digest} label={say('console.core.digest_in_text')} /> : <Digest value={version.digest} />}
    >
      <div style={{ maxWidth: 720 }}>
        <CommandLine label={say('console.versions.pull_command')} text={pull.filter(Boolean).join(' ')} />
      </div>
      <VersionFacts name={name} version={version} builds={image.may.includes('view_builds')} />
      <Group justify="space-between" gap="sm" mb="md">
        <Group component="nav" aria-label={say('console.versions.views')} gap={4}>
          {views.map((each) => (
            <ButtonLink
              key={each}
              to="/images/$name/versions/$tag"
              params={{ name, tag }}
              search={{ view: each, platform: search.platform }}
              replace
              variant={each === view ? 'light' : 'subtle'}
              aria-current={each === view ? 'page' : undefined}
            >
              {say(words[each])}
            </ButtonLink>
          ))}
        </Group>
        {chosen && (view === 'layers' || view === 'config') && (
          <Select
            aria-label={say('console.versions.platform')}
            data={[...new Set(listImages(version).map((each) => each.platform))]}
            value={chosen.platform}
            onChange={(platform) =>
              platform && void navigate({ to: '/images/$name/versions/$tag', params: { name, tag }, search: { view: search.view, platform }, replace: true, resetScroll: false })
            }
            allowDeselect={false}
            w={{ base: '100%', sm: 180 }}
          />
        )}
      </Group>
      <ViewOf view={view} version={version} shown={shown} name={name} tag={tag} search={search} deliveries={image.may.includes('view_triggers')} />
    </Page>
  );
}

function VersionFacts({ name, version, builds }: { name: string; version: VersionDetail; builds: boolean }) {
  const say = useWords();
  const language = useLanguage();
  return (
    <Facts>
      <Fact label={say('console.core.size')}>
        <Size bytes={version.size_bytes} />
      </Fact>
      <Fact label={say('console.versions.platforms')}>{version.platforms.join(', ')}</Fact>
      <Fact label={say('console.versions.pushed')}>
        <Time at={version.pushed_at} />
      </Fact>
      {version.pushed_by && (
        <Fact label={say('console.versions.from')}>
          <From name={name} version={version} builds={builds} />
        </Fact>
      )}
      {version.tags && version.tags.length > 0 && (
        <Fact label={say('console.images.tab.versions')}>
          <Group gap="4px 12px">
            {version.tags.map((each) => (
              <TextLink key={each} to="/images/$name/versions/$tag" params={{ name, tag: each }}>
                {each}
              </TextLink>
            ))}
          </Group>
        </Fact>
      )}
      <Fact label={say('console.core.pulls')}>{formatCompact(version.pull_count, language)}</Fact>
      <Fact label={say('console.versions.pulled')}>{version.pulled_at && <Time at={version.pulled_at} />}</Fact>
    </Facts>
  );
}

interface ViewOfProps {
  view: View | undefined;
  version: VersionDetail;
  /** Of an index the image that is looked at, else the version itself. */
  shown: VersionDetail;
  name: string;
  tag: string;
  search: VersionSearch;
  /** Whether its reader may see what triggers do. */
  deliveries: boolean;
}

function ViewOf({ view, version, shown, name, tag, search, deliveries }: ViewOfProps) {
  const say = useWords();
  const navigate = useNavigate();
  switch (view) {
    case 'platforms':
      return <Platforms name={name} tag={tag} version={version} />;
    case 'config':
      return <Config version={shown} />;
    case 'manifest': {
      const text = JSON.stringify(version.manifest, null, 2);
      return (
        <>
          <Group justify="flex-end" mb={8}>
            <Copy spelled value={text} label="manifest" />
          </Group>
          <pre className="mono" tabIndex={0} style={{ overflowX: 'auto', margin: 0 }} role="group" aria-label={say('console.versions.view.manifest')}>
            {text}
          </pre>
        </>
      );
    }
    case 'referrers':
      return <Referrers name={name} digest={version.digest} />;
    case 'trace':
      return <TraceGraph name={name} reference={tag} deliveries={deliveries} />;
    default:
      return (
        <Layers
          version={shown}
          selected={search.step}
          onSelect={(step) =>
            void navigate({ to: '/images/$name/versions/$tag', params: { name, tag }, search: { view: 'layers', platform: search.platform, step }, replace: true })
          }
        />
      );
  }
}
