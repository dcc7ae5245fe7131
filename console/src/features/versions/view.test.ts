import { describe, expect, test } from 'vitest';
import { chooseImage, listViews, readVersionSearch } from './view';

const child = (platform: string | null, digest: string) => ({ platform, digest, media_type: 'application/vnd.oci.image.manifest.v1+json', size_bytes: 1 });

const index = {
  platforms: ['linux/amd64', 'linux/arm64/v8'],
  children: [child('unknown/unknown', 'a'), child('linux/amd64', 'b'), child('linux/arm64/v8', 'c'), child(null, 'd')],
};

describe('the image of an index', () => {
  test.each([
    [undefined, 'b'],
    ['linux/amd64', 'b'],
    ['linux/arm64/v8', 'c'],
    ['linux/arm64', 'c'],
    ['linux/arm', 'b'],
    ['unknown/unknown', 'b'],
  ])('that %s chooses', (platform, digest) => {
    expect(chooseImage(index, platform)?.digest).toBe(digest);
  });

  test('is none where nothing in it runs anywhere', () => {
    expect(chooseImage({ platforms: [], children: index.children })).toBeUndefined();
  });
});

test('an index has the views of the image that is looked at, and its own', () => {
  expect(listViews(index, { layers: [{ digest: 'l', media_type: '', size_bytes: 1 }], config: {} })).toEqual(['layers', 'platforms', 'config', 'manifest', 'referrers', 'trace']);
  expect(listViews({ children: [] }, { layers: [], config: null })).toEqual(['manifest', 'referrers', 'trace']);
});

test('what an address says of a version is read as far as it is understood', () => {
  expect(readVersionSearch({ view: 'config', platform: 'linux/arm64', step: '2' })).toEqual({ view: 'config', platform: 'linux/arm64', step: 2 });
  expect(readVersionSearch({ view: 'x', platform: '', step: '-1' })).toEqual({});
});
