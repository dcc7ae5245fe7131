// The catalogue of server and command line, read for the console: its `console.*` keys, by language and feature.
// Used by vite.config.ts (chunks) and generate.mjs (the type of keys). Only the console's keys leave this room.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const languages = ['en', 'zh'];

/** The file of one language, beside the crate that server and command line speak from. */
export const catalogueFile = (language) =>
  fileURLToPath(new URL(`../../crates/messages/catalogue/${language}.toml`, import.meta.url));

const entry = /^(console\.[a-z0-9_.]+) = ("(?:[^"\\]|\\.)*")\s*$/;

/** `{feature: {key: sentence}}` of one language. Throws on a line of the console that is no plain `key = "sentence"`. */
export function readWords(language) {
  const features = {};
  for (const line of readFileSync(catalogueFile(language), 'utf8').split('\n')) {
    if (!line.startsWith('console.')) continue;
    const match = entry.exec(line);
    if (!match) throw new Error(`${language}.toml: the console reads only key = "sentence": ${line}`);
    const [, key, text] = match;
    const feature = key.split('.')[1];
    features[feature] ??= {};
    // TOML's basic strings with the escapes used here are JSON's.
    features[feature][key] = JSON.parse(text);
  }
  refuseNested(Object.values(features).flatMap(Object.keys));
  return features;
}

/** TOML has no key that is a text and a table: `a.b` and `a.b.c` cannot be beside each other. */
function refuseNested(keys) {
  const all = new Set(keys);
  for (const key of keys) {
    const parts = key.split('.');
    while (parts.pop() !== undefined && parts.length > 1) {
      if (all.has(parts.join('.'))) throw new Error(`${parts.join('.')} cannot have a text: ${key} is below it`);
    }
  }
}

/** Keys as the code writes them: without the plural's ending. */
export function listStems() {
  const stems = Object.values(readWords('en')).flatMap((words) =>
    Object.keys(words).map((key) => key.replace(/_(one|other)$/, '')),
  );
  return [...new Set(stems)].toSorted();
}
