import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { startGit } from './git.mjs';
import { until } from './server.mjs';

const git = await startGit();
export const settings = { WHARF_EGRESS_ALLOW: git.host };

const image = '/images/team/shop/web/-';
const path = `/repositories/${encodeURIComponent('team/shop/web')}`;
/** A step's network is an interface of this machine that comes and goes, and browsers start all over where that happens. */
const alone = 'RUN --network=none';
const base = 'FROM scratch\nCOPY --chmod=755 busybox /bin/sh\n';

/** The one program in the images that are built. */
const BUSYBOX = '/usr/bin/busybox';

/** Why nothing here can be tried. */
export const missing = () => (existsSync(BUSYBOX) ? '' : `${BUSYBOX} is not installed (make test-deps)`);

/** A build takes seconds; on a busy machine many. */
const BUILD_LIMIT = 90_000;

async function build(server, body) {
  const { number } = await server.call('POST', `${path}/builds`, body);
  return finishBuild(server, number);
}

async function finishBuild(server, number) {
  await until(async () => {
    const { state } = await server.call('GET', `${path}/builds/${number}`);
    return state !== 'queued' && state !== 'running';
  }, BUILD_LIMIT, () => `build ${number} does not end`);
  return number;
}

export async function prepare(server) {
  const busybox = await readFile(BUSYBOX);
  const many = `${alone} i=1; while [ $i -le 300 ]; do echo "line $i of many, see https://example.cn/$i"; i=$((i+1)); done\n`;
  const colours = `${alone} printf '\\033[31m10%%\\r\\033[31mred words\\033[0m at 100%%\\n'\n`;
  await git.commit('team/shop.git', { busybox, Dockerfile: base + many + colours }, { tag: 'v1.0.0', message: '添加首页' });
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.call('POST', '/repositories', { name: 'team/shop/web' });
  await server.call('POST', '/repositories', { name: 'team/empty' });
  const source = await server.call('POST', '/sources', { kind: 'git', address: git.url });
  await server.call('POST', `${path}/rules`, {
    name: 'default',
    source: source.id,
    remote: 'team/shop.git',
    definition: { trigger: { branches: true, branch_patterns: ['master', 'release/*'] } },
  });
  const succeeded = await build(server, { rule: 'default', ref: 'refs/heads/master' });
  await git.commit('team/shop.git', { Dockerfile: `${base}${alone} echo installing; echo 'npm error code ERESOLVE' >&2; exit 1\n` }, { message: '升级依赖' });
  const failed = await build(server, { rule: 'default', ref: 'refs/heads/master' });
  await git.commit('team/shop.git', { Dockerfile: base + many + colours }, { message: '撤回' });
  const reader = await server.addUser('reader');
  await server.call('PUT', '/namespaces/team/members/reader', { role: 'reader' });
  return { succeeded, failed, source, reader };
}

/** The streams of `page` that are open. */
function watchStreams(page) {
  const open = new Set();
  page.on('request', (request) => new URL(request.url()).pathname === '/api/v1/stream' && open.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => open.delete(request));
  return open;
}

const withBuilds = {
  'the card says where the code is and when it is built, and records follow': async (t) => {
    const page = await t.signIn({ to: `${image}/builds` });
    await t.sees(page.getByText(`${git.host}/team/shop.git`));
    await t.sees(page.getByText('提交代码到分支master、release/*时触发'));
    await t.sees(page.getByRole('heading', { name: '最近30次' }));
    const records = page.getByRole('table', { name: '构建记录' });
    const row = records.getByRole('row').filter({ has: page.getByRole('link', { name: `构建#${t.succeeded}` }) });
    await t.sees(row.getByText('构建成功'));
    await t.sees(row.getByText('源码构建'));
    await t.sees(row.getByRole('link', { name: 'master' }));
    await t.sees(records.getByRole('row').filter({ hasText: `#${t.failed}` }).getByText('构建失败'));
  },

  'the newest commits that a rule chooses are built at once from its card': async (t) => {
    await t.server.call('POST', '/repositories', { name: 'team/heads' });
    const at = `/repositories/${encodeURIComponent('team/heads')}`;
    await t.server.call('POST', `${at}/rules`, { name: 'default', source: t.source.id, remote: 'team/shop.git', definition: { trigger: { branches: true, branch_patterns: ['master'] } } });
    const page = await t.signIn({ to: '/images/team/heads/-/builds' });
    await page.getByRole('button', { name: '按规则default构建最新提交' }).click();
    const dialog = page.getByRole('dialog', { name: '按规则default构建最新提交' });
    await t.accessible(page);
    await dialog.getByRole('button', { name: '构建最新提交' }).click();
    await t.gone(dialog);
    await t.sees(page.getByRole('table', { name: '构建记录' }).getByRole('link', { name: '构建#1' }));
    await t.show(page, 'rule-heads');
    await t.server.call('DELETE', at);
  },

  'the same in English, filtered by the address': async (t) => {
    const page = await t.signIn({ language: 'en', to: `${image}/builds?state=failed` });
    await t.sees(page.getByText('On push to master, release/*'));
    const records = page.getByRole('table', { name: 'Builds' });
    await t.sees(records.getByRole('link', { name: `Build #${t.failed}` }));
    assert.equal(await records.getByRole('link', { name: `Build #${t.succeeded}` }).count(), 0);
    await page.goto(`${image}/builds?state=canceled`);
    await t.sees(page.getByText('Nothing matches'));
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await t.sees(page.getByRole('link', { name: `Build #${t.succeeded}` }));
  },

  'an image without rules says what to do': async (t) => {
    const page = await t.signIn({ to: '/images/team/empty/-/builds' });
    await t.sees(page.getByText('还没有构建规则'));
    await t.sees(page.getByText('还没有构建记录'));
    await page.getByRole('link', { name: '新建规则' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '新建规则' }));
  },

  'a failed build shows the failing step first': async (t) => {
    const page = await t.signIn({ to: `${image}/builds/${t.failed}` });
    await t.sees(page.getByRole('alert').filter({ hasText: `步失败：${alone} echo installing` }).filter({ hasText: '退出码1' }));
    const log = page.getByRole('region', { name: '构建日志' });
    await t.sees(log.getByText('npm error code ERESOLVE', { exact: true }));
    await t.sees(page.getByRole('button', { name: '跳到错误' }));
    assert.equal(await log.getByRole('button', { name: /echo installing/ }).first().getAttribute('aria-expanded'), 'true');
  },

  'the log folds, searches, wraps, links and is downloaded': async (t) => {
    const page = await t.signIn({ language: 'en', to: `${image}/builds/${t.succeeded}` });
    const log = page.getByRole('region', { name: 'Log' });
    const step = log.getByRole('button', { name: / i=1/ }).first();
    await t.sees(step);
    assert.equal(await step.getAttribute('aria-expanded'), 'false');
    // A button that does nothing yet says why, to a finger and a keyboard too.
    await page.getByRole('button', { name: 'Next match' }).press('Enter');
    await t.sees(page.getByText('Type what to search for', { exact: false }));
    await page.getByRole('searchbox', { name: 'Search log' }).fill('LINE 277 of');
    await t.sees(log.getByText('277 of many', { exact: false }));
    await t.sees(page.getByText('1/1', { exact: true }));
    assert.equal(new URL(page.url()).searchParams.get('q'), 'LINE 277 of');
    const address = log.getByRole('link', { name: 'https://example.cn/277' });
    assert.equal(await address.getAttribute('href'), 'https://example.cn/277');
    const wrap = page.getByRole('button', { name: 'Wrap' });
    await wrap.click();
    assert.equal(await wrap.getAttribute('aria-pressed'), 'true');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    assert.match((await readFile(await (await download).path())).toString(), /line 300 of many/);
  },

  'a line is linked by its number, a range with Shift, and the address brings it back': async (t) => {
    const page = await t.signIn({ to: `${image}/builds/${t.failed}` });
    const log = page.getByRole('region', { name: '构建日志' });
    await log.getByRole('link', { name: '1', exact: true }).click();
    await page.waitForURL((url) => url.hash === '#L1');
    await log.getByRole('link', { name: '2', exact: true }).click({ modifiers: ['Shift'] });
    await page.waitForURL((url) => url.hash === '#L1-L2');
    await page.goto(`${image}/builds/${t.succeeded}#L250-L251`);
    await t.sees(page.getByRole('region', { name: '构建日志' }).getByRole('link', { name: '250', exact: true }));
  },

  'colours are shown and a carriage return overwrites': async (t) => {
    const page = await t.signIn({ to: `${image}/builds/${t.succeeded}` });
    const log = page.getByRole('region', { name: '构建日志' });
    await log.getByRole('button', { name: / printf/ }).click();
    const red = log.getByText('red words', { exact: true }).last();
    await t.sees(red);
    assert.equal(await log.getByText('10%red words').count(), 0);
    assert.equal(await red.evaluate((element) => getComputedStyle(element).color), 'rgb(255, 138, 133)');
  },

  'a log of 200,000 lines is shown, searched and linked without having all of it': async (t) => {
    const lines = 'RUN --network=none seq 1 200000 | sed "s/$/ is a line among many/"\n';
    await git.commit('team/shop.git', { Dockerfile: base + lines + 'RUN --network=none echo oops; exit 3\n' }, { branch: 'release/long' });
    const number = await build(t.server, { rule: 'default', ref: 'refs/heads/release/long' });
    const page = await t.signIn({ to: `${image}/builds/${number}` });
    const asked = [];
    page.on('request', (request) => request.url().includes('/log/') && asked.push(new URL(request.url())));
    const log = page.getByRole('region', { name: '构建日志' });
    await t.sees(log.getByText('oops', { exact: true }));
    await t.sees(page.getByRole('alert').filter({ hasText: '退出码3' }));

    await page.getByRole('searchbox', { name: '搜索日志' }).fill('1999 IS');
    // 1999, 11999 and so on to 191999.
    await t.sees(page.getByText('1/20', { exact: true }));
    await t.sees(log.locator('mark').filter({ hasText: /^1999 is$/ }));
    await page.keyboard.press('Enter');
    await t.sees(page.getByText('2/20', { exact: true }));
    await t.sees(log.getByRole('link', { name: '11999', exact: true }));
    await page.keyboard.press('Shift+Enter');
    await t.sees(page.getByText('1/20', { exact: true }));
    await page.keyboard.press('Shift+Enter');
    await t.sees(page.getByText('20/20', { exact: true }));
    await t.sees(log.getByRole('link', { name: '191999', exact: true }));

    await page.goto(`${image}/builds/${number}#L123456-L123458`);
    const line = log.getByRole('link', { name: '123457', exact: true });
    await t.sees(line);
    await t.sees(log.getByText('123457 is a line among many'));
    await log.focus();
    await page.keyboard.press('Home');
    await t.sees(log.getByText('1 is a line among many', { exact: true }));
    const ranges = asked.filter((url) => url.pathname.endsWith('/log/lines'));
    assert.ok(ranges.length > 0 && ranges.length < 20, `asked for lines ${ranges.length} times`);
    assert.ok(ranges.every(({ searchParams }) => Number(searchParams.get('to')) - Number(searchParams.get('from')) < 1000));
  },

  'a build that runs is followed until the reader looks elsewhere, and again from its end on': async (t) => {
    const slow = 'RUN --network=none i=1; while [ $i -le 60 ]; do for j in 1 2 3 4 5; do echo "tick $i.$j"; done; sleep 0.5; i=$((i+1)); done\n';
    await git.commit('team/shop.git', { Dockerfile: base + slow }, { branch: 'release/slow' });
    const { number } = await t.server.call('POST', `${path}/builds`, { rule: 'default', ref: 'refs/heads/release/slow' });
    const page = await t.open();
    const streams = watchStreams(page);
    await t.begin(page, t.server.admin);
    await page.goto(`${image}/builds/${number}`);
    const log = page.getByRole('region', { name: '构建日志' });
    const follow = page.getByRole('button', { name: /^跟随/ });
    await log.getByText('tick 12.5', { exact: true }).waitFor({ timeout: BUILD_LIMIT });
    assert.equal(await follow.getAttribute('aria-pressed'), 'true');
    // State and log are told by one connection: a browser has six for all its tabs.
    await until(() => streams.size === 1, 10_000, () => `${streams.size} streams are open`);
    const [topics] = [...streams].map((request) => new URL(request.url()).searchParams.get('topics').split(','));
    assert.ok(topics.length > 1, `only ${topics} are told`);
    await t.show(page, 'log-live');

    await log.hover();
    await page.mouse.wheel(0, -200);
    await page.waitForFunction(() => document.querySelector('[aria-pressed]')?.closest('section')?.querySelector('[aria-pressed="false"]'));
    await t.sees(page.getByRole('button', { name: /^跟随 · \d+行新日志$/ }));
    await log.focus();
    await page.keyboard.press('End');
    await t.sees(page.getByRole('button', { name: '跟随', exact: true }));
    assert.equal(await follow.getAttribute('aria-pressed'), 'true');

    // Without the stream it says so; with it everything comes that was written meanwhile.
    await page.route('**/api/v1/stream**', (route) => route.abort());
    await page.reload();
    await t.sees(page.getByText('连接已断开，正在重新连接'));
    await page.unroute('**/api/v1/stream**');
    await log.getByText('tick 60.5', { exact: true }).waitFor({ timeout: BUILD_LIMIT });
    const numbers = await log.getByRole('link').allInnerTexts();
    assert.equal(new Set(numbers).size, numbers.length, 'no line is there twice');
    await finishBuild(t.server, number);
    await t.gone(follow);
  },

  'building now by branch opens the log, which is followed to its end': async (t) => {
    const page = await t.signIn({ to: `${image}/builds` });
    await page.getByRole('link', { name: '立即构建' }).click();
    const drawer = page.getByRole('dialog', { name: '立即构建' });
    await drawer.getByRole('button', { name: '开始构建' }).click();
    await t.sees(drawer.getByText('请填写此项'));
    await drawer.getByRole('combobox', { name: '分支', exact: true }).fill('master');
    await drawer.getByRole('button', { name: '开始构建' }).click();
    await page.waitForURL(/\/builds\/\d+$/);
    await page.getByText('构建成功').first().waitFor({ timeout: BUILD_LIMIT });
    await t.sees(page.getByRole('link', { name: 'master' }));
  },

  'the search finds a build by its number, and by its commit': async (t) => {
    const page = await t.signIn();
    const search = async (text) => {
      await page.getByRole('button', { name: '搜索' }).click();
      await page.getByRole('combobox', { name: '搜索' }).fill(text);
      const option = page.getByRole('group', { name: '构建' }).getByRole('option').first();
      await t.sees(option);
      await option.click();
      await page.waitForURL(/\/builds\/\d+$/);
    };
    const { items } = await t.server.call('GET', `${path}/builds?limit=100`);
    const built = items.find((one) => one.commit);
    await search(`#${built.number}`);
    await page.goto('/images');
    await search(built.commit.slice(0, 8));
  },

  'a Dockerfile is looked at while it is written, and each finding says what to do': async (t) => {
    const page = await t.signIn({ to: `${image}/builds/-/new?by=dockerfile` });
    const drawer = page.getByRole('dialog', { name: '立即构建' });
    const editor = drawer.getByRole('textbox', { name: 'Dockerfile' });
    // Over marked text the browser itself would try to keep the look of the marks by a style that the policy refuses.
    const write = async (text) => {
      await editor.press('Control+a');
      await editor.press('Delete');
      await editor.fill(text);
    };
    await write('FROM alpine\nENV A b\nCOPY --chwon=1 a b\n');
    const findings = drawer.getByRole('list', { name: '检查结果' });
    await t.sees(findings.getByText('unknown flag: --chwon (did you mean --chown?)'));
    await t.sees(findings.getByText('第3行'));
    await write('FROM alpine\nENV A b\n');
    await t.sees(findings.getByText('写成“名称=值”，不要用空格分隔。'));
    await t.gone(findings.getByText('unknown flag'));
    await t.accessible(page);
    await t.show(page, 'dockerfile-findings');
    await write('FROM scratch\n');
    await t.gone(findings);
  },

  'building from a Dockerfile written in the editor': async (t) => {
    const page = await t.signIn({ language: 'en', to: `${image}/builds/-/new?by=dockerfile` });
    const drawer = page.getByRole('dialog', { name: 'Build now' });
    await drawer.getByRole('textbox', { name: 'Image version' }).fill('by-hand');
    await drawer.getByRole('textbox', { name: 'Dockerfile' }).fill('FROM scratch\nLABEL made=by-hand\n');
    await t.accessible(page);
    await t.show(page, 'build-dockerfile');
    await drawer.getByRole('button', { name: 'Start build' }).click();
    await page.waitForURL(/\/builds\/\d+$/);
    await page.getByText('Succeeded').first().waitFor({ timeout: BUILD_LIMIT });
    await t.sees(page.getByText('From Dockerfile'));
  },

  'a build trigger URL is shown once and starts a build': async (t) => {
    const page = await t.signIn({ to: `${image}/builds` });
    await page.getByText('构建触发URL').click();
    await page.getByRole('textbox', { name: '用途' }).fill('ci');
    await page.getByRole('button', { name: '生成触发URL' }).click();
    const command = page.getByRole('group', { name: '触发命令' });
    await t.sees(command);
    const url = /http\S+/.exec(await command.innerText())?.[0] ?? '';
    assert.equal((await fetch(url, { method: 'POST' })).ok, true);
    await t.sees(page.getByRole('table', { name: '构建触发URL' }).getByText('ci'));
    await page.getByRole('button', { name: '撤销ci' }).click();
    const asked = page.getByRole('dialog', { name: '撤销ci' });
    await t.sees(asked.getByText('撤销后无法恢复'));
    await asked.getByRole('button', { name: '撤销', exact: true }).click();
    await t.gone(page.getByRole('table', { name: '构建触发URL' }));
  },

  'a reader sees states and no logs': async (t) => {
    const page = await t.signIn({ login: t.reader, to: `${image}/builds` });
    await t.sees(page.getByRole('link', { name: `构建#${t.failed}` }));
    assert.equal(await page.getByRole('link', { name: '立即构建' }).count(), 0);
    await page.goto(`${image}/builds/${t.failed}`);
    await t.sees(page.getByText('查看构建日志需要开发者角色'));
  },

  'the builds are whole in every variant': async (t) => {
    await t.inEveryVariant('builds', async (page) => {
      await page.goto(`${image}/builds`);
      await t.sees(page.getByText(`#${t.failed}`, { exact: true }));
      await t.sees(page.getByText(`${git.host}/team/shop.git`));
    });
  },

  'the log is whole in every variant': async (t) => {
    await t.inEveryVariant('log', async (page) => {
      await page.goto(`${image}/builds/${t.failed}`);
      await t.sees(page.getByText('npm error code ERESOLVE', { exact: true }));
    });
  },

  'the drawer is whole in every variant': async (t) => {
    await t.inEveryVariant('build-now', async (page) => {
      await page.goto(`${image}/builds/-/new?by=ref`);
      await t.sees(page.getByRole('dialog').getByRole('radio').first());
    });
  },
};

export const cases = missing() === '' ? withBuilds : {};
