// npm run e2e [-- FILE… [TITLE]]: the specs beside this file, each against a server of its own. Exits 1 where a case failed.
import { readdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { Case } from './case.mjs';
import { startServer } from './server.mjs';

/** A case that takes longer (ms) hangs: the longest visits eight variants of a page. */
const CASE_LIMIT = 180_000;

const [wanted, titled = ''] = process.argv.slice(2);
const here = new URL('./', import.meta.url);
const files = (await readdir(here)).filter((file) => file.endsWith('.spec.mjs') && (!wanted || file === `${wanted}.spec.mjs`)).toSorted();
if (files.length === 0) throw new Error(`no spec is called ${wanted}`);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // No sandbox as root; no calls home: they would be refused, many at a time.
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
});

let passed = 0;
let failed = 0;
for (const file of files) {
  const spec = await import(new URL(file, here));
  const server = await startServer(spec.settings, spec.start);
  try {
    const shared = (await spec.prepare?.(server)) ?? {};
    for (const [title, run] of Object.entries(spec.cases)) {
      if (!title.includes(titled)) continue;
      const started = Date.now();
      const test = new Case({ browser, server, title });
      Object.assign(test, shared);
      try {
        await Promise.race([run(test), timeLimit()]);
        await test.finish();
        passed += 1;
        say(`ok      ${file}: ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      } catch (error) {
        failed += 1;
        await picture(test, file, title);
        await test.finish().catch(() => {});
        say(`FAILED  ${file}: ${title}\n${error.stack ?? error}\n${test.complaints.join('\n')}`);
      }
    }
  } finally {
    await server.stop();
  }
}
await browser.close();
// The form that run-tests counts.
say(`\ntest result: ${failed === 0 ? 'ok' : 'FAILED'}. ${passed} passed; ${failed} failed; 0 ignored`);
process.exit(failed === 0 ? 0 : 1);

function timeLimit() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`still running after ${CASE_LIMIT / 1000} s`)), CASE_LIMIT).unref();
  });
}

/** How the page looked when it failed. */
async function picture(test, file, title) {
  const page = test.contexts.at(-1)?.pages().at(-1);
  if (page) await test.show(page, `failed-${file}-${title}`.replaceAll(/[^\w-]+/g, '-')).catch(() => {});
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
