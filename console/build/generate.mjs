// npm run gen: what the compiler checks the application against, made from the API's document, the catalogue and the route files.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapi, { astToString } from 'openapi-typescript';
import { Generator, getConfig } from '@tanstack/router-generator';
import { languages, listStems, readWords } from './words.mjs';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Writes only what differs, so that watchers and caches stay quiet. */
function write(path, text) {
  let before;
  try {
    before = readFileSync(at(path), 'utf8');
  } catch {
    before = undefined;
  }
  if (before !== text) writeFileSync(at(path), text);
}

const types = await openapi(new URL('../api.json', import.meta.url), { alphabetize: true });
write('src/api/api.gen.ts', astToString(types));

const union = (items) => items.map((item) => `\n  | '${item}'`).join('');
const features = [...new Set(languages.flatMap((language) => Object.keys(readWords(language))))].toSorted();
write(
  'src/app/words.gen.ts',
  `export type Feature =${union(features)};\nexport type WordKey =${union(listStems())};\n`,
);

const root = at('.');
await new Generator({ config: getConfig({}, root), root }).run();
