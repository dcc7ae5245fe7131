import { describe, expect, test } from 'vitest';
import { readNext, readUrl, writeUrl } from './urls';

const origin = 'http://hub.example.cn';

describe('an address of an image', () => {
  test.each([
    ['/images', '/images'],
    ['/images/-/new', '/images/-/new'],
    ['/images/a', '/images/a'],
    ['/images/a/b', '/images/a%2Fb'],
    ['/images/a/b/-/versions/v1', '/images/a%2Fb/versions/v1'],
    ['/images/a/b/-/versions/sha256:0f', '/images/a%2Fb/versions/sha256:0f'],
    ['/images/a/b-c/d/-/rules/-/new', '/images/a%2Fb-c%2Fd/rules/-/new'],
    ['/namespaces/-/new', '/namespaces/-/new'],
  ])('%s is %s inside, and back', (outside, inside) => {
    expect(readUrl(new URL(outside, origin)).pathname).toBe(inside);
    expect(writeUrl(new URL(inside, origin)).pathname).toBe(outside);
  });

  test('ends the name at the first lone hyphen, with or without something behind it', () => {
    expect(readUrl(new URL('/images/a/b/-', origin)).pathname).toBe('/images/a%2Fb');
    expect(readUrl(new URL('/images/a/b/-/', origin)).pathname).toBe('/images/a%2Fb');
  });
});

describe('where somebody is sent after signing in', () => {
  test('is a place of this application', () => {
    expect(readNext('/images/a/-/builds/1?step=2#L3')).toBe('/images/a/-/builds/1?step=2#L3');
  });

  test.each([undefined, '', 'images', '//evil.example', '/\\evil.example', '/.//evil.example', '/x/..//evil.example', 'https://evil.example/', 'javascript:alert(1)'])(
    'is never %s',
    (next) => {
      expect(readNext(next)).toBe('/images');
    },
  );
});
