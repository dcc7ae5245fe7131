import { Group } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useMatch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { repositoryKeys, repositoryQuery } from '@/api/repositories';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import '@/app/overList';
import { useWords } from '@/app/words';
import { readBuildFilter } from '@/features/builds/search';
import { Copy } from '@/ui/Copy';
import { ButtonLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { NavTabs, type Tab } from '@/ui/NavTabs';
import { listImageCrumbs } from './crumbs';
import { FavoriteButton } from './FavoriteButton';

interface ImageFrameProps {
  name: string;
  /** The tab's own word, for the window's title. */
  tab: string;
  /** The tab's own buttons, behind 立即构建. */
  actions?: ReactNode;
  /** Whether the tab has a primary button of its own: 立即构建 is none there. */
  quiet?: boolean;
  children: ReactNode;
}

/** Around each tab of an image: its name, type, address, star of whoever is somebody, 立即构建, and the way to the other tabs. */
export function ImageFrame({ name, tab, actions, quiet = false, children }: ImageFrameProps) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  useLiveQuery(`repository:${name}`, repositoryKeys.one(name));
  const builds = useMatch({ from: '/_shell/images/$name/builds/', shouldThrow: false });
  const params = { name };
  // In this order: versions, information, builds, triggers, usage, settings.
  const tabs: Tab[] = [
    { label: say('console.images.tab.versions'), to: '/images/$name/versions', params },
    { label: say('console.images.tab.information'), to: '/images/$name/info', params },
    ...(image.may.includes('view_builds')
      ? [{ label: say('console.images.tab.builds'), to: '/images/$name/builds' as const, params }]
      : []),
    ...(image.may.includes('view_triggers') ? [{ label: say('console.images.tab.triggers'), to: '/images/$name/triggers', params } as const] : []),
    { label: say('console.images.tab.usage'), to: '/images/$name/usage', params },
  ];
  if (image.may.includes('edit') || image.may.includes('delete')) {
    tabs.push({ label: say('console.images.tab.settings'), to: '/images/$name/settings', params });
  }
  return (
    <Page
      title={name}
      windowTitle={[tab, name]}
      crumbs={listImageCrumbs(image, say)}
      beside={
        <>
          {image.may.includes('favorite') && <FavoriteButton image={image} />}
          <Group gap="4px 8px" miw={0} maw="100%">
            <span className="muted nowrap">{say(image.public ? 'console.core.public' : 'console.core.private')}</span>
            <span className="mono" style={{ display: 'inline-flex', minWidth: 0, maxWidth: '100%' }}>
              <MiddleCut text={image.address} />
            </span>
            <Copy value={image.address} label={say('console.images.address')} />
          </Group>
        </>
      }
      actions={
        <>
          {image.may.includes('start_builds') && (
            <ButtonLink
              to="/images/$name/builds/-/new"
              params={params}
              // Over the list of builds, which stays as it is narrowed.
              search={(before) => readBuildFilter({ ...before })}
              state={{ overList: builds !== undefined }}
              variant={quiet ? 'default' : undefined}
              leftSection={<IconPlayerPlay size={16} aria-hidden />}
            >
              {say('console.images.build_now')}
            </ButtonLink>
          )}
          {actions}
        </>
      }
    >
      <NavTabs label={name} items={tabs} />
      {children}
    </Page>
  );
}
