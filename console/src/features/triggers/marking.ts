// Which part of a tag is marked as what a condition found. Pure.

/** Before, found, behind; nothing is found where `part` is missing. */
export function splitMarked(tag: string, part: readonly number[] | null | undefined): [string, string, string] {
  const [from, to] = part ?? [];
  if (from === undefined || to === undefined) return [tag, '', ''];
  return [tag.slice(0, from), tag.slice(from, to), tag.slice(to)];
}
