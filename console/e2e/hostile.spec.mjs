// Text that others wrote, in every place where it is shown: it is text there, never markup, and leads nowhere.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { startGit } from './git.mjs';
import { until } from './server.mjs';

const git = await startGit();
export const settings = { WHARF_EGRESS_ALLOW: git.host };

const hostile = '<svg><animate onbegin="window.broken=1" attributeName=x dur=1s></svg><math href="javascript:window.broken=1">x</math><img src=x onerror=window.broken=1>';
/** The name of a branch, which git takes. */
const branch = '<svg/onload=window.broken=1>';

const image = 'team/web';
const api = `/repositories/${encodeURIComponent(image)}`;

/** The one program in the image that is built. */
const BUSYBOX = '/usr/bin/busybox';

/** Why nothing here can be tried. */
export const missing = () => (existsSync(BUSYBOX) ? '' : `${BUSYBOX} is not installed (make test-deps)`);

/** A build takes seconds; on a busy machine many. */
const BUILD_LIMIT = 90_000;

export async function prepare(server) {
  const quoted = hostile.replaceAll('"', '\\"');
  const log = `RUN --network=none echo "${quoted} javascript:window.broken=1 https://example.cn/\\"onmouseover=window.broken=1"\n`;
  const files = { busybox: await readFile(BUSYBOX), Dockerfile: `FROM scratch\nCOPY --chmod=755 busybox /bin/sh\n${log}` };
  await git.commit('team/web.git', files, { message: hostile });
  await git.commit('team/web.git', files, { branch, message: hostile });
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push(image, 'v1', {
    env: [`PATH=${hostile}`],
    labels: { 'org.opencontainers.image.url': 'javascript:window.broken=1', [hostile]: hostile },
    history: [{ created: '2026-11-22T07:31:26Z', created_by: hostile }],
    annotations: { [hostile]: 'javascript:window.broken=1' },
  });
  await server.call('PATCH', api, { short_description: hostile.slice(0, 100), description: `${hostile}\n\n[link](javascript:window.broken=1)` });
  const source = await server.call('POST', '/sources', { kind: 'git', address: git.url });
  await server.call('POST', `${api}/rules`, { name: 'default', source: source.id, remote: 'team/web.git', definition: { trigger: { branches: true } } });
  for (const start of [{ ref: 'refs/heads/master' }, { ref: `refs/heads/${branch}`, version: 'odd' }]) {
    const { number } = await server.call('POST', `${api}/builds`, { rule: 'default', ...start });
    await until(async () => {
      const { state } = await server.call('GET', `${api}/builds/${number}`);
      return state !== 'queued' && state !== 'running';
    }, BUILD_LIMIT, () => `build ${number} does not end`);
  }
  await server.call('POST', '/tokens', { name: hostile.slice(0, 60), actions: ['pull'] });
}

/** Nothing of it became an element, ran, or is a link. */
async function isHarmless(page) {
  assert.equal(await page.evaluate(() => window.broken), undefined, page.url());
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('animate, math, img, [onerror], [onbegin], [onload], [onmouseover]')].map((found) => found.outerHTML)), [], page.url());
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('[href^="javascript:" i]')].map((found) => found.outerHTML)), [], page.url());
}

const pages = [
  ['the list of images', '/images', /<svg>/],
  ['the steps of a version', `/images/${image}/-/versions/v1?view=layers`, /onbegin/],
  ['the config of a version', `/images/${image}/-/versions/v1?view=config`, /onbegin/],
  ['the manifest of a version', `/images/${image}/-/versions/v1?view=manifest`, /onbegin/],
  ['the information', `/images/${image}/-/info`, /<svg>/],
  ['the records of builds', `/images/${image}/-/builds`, /<svg\/onload/],
  ['the log of a build', `/images/${image}/-/builds/1?step=2`, /onbegin/],
  ['the facts of a build', `/images/${image}/-/builds/2`, /<svg\/onload/],
  ['the trace of a version', `/images/${image}/-/versions/master?view=trace`, /onbegin/],
  ['the version that a build made', `/images/${image}/-/versions/odd?view=trace`, /onbegin/],
  ['what happened', '/activity/events', /<svg\/onload/],
  ['the audit log', '/activity/audit', /<svg>/],
  ['the tokens', '/account/tokens', /<svg>/],
];

export const cases = Object.fromEntries(
  pages.map(([name, address, text]) => [
    `${name} shows it as text`,
    async (t) => {
      const page = await t.signIn({ to: address });
      await t.sees(page.getByRole('main').getByText(text));
      await isHarmless(page);
      await t.show(page, `hostile-${address.replaceAll(/\W+/g, '-')}`);
    },
  ]),
);
