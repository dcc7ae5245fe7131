// npm run measure: how a list of 10,000 versions scrolls in a browser, beside one of 100, in one run. Prints figures; judges nothing.
import { chromium } from 'playwright-core';
import { Case } from './case.mjs';
import { startServer } from './server.mjs';

/** Wheel turns of one look; fewer leave the frames that pages of rows arrive in to chance. */
const TURNS = 400;

/** Pixels of one turn. */
const TURN = 600;

const server = await startServer();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
try {
  await server.call('POST', '/namespaces', { name: 'team' });
  for (const [image, count] of [['team/few', 100], ['team/many', 10_000]]) {
    const begun = Date.now();
    await pushMany(image, count);
    process.stdout.write(`${image}: ${count} versions pushed in ${Date.now() - begun} ms\n`);
  }
  const t = new Case({ browser, server });
  // The first look pays for what the second finds in the browser's memory.
  await look(t, 'team/few');
  for (const [name, image] of [['100 versions', 'team/few'], ['10,000 versions', 'team/many']]) {
    const seen = Object.entries(await look(t, image)).map(([what, figure]) => `${what} ${figure}`);
    process.stdout.write(`${name}: ${seen.join(', ')}\n`);
  }
} finally {
  await browser.close();
  await server.stop();
}

/** The same image under many tags: what a list shows of them is read like that of any other. */
async function pushMany(image, count) {
  await server.push(image, 'v0.0.0');
  const tags = Array.from({ length: count - 1 }, (_, index) => `v${Math.floor((index + 1) / 100)}.${(index + 1) % 100}.0`);
  await server.tagMany(image, 'v0.0.0', tags);
}

/** Opens the list, turns the wheel until its end or for `TURNS`, and says how the frames came. */
async function look(t, image) {
  const begun = Date.now();
  const page = await t.signIn({ language: 'en', to: `/images/${image}/-/versions` });
  await t.sees(page.getByRole('table', { name: 'Versions' }).getByRole('row').nth(5));
  const shown = Date.now() - begun;
  await page.evaluate(() => {
    globalThis.frames_ = [];
    globalThis.tasks_ = [];
    new PerformanceObserver((list) => globalThis.tasks_.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
    let last = performance.now();
    const frame = (now) => {
      globalThis.frames_.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await page.mouse.move(700, 600);
  for (let turn = 0; turn < TURNS; turn += 1) await page.mouse.wheel(0, turn % 40 < 30 ? TURN : -TURN);
  const { frames, tasks, nodes } = await page.evaluate(() => ({
    frames: globalThis.frames_.slice(1).toSorted((a, b) => a - b),
    tasks: globalThis.tasks_,
    nodes: document.querySelectorAll('*').length,
  }));
  const part = (share) => Math.round(frames[Math.min(frames.length - 1, Math.floor(frames.length * share))] * 10) / 10;
  await page.context().close();
  return {
    'first rows (ms)': shown,
    frames: frames.length,
    'p50 (ms)': part(0.5),
    'p95 (ms)': part(0.95),
    'p99 (ms)': part(0.99),
    'longest (ms)': part(1),
    'tasks over 50 ms': tasks.length,
    'DOM nodes': nodes,
  };
}
