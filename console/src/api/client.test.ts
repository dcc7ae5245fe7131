import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, take } from './client';
import { isProblem, UNREACHABLE } from './problem';

const answerWith = (body: BodyInit) =>
  vi.stubGlobal('fetch', async () => new Response(body, { status: 200, headers: { 'Content-Type': 'application/json' } }));

describe('an answer of the API', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is read whole', async () => {
    answerWith('{"items":[]}');
    expect(await take(api.GET('/api/v1/namespaces'))).toEqual({ items: [] });
  });

  it('may say nothing', async () => {
    // Chromium has an empty body where there is none.
    const silent = new Response(null, { status: 204 });
    Object.defineProperty(silent, 'body', { value: new ReadableStream({ start: (stream) => stream.close() }) });
    vi.stubGlobal('fetch', async () => silent);
    expect((await api.POST('/api/v1/me/password', { body: { current_password: 'a', new_password: 'b' } })).response.status).toBe(204);
  });

  it('that breaks off is none', async () => {
    let parts = 0;
    answerWith(
      new ReadableStream({
        pull: (stream) => {
          if (parts++ === 0) stream.enqueue(new TextEncoder().encode('{"items":'));
          else stream.error(new TypeError('network error'));
        },
      }),
    );
    const error = await take(api.GET('/api/v1/namespaces')).catch((reason: unknown) => reason);
    expect(isProblem(error, UNREACHABLE)).toBe(true);
  });
});
