// A body as people read it. Pure.

/** JSON with its lines and indents, anything else as it came. */
export function indentBody(body: string): string {
  if (!/^\s*[[{]/.test(body)) return body;
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    // Cut off, or only like JSON: as it came.
    return body;
  }
}
