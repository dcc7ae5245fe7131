// Addresses of images. A name has slashes and `%2F` breaks proxies, so in the address bar `/-/` ends the name:
// `/images/a/b/-/versions/v1` outside is `/images/a%2Fb/versions/v1` inside, where the router has `$name`.
// `-` alone is never a segment of a name.

const images = '/images/';

/** From the address bar to the router. */
export function readUrl(url: URL): URL {
  if (!url.pathname.startsWith(images)) return url;
  const rest = url.pathname.slice(images.length).replace(/\/$/, '');
  if (rest === '' || rest === '-' || rest.startsWith('-/')) return url;
  const end = rest.search(/\/-(\/|$)/);
  const name = end < 0 ? rest : rest.slice(0, end);
  const inside = end < 0 ? '' : rest.slice(end + 3);
  url.pathname = `${images}${name.replaceAll('/', '%2F')}${inside ? `/${inside}` : ''}`;
  return url;
}

/** From the router to the address bar. */
export function writeUrl(url: URL): URL {
  if (!url.pathname.startsWith(images)) return url;
  const [name = '', ...inside] = url.pathname.slice(images.length).split('/');
  if (name === '' || name === '-') return url;
  const outside = inside.filter(Boolean).join('/');
  url.pathname = `${images}${name.replaceAll(/%2F/gi, '/')}${outside ? `/-/${outside}` : ''}`;
  return url;
}

/** A place in this application that somebody may be sent to after signing in; anything else is the list of images. */
export function readNext(next: string | undefined): string {
  const fallback = '/images';
  if (!next?.startsWith('/')) return fallback;
  try {
    const url = new URL(next, window.location.origin);
    // `//host` and `/\host` are other origins, and so is what is left of `/.//host` once its dot is resolved.
    if (url.origin !== window.location.origin || url.pathname.startsWith('//')) return fallback;
    return url.pathname + url.search + url.hash;
  } catch {
    return fallback;
  }
}
