// npm run e2e [-- FILE [TITLE]] or [-- --again "FILE: TITLE"…]: the specs beside this file, each against a server of its own, a few
// files at a time. Exits 1 where a case failed.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Case } from './case.mjs';
import { startServer } from './server.mjs';

/** A case that takes longer (ms) hangs: the slowest visit a dozen pages, on a machine that does other things too. */
const CASE_LIMIT = 300_000;

/** Files at a time. More than there are processors make each other's pages late; each has a server and a page to draw. */
const LANES = Math.max(1, Math.min(2, availableParallelism()));

/** So many of the slowest cases are named at the end. */
const SLOWEST = 5;

const here = new URL('./', import.meta.url);
const isWanted = readArguments(process.argv.slice(2));

// Everything that anything here writes goes into one folder, the browser's profile too.
const folder = mkdtempSync(join(tmpdir(), 'wharf-console-'));
process.env.TMPDIR = folder;
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

const failures = new URL('../e2e-failures', here);
await rm(failures, { recursive: true, force: true });

const files = await listFiles();
if (files.length === 0) throw new Error('no spec has such a name');
const browser = await chromium.launch({
  handleSIGINT: false,
  handleSIGTERM: false,
  handleSIGHUP: false,
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // No sandbox as root; no calls home: they would be refused, many at a time. A name that is no loopback, for plain http as it is from
  // another machine.
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--host-resolver-rules=MAP hub.test 127.0.0.1'],
});
const begun = Date.now();
const passed = [];
const failed = [];
await Promise.all(
  Array.from({ length: LANES }, async () => {
    for (let file = files.shift(); file; file = files.shift()) await runFile(file);
  }),
);
await browser.close();
report();
process.exit(failed.length === 0 ? 0 : 1);

/** Which cases: `(file, title) => boolean`. */
function readArguments([first, ...rest]) {
  // The whole files that these are in: a case may stand on those before it.
  if (first === '--again') return (file) => rest.some((name) => name.startsWith(`${file}: `));
  return (file, title) => (!first || file === first) && (title === undefined || title.includes(rest[0] ?? ''));
}

/** Long ones first, so that no lane is alone with one at the end. */
async function listFiles() {
  const names = (await readdir(here)).flatMap((name) => /^(.+)\.spec\.mjs$/.exec(name)?.[1] ?? []);
  const wanted = names.filter((file) => isWanted(file));
  const sizes = new Map(await Promise.all(wanted.map(async (file) => [file, (await stat(new URL(`${file}.spec.mjs`, here))).size])));
  return wanted.toSorted((one, other) => sizes.get(other) - sizes.get(one));
}

async function runFile(file) {
  const spec = await import(new URL(`${file}.spec.mjs`, here));
  const without = spec.missing?.() ?? '';
  if (without !== '') skip(`cases of ${file}.spec.mjs: ${without}`);
  const cases = Object.entries(spec.cases).filter(([title]) => isWanted(file, title));
  if (cases.length === 0) return;
  let server;
  try {
    server = await startServer(spec.settings, spec.start);
    const shared = (await spec.prepare?.(server)) ?? {};
    for (const [title, run] of cases) await runCase(`${file}: ${title}`, run, server, shared);
  } catch (error) {
    failed.push({ name: `${file}: what its cases need` });
    say(`FAILED  ${file} could not be prepared\n${error.stack ?? error}`);
  } finally {
    await server?.stop();
  }
}

async function runCase(name, run, server, shared) {
  const started = Date.now();
  const test = new Case({ browser, server });
  Object.assign(test, shared);
  const printed = server.countLines();
  try {
    await Promise.race([run(test), limitTime()]);
    await test.finish();
    const seconds = (Date.now() - started) / 1000;
    passed.push({ name, seconds });
    say(`ok      ${name} (${seconds.toFixed(1)} s)`);
  } catch (error) {
    failed.push({ name });
    const seen = await test.describe(failures, name);
    await test.finish().catch(() => {});
    say(`FAILED  ${name}\n${error.stack ?? error}\n${seen}\n${server.readLines(printed)}`);
  }
}

function limitTime() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`still running after ${CASE_LIMIT / 1000} s`)), CASE_LIMIT).unref();
  });
}

/** What cannot be tried here is said, and noted where run-tests lists it. */
function skip(line) {
  if (process.env.WHARF_TEST_FORBID_SKIPS === '1') failed.push({ name: line });
  say(`left out ${line}`);
  const notes = process.env.WHARF_TEST_SKIP_FILE;
  if (notes) appendFileSync(notes, `left out ${line}\n`);
}

/** In the form that run-tests reads: names of what failed, then counts. */
function report() {
  const slowest = passed.toSorted((one, other) => other.seconds - one.seconds).slice(0, SLOWEST);
  say(`\nslowest:\n${slowest.map(({ name, seconds }) => `  ${seconds.toFixed(1)} s  ${name}`).join('\n')}`);
  if (failed.length > 0) say(`\nfailures:\n${failed.map(({ name }) => `    ${name}`).join('\n')}`);
  const seconds = Math.round((Date.now() - begun) / 1000);
  say(`\ntest result: ${failed.length === 0 ? 'ok' : 'FAILED'}. ${passed.length} passed; ${failed.length} failed; 0 ignored; finished in ${seconds} s`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
