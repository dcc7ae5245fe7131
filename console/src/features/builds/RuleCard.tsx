import { Button, Code, Group, Title } from '@mantine/core';
import { IconPencil, IconPlayerPlay } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { Rule } from '@/api/rules';
import { useWords } from '@/app/words';
import { hostOf } from '@/features/sources/kinds';
import { Disclosure } from '@/ui/Disclosure';
import { ButtonLink } from '@/ui/links';
import { Notice } from '@/ui/Notice';
import { PartBoundary } from '@/ui/PartBoundary';
import { StateBadge } from '@/ui/StateBadge';
import { TableSkeleton } from '@/ui/skeletons';
import { BuildTrend } from './BuildTrend';
import { PushNotice } from './PushNotice';
import classes from './RuleCard.module.css';
import { sayTrigger } from './ruleSentence';
import type { CardPart } from './search';

const BuildHeads = lazy(() => import('./BuildHeads'));
const TriggerUrls = lazy(() => import('@/features/rules/TriggerUrls'));
const Links = lazy(() => import('@/features/rules/Links'));
const NotBuilt = lazy(() => import('@/features/rules/NotBuilt'));

interface RuleCardProps {
  image: string;
  rule: Rule;
  alone: boolean;
  /** The part that the address names. */
  opened?: CardPart;
}

/** What a rule does, at a glance: where the code is, when it is built, how builds went. */
export function RuleCard({ image, rule, alone, opened }: RuleCardProps) {
  const say = useWords();
  const navigate = useNavigate({ from: '/images/$name/builds/' });
  // What was opened last is in the address; others stay open beside it.
  const part = (name: CardPart) => ({
    opened: opened === name,
    onToggle: (open: boolean) => {
      if (open === (opened === name)) return;
      void navigate({ search: (before) => ({ ...before, open: open ? name : undefined, of: open ? rule.name : undefined }), replace: true, resetScroll: false });
    },
  });
  const { definition } = rule;
  const manages = rule.may.includes('edit');
  const builds = rule.may.includes('start_builds') && rule.enabled && !rule.stopped;
  const trouble = useTrouble(rule);
  const [starting, setStarting] = useState(false);
  return (
    <article className={classes.card} aria-label={rule.name}>
      <Group justify="space-between" wrap="nowrap" mb="sm">
        <Group gap="sm">
          {!alone && <Title order={3}>{rule.name}</Title>}
          {!rule.enabled && <StateBadge state="disabled" />}
          {trouble && <StateBadge state="attention" />}
        </Group>
        <Group gap="sm" justify="flex-end">
          {builds && (
            <Button variant="default" leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => setStarting(true)} aria-label={say('console.builds.heads_named', { name: rule.name })}>
              {say('console.builds.heads')}
            </Button>
          )}
          {manages && (
            <ButtonLink
              to="/images/$name/rules/$rule"
              params={{ name: image, rule: rule.name }}
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
              aria-label={say('console.builds.edit_rule', { name: rule.name })}
            >
              {say('console.core.edit')}
            </ButtonLink>
          )}
        </Group>
      </Group>
      <div className={classes.columns}>
        <dl className={classes.facts}>
          <Fact title={say('console.builds.code_source')}>
            {hostOf(rule.source.address)}/{rule.remote}
          </Fact>
          <Fact title={say('console.builds.trigger_rule')}>{capitalize(sayTrigger(definition, say))}</Fact>
          <Fact title={say('console.builds.dockerfile_path')}>
            <Code>{definition.dockerfile}</Code>
          </Fact>
          {rule.enabled && !rule.stopped && (
            <Fact title={say('console.builds.push_notice')}>
              <PushNotice rule={rule} />
            </Fact>
          )}
        </dl>
        <div className={classes.chart}>
          <PartBoundary>
            <Suspense fallback={null}>
              <BuildTrend image={image} rule={rule.name} />
            </Suspense>
          </PartBoundary>
        </div>
      </div>
      {trouble && (
        <div className={classes.trouble}>
          <Notice tone="warning" title={trouble}>
            {rule.watch.detail}
          </Notice>
        </div>
      )}
      <div className={classes.more}>
        {manages && (
          <Disclosure title={say('console.rules.trigger_urls')} {...part('urls')}>
            <Suspense fallback={<TableSkeleton rows={2} />}>
              <TriggerUrls image={image} rule={rule.name} />
            </Suspense>
          </Disclosure>
        )}
        <Disclosure title={say('console.rules.links')} {...part('links')}>
          <Suspense fallback={<TableSkeleton rows={2} />}>
            <Links image={image} rule={rule.name} manages={manages} />
          </Suspense>
        </Disclosure>
        <Disclosure title={say('console.rules.not_built')} {...part('not_built')}>
          <Suspense fallback={<TableSkeleton rows={2} />}>
            <NotBuilt image={image} rule={rule.name} />
          </Suspense>
        </Disclosure>
      </div>
      {starting && (
        <Suspense fallback={null}>
          <BuildHeads image={image} rule={rule.name} onClose={() => setStarting(false)} />
        </Suspense>
      )}
    </article>
  );
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Why a rule that is switched on hears of no push. */
function useTrouble(rule: Rule): string | undefined {
  const say = useWords();
  switch (rule.stopped) {
    case undefined:
    case null:
      break;
    case 'source_gone':
      return say('console.builds.stopped.source_gone');
    case 'source_owner_disabled':
      return say('console.builds.stopped.source_owner_disabled');
    case 'source_owner_left':
      return say('console.builds.stopped.source_owner_left');
    default:
      return rule.stopped;
  }
  if (rule.enabled && rule.watch.problem) return say('console.builds.unheard', { host: hostOf(rule.source.address) });
  return undefined;
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
