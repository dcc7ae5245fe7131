// The views of one version, and what its address says of them.
import type { VersionDetail } from '@/api/versions';

export const allViews = ['layers', 'platforms', 'config', 'manifest', 'referrers', 'trace'] as const;
export type View = (typeof allViews)[number];

export interface VersionSearch {
  view?: View;
  /** The step that is marked. */
  step?: number;
}

export function readVersionSearch(search: Record<string, unknown>): VersionSearch {
  const step = Number(search.step);
  return {
    view: allViews.find((view) => view === search.view),
    step: Number.isInteger(step) && step > 0 ? step : undefined,
  };
}

/** An index has platforms and no layers of its own; what is no image has no config. */
export function listViews(version: Pick<VersionDetail, 'children' | 'layers' | 'config'>): View[] {
  return allViews.filter((view) => {
    switch (view) {
      case 'platforms':
        return version.children.length > 0;
      case 'layers':
        return version.layers.length > 0;
      case 'config':
        return version.config !== null;
      case 'manifest':
      case 'referrers':
      case 'trace':
        return true;
    }
  });
}
