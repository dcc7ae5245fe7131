// After a build: what the sign-in page and the list of images fetch, compressed, may not grow past the budget (kB, gzip: 250 in all).
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { readWords } from './words.mjs';

const BUDGET = { js: 220, css: 18, words: 12 };

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** What these pages are made of: the entry, and the parts that their routes fetch. */
const first = ['index.html', ...Object.keys(manifest).filter((key) => /routes\/(sign-in|_shell|_shell\.images\.index)\.tsx\?/.test(key))];

const files = new Set();
function collect(key) {
  const { file, css = [], imports = [] } = manifest[key];
  if (files.has(file)) return;
  files.add(file);
  for (const sheet of css) files.add(sheet);
  imports.forEach(collect);
}
first.forEach(collect);

const zipped = (bytes) => gzipSync(bytes, { level: 9 }).length / 1000;
const sum = (ending) =>
  [...files].filter((file) => file.endsWith(ending)).reduce((total, file) => total + zipped(readFileSync(new URL(file, dist))), 0);
const words = readWords('zh');
const sizes = { js: sum('.js'), css: sum('.css'), words: zipped(JSON.stringify({ ...words.core, ...words.images })) };

let over = false;
for (const [part, limit] of Object.entries(BUDGET)) {
  const size = sizes[part];
  over ||= size > limit;
  process.stdout.write(`first load, ${part}: ${size.toFixed(1)} of ${limit} kB gzip${size > limit ? ' — over' : ''}\n`);
}
if (first.length < 4) throw new Error(`the parts of the first pages were not found in the manifest: ${first.join(', ')}`);
process.exitCode = over ? 1 : 0;
