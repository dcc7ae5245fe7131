// Every way to a build but the usual one, and what can be done with one afterwards.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { startGit } from './git.mjs';
import { startServer, tarOf, until } from './server.mjs';

const git = await startGit();
// Code and the other registry are on this machine; a server of plain Git is asked each second.
export const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1', WHARF_BUILD_POLL_SECONDS: '1' };

const name = 'team/shop';
const path = `/repositories/${encodeURIComponent(name)}`;
const image = `/images/${name}/-`;

/** The one program in the images that are built. */
const BUSYBOX = '/usr/bin/busybox';

/** Why nothing here can be tried. */
export const missing = () => (existsSync(BUSYBOX) ? '' : `${BUSYBOX} is not installed (make test-deps)`);

/** A build takes seconds; on a busy machine many. */
const BUILD_LIMIT = 90_000;

const labels = 'FROM scratch\nLABEL made=here\n';
const slow = 'FROM scratch\nCOPY --chmod=755 busybox /bin/sh\nRUN --network=none i=1; while [ $i -le 600 ]; do echo "tick $i"; sleep 0.2; i=$((i+1)); done\n';

export async function prepare(server) {
  const quick = await git.commit('team/shop.git', { Dockerfile: labels }, { message: 'Begin' });
  const waiting = await git.commit('team/shop.git', { Dockerfile: slow, busybox: await readFile(BUSYBOX) }, { branch: 'slow', message: 'Take long' });
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.call('POST', '/repositories', { name });
  const source = await server.call('POST', '/sources', { kind: 'git', address: git.url });
  await server.call('POST', `${path}/rules`, {
    name: 'default',
    source: source.id,
    remote: 'team/shop.git',
    definition: { trigger: { branches: true, branch_patterns: ['master'] } },
  });
  return { quick, waiting };
}

const shows = (page, state) => page.getByText(state, { exact: true }).first().waitFor({ timeout: BUILD_LIMIT });

const readBuild = (t, page) => t.server.call('GET', `${path}/builds/${/\/builds\/(\d+)$/.exec(page.url())?.[1]}`);

const withBuilds = {
  'a commit is built under a version that was chosen, canceled, and built again': async (t) => {
    const page = await t.signIn({ to: `${image}/versions` });
    // The button is on every tab of the image.
    await page.getByRole('link', { name: '立即构建' }).click();
    const drawer = page.getByRole('dialog', { name: '立即构建' });
    await drawer.getByRole('radio', { name: '指定commit号构建' }).check();
    const field = drawer.getByRole('combobox', { name: 'commit号' });
    await field.fill(t.waiting.slice(0, 6));
    await drawer.getByRole('button', { name: '开始构建' }).click();
    await page.waitForFunction(() => document.querySelector('[aria-invalid="true"]'));
    // What the server does not find it says beside the field.
    await field.fill('1234567');
    await drawer.getByRole('button', { name: '开始构建' }).click();
    await t.sees(drawer.getByText('没有以此开头的commit', { exact: false }));
    // As many digits as the console shows.
    await field.fill(t.waiting.slice(0, 8));
    await drawer.getByRole('textbox', { name: '镜像版本' }).fill('by-commit');
    // Another way to build takes nothing away.
    await drawer.getByRole('radio', { name: '使用Dockerfile进行构建' }).check();
    await t.gone(field);
    await drawer.getByRole('radio', { name: '指定commit号构建' }).check();
    assert.notEqual(await field.inputValue(), '');
    assert.equal(await drawer.getByRole('textbox', { name: '镜像版本' }).inputValue(), 'by-commit');
    await drawer.getByRole('button', { name: '开始构建' }).click();
    await page.waitForURL(/\/builds\/\d+$/);
    await page.getByRole('region', { name: '构建日志' }).getByText('tick 2', { exact: true }).waitFor({ timeout: BUILD_LIMIT });
    assert.equal((await readBuild(t, page)).commit, t.waiting);
    await page.getByRole('button', { name: '取消构建' }).click();
    await shows(page, '已取消');
    const first = page.url();
    // What was built lately is there to be chosen.
    await page.goto(`${image}/builds/-/new?by=commit`);
    await field.click();
    await page.getByRole('option', { name: t.waiting.slice(0, 8) }).click();
    assert.equal(await field.inputValue(), t.waiting);
    await page.goto(first);
    await page.getByRole('button', { name: '重试', exact: true }).click();
    await page.waitForURL((url) => url.href !== first && /\/builds\/\d+$/.test(url.pathname));
    const again = await readBuild(t, page);
    assert.deepEqual([again.commit, again.tags, again.cause], [t.waiting, ['by-commit'], 'retry']);
    await page.getByRole('button', { name: '取消构建' }).click();
    await shows(page, '已取消');
  },

  'a typed Dockerfile outlives a click beside it and Esc, and is built with an archive and arguments': async (t) => {
    const page = await t.signIn({ language: 'en', to: `${image}/builds/-/new?by=dockerfile` });
    const drawer = page.getByRole('dialog', { name: 'Build now' });
    const editor = drawer.getByRole('textbox', { name: 'Dockerfile' });
    await editor.fill('FROM scratch\nARG WHO=nobody\nLABEL who=$WHO\nCOPY content.txt /\n');
    await t.sees(drawer.getByText('Esc, then Tab leaves the editor'));
    await editor.press('Escape');
    await editor.press('Tab');
    assert.equal(await editor.evaluate((field) => field === document.activeElement), false, 'Tab left the editor');
    await page.keyboard.press('Escape');
    await page.mouse.click(20, 400);
    await drawer.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog', { name: 'What you typed is not saved' }).getByRole('button', { name: 'Keep editing' }).click();
    await t.sees(editor.getByText('LABEL'));

    await drawer.getByRole('textbox', { name: 'Image version' }).fill('from-archive');
    const choosing = page.waitForEvent('filechooser');
    await drawer.getByRole('button', { name: 'Context archive' }).click();
    await (await choosing).setFiles({ name: 'context.tar', mimeType: 'application/x-tar', buffer: tarOf('content.txt', 'of the archive') });
    await drawer.getByText('Build arguments').click();
    await drawer.getByRole('button', { name: 'Add variable' }).click();
    await drawer.getByRole('textbox', { name: 'Name of variable 1' }).fill('WHO');
    await drawer.getByRole('textbox', { name: 'Value of variable 1' }).fill('li.wei');
    await drawer.getByRole('button', { name: 'Start build' }).click();
    await page.waitForURL(/\/builds\/\d+$/);
    await shows(page, 'Succeeded');
    await page.goto(`${image}/versions/from-archive?view=config`);
    await t.sees(page.getByText('li.wei').first());
  },

  'a version is compared and deleted on its own page': async (t) => {
    await t.server.push(name, 'one');
    await t.server.push(name, 'two', { env: ['PATH=/sbin'] });
    const page = await t.signIn({ to: `${image}/versions/one` });
    await page.getByRole('button', { name: 'one的操作' }).click();
    await page.getByRole('menuitem', { name: '比较' }).click();
    const other = page.getByRole('combobox', { name: '与one比较的镜像版本' });
    await other.fill('tw');
    await page.getByRole('option', { name: 'two' }).click();
    await page.waitForURL((url) => url.searchParams.get('b') === 'two');
    await t.sees(page.getByText('/sbin').first());
    await page.goto(`${image}/versions/two`);
    await page.getByRole('button', { name: 'two的操作' }).click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    const dialog = page.getByRole('dialog', { name: '删除镜像版本two' });
    await dialog.getByRole('textbox').fill('two');
    await dialog.getByRole('button', { name: /^删除/ }).last().click();
    await page.waitForURL(/\/versions$/);
    await t.sees(page.getByRole('link', { name: 'one', exact: true }));
    assert.equal(await page.getByRole('link', { name: 'two', exact: true }).count(), 0);
  },

  'an image goes to a second registry too, whose refusal is there to be read, and once more by hand after it was given up': async (t) => {
    const second = await startServer();
    try {
      await second.call('POST', '/namespaces', { name: 'mirror' });
      const page = await t.signIn({ to: `${image}/rules/default` });
      await page.getByText('同时推送到', { exact: true }).click();
      await page.getByRole('checkbox', { name: '启用', exact: true }).check();
      await page.getByRole('textbox', { name: '第1个镜像地址' }).fill(`${second.host}/mirror/shop`);
      await page.getByRole('button', { name: '保存' }).click();
      await page.waitForURL(/\/-\/builds$/);
      const { number } = await t.server.call('POST', `${path}/builds`, { rule: 'default', ref: 'refs/heads/master' });
      await page.goto(`${image}/builds/${number}`);
      const pushes = page.getByRole('table', { name: '同时推送到' });
      // Nobody may push there without a login.
      await pushes.getByText('重试中').waitFor({ timeout: BUILD_LIMIT });
      const [{ error }] = (await readBuild(t, page)).pushes;
      await t.sees(pushes.getByText(error));
      await t.show(page, 'push-refused');
      // It is given up after hours; the page is told that they are over.
      const read = new RegExp(`/api/v1/.*/builds/${number}$`);
      await page.route(read, async (route) => {
        const response = await route.fetch();
        const told = await response.json();
        await route.fulfill({ response, json: { ...told, pushes: told.pushes.map((push) => ({ ...push, state: 'failed' })) } });
      });
      await page.reload();
      await t.sees(pushes.getByText('已停止重试'));
      const again = page.waitForRequest((request) => request.method() === 'POST' && /\/pushes\/[^/]+\/retry$/.test(request.url()));
      await pushes.getByRole('button', { name: '重试' }).click();
      await again;
      await page.unroute(read);

      await t.server.call('POST', '/namespaces/team/credentials', { host: second.host, ...second.admin });
      const next = await t.server.call('POST', `${path}/builds`, { rule: 'default', ref: 'refs/heads/master' });
      await page.goto(`${image}/builds/${next.number}`);
      await pushes.getByText('已推送').waitFor({ timeout: BUILD_LIMIT });
      await second.call('GET', `/repositories/${encodeURIComponent('mirror/shop')}/tags/master`);
    } finally {
      await t.server.call('PATCH', `${path}/rules/default`, { definition: { push_also: [] } });
      await second.stop();
    }
  },

  'a repository link is made, switched off and removed after a question': async (t) => {
    await t.server.push('team/base', 'v1');
    const page = await t.signIn({ language: 'en', to: `${image}/builds` });
    await page.getByText('Repository links').click();
    await page.getByRole('button', { name: 'Add link' }).click();
    await t.sees(page.getByText('Fill this in'));
    await page.getByRole('textbox', { name: 'Base image', exact: true }).fill('team/base');
    await page.getByRole('button', { name: 'Add link' }).click();
    const links = page.getByRole('table', { name: 'Repository links' });
    await t.sees(links.getByRole('link', { name: 'team/base' }));
    // The part that is open has an address.
    assert.equal(new URL(page.url()).searchParams.get('open'), 'links');
    await page.reload();
    await t.sees(links.getByRole('link', { name: 'team/base' }));
    const active = links.getByRole('switch');
    await active.press('Space');
    await until(async () => (await t.server.call('GET', `${path}/links`)).items.some((link) => !link.active), 20_000);
    await links.getByRole('button', { name: 'Remove team/base' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove team/base' });
    await t.sees(dialog.getByText('A change of team/base no longer builds again by itself.'));
    await t.accessible(page);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await t.gone(links);
  },

  'the card says how pushes are known, and which of them were not built': async (t) => {
    await t.server.call('POST', `${path}/builds`, { rule: 'default', ref: 'refs/heads/master' });
    await git.commit('team/shop.git', { 'notes.txt': 'nothing to build' }, { message: 'Note something [skip ci]' });
    const page = await t.signIn({ to: `${image}/builds` });
    const card = page.getByRole('article', { name: 'default' });
    await t.sees(card.getByText(/^定期检查/));
    await t.sees(card.getByText('在代码仓库的post-receive钩子中添加一行，即可在推送时立即构建。'));
    await until(async () => (await t.server.call('GET', `${path}/rules/default/decisions`)).items.some((made) => made.decision === 'skipped'), 30_000);
    await card.getByText('未构建的提交').click();
    const skipped = page.getByRole('table', { name: '未构建的提交' });
    await t.sees(skipped.getByRole('row').filter({ hasText: 'master' }));
    await t.show(page, 'rule-card');
    // The way to the line that tells at once.
    await card.getByRole('link', { name: '查看Webhook' }).click();
    await t.sees(page.getByRole('table', { name: '推送通知' }).getByText('team/shop.git'));
  },

  'a part of the page that cannot be read leaves the rest of it, and is asked for again': async (t) => {
    const page = await t.open({ language: 'en' });
    await t.begin(page, t.server.admin);
    await page.route('**/trigger-urls**', (route) => route.fulfill({ status: 500, contentType: 'text/plain', body: 'broken' }));
    await page.goto(`${image}/builds`);
    await page.getByText('Build trigger URLs').click();
    await t.sees(page.getByRole('alert').getByText(/HTTP 500/));
    await t.sees(page.getByRole('heading', { name: 'Build settings' }));
    await page.unroute('**/trigger-urls**');
    await page.getByRole('alert').getByRole('button', { name: 'Retry' }).click();
    await t.sees(page.getByRole('button', { name: 'Create trigger URL' }));
  },

  'the filter by branch is empty once filters are cleared': async (t) => {
    const page = await t.signIn({ language: 'en', to: `${image}/builds?ref=no-such-branch` });
    await t.sees(page.getByText('Nothing matches'));
    const field = page.getByRole('textbox', { name: 'Branch or tag' });
    assert.equal(await field.inputValue(), 'no-such-branch');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await page.waitForURL((url) => !url.searchParams.has('ref'));
    assert.equal(await field.inputValue(), '');
    await field.focus();
    await field.blur();
    assert.equal(new URL(page.url()).searchParams.has('ref'), false, 'leaving the field does not bring it back');
  },

  'an image says in its settings whether it takes the README of its repository': async (t) => {
    const page = await t.signIn({ language: 'en', to: `${image}/settings` });
    const readme = page.getByRole('switch', { name: 'Sync README' });
    await readme.click();
    await until(async () => (await t.server.call('GET', `${path}/rules/default`)).definition.readme, 20_000);
    assert.equal(await readme.isChecked(), true);
    await t.accessible(page);
    await t.show(page, 'settings-readme');
  },
};

export const cases = missing() === '' ? withBuilds : {};
