// The views of one version, and what its address says of them.
import type { VersionDetail } from '@/api/versions';

export const allViews = ['layers', 'platforms', 'config', 'manifest', 'referrers', 'trace'] as const;
export type View = (typeof allViews)[number];

export interface VersionSearch {
  view?: View;
  /** Of an index: whose layers and config are shown. */
  platform?: string;
  /** The step that is marked. */
  step?: number;
}

export function readVersionSearch(search: Record<string, unknown>): VersionSearch {
  const step = Number(search.step);
  return {
    view: allViews.find((view) => view === search.view),
    platform: typeof search.platform === 'string' && search.platform !== '' ? search.platform : undefined,
    step: Number.isInteger(step) && step > 0 ? step : undefined,
  };
}

type Child = VersionDetail['children'][number];

/** The images of an index that there is a choice of; attestations among its entries run nowhere. */
export const listImages = ({ children, platforms }: Pick<VersionDetail, 'children' | 'platforms'>): (Child & { platform: string })[] =>
  children.flatMap((child) => (child.platform && platforms.some((each) => isOf(child.platform, each)) ? [{ ...child, platform: child.platform }] : []));

/** `linux/arm64/v8` is a `linux/arm64`. */
const isOf = (exact: string | null | undefined, platform: string) => exact === platform || Boolean(exact?.startsWith(`${platform}/`));

/** The image of an index that an address asks for; the first one where it asks for none that is there. */
export function chooseImage(version: Pick<VersionDetail, 'children' | 'platforms'>, platform?: string) {
  const images = listImages(version);
  return images.find((image) => image.platform === platform) ?? images.find((image) => platform && isOf(image.platform, platform)) ?? images[0];
}

/** An index has platforms, and the layers and the config of the image that is `shown`; what is no image has neither. */
export function listViews({ children }: Pick<VersionDetail, 'children'>, shown: Pick<VersionDetail, 'layers' | 'config'>): View[] {
  return allViews.filter((view) => {
    switch (view) {
      case 'platforms':
        return children.length > 0;
      case 'layers':
        return shown.layers.length > 0;
      case 'config':
        return shown.config !== null;
      case 'manifest':
      case 'referrers':
      case 'trace':
        return true;
    }
  });
}
