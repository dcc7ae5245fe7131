// What is too long to show whole. The full text is always one hover or copy away.

/** `sha256:9f8d7f…bde6` */
export function cutDigest(digest: string) {
  const [algorithm, hex] = digest.split(':');
  if (!hex || hex.length <= 12) return digest;
  return `${algorithm}:${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** The first 8 digits of a commit. */
export const cutCommit = (commit: string) => commit.slice(0, 8);

/** The end of a name that must stay visible when its middle is cut: its last 12 characters, at most half of it. */
export function splitForCut(text: string): [string, string] {
  const kept = Math.min(12, Math.floor(text.length / 2));
  return [text.slice(0, text.length - kept), text.slice(text.length - kept)];
}
