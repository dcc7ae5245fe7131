import assert from 'node:assert/strict';
import { startGithub } from './github.mjs';

const github = await startGithub();
export const settings = { WHARF_EGRESS_ALLOW: github.host };

export async function prepare(server) {
  const app = `code_hosts."${github.url}"`;
  await server.call('PATCH', '/settings', { changes: { [`${app}.client_id`]: github.id, [`${app}.client_secret`]: github.secret } });
}

/** To GitHub and back. */
async function authorize(page) {
  await page.getByText('GitHub Enterprise', { exact: true }).click();
  await page.getByRole('textbox', { name: 'GitHub Enterprise Server地址' }).fill(github.url);
  await page.getByRole('button', { name: '授权同步Github代码源' }).click();
  await page.waitForURL(/\/sources\/-\/authorized/);
}

export const cases = {
  'who refuses at GitHub is told so and may begin again': async (t) => {
    const page = await t.signIn({ to: '/sources/-/new?kind=github' });
    github.refuses = true;
    await authorize(page);
    github.refuses = false;
    await t.sees(page.getByRole('alert').getByText('GitHub没有授权访问。请重新发起，或改用Token。'));
    await page.getByRole('link', { name: '重试' }).click();
    await t.sees(page.getByRole('button', { name: '授权同步Github代码源' }));
  },

  'the browser goes to GitHub, comes back with the account, and keeps no code in its address': async (t) => {
    const page = await t.signIn({ to: '/sources/-/new?kind=github' });
    await authorize(page);
    await t.sees(page.getByText(`已连接${github.host}`));
    await page.waitForURL((url) => url.search === '');
    await t.show(page, 'github-connected');
    await page.getByRole('link', { name: '返回源代码授权' }).click();
    const row = page.getByRole('table', { name: '源代码授权' }).getByRole('row').filter({ hasText: github.host });
    await t.sees(row.getByText('li-wei'));
    const [source] = (await t.server.call('GET', '/sources')).items;
    assert.equal(source.method, 'device');
  },

  'a repository is chosen by organization, narrowed to private ones, and the list is read again': async (t) => {
    github.addRepository('li-wei/notes');
    github.addRepository('acme/site');
    github.addRepository('acme/vault', { closed: true });
    await t.server.call('POST', '/repositories', { name: 'admin/web' });
    // That of the case before, or one of this case's own.
    const { items } = await t.server.call('GET', '/sources');
    if (items.length === 0) await t.server.call('POST', '/sources', { kind: 'github', address: github.url, token: 'ghp_0123456789' });
    const page = await t.signIn({ to: '/images/admin/web/-/rules/-/new' });
    await page.getByRole('combobox', { name: 'Organization' }).click();
    await page.getByRole('option', { name: 'acme' }).click();
    const repository = page.getByRole('combobox', { name: 'Repository' });
    const offered = page.getByRole('option');
    await repository.click();
    await t.sees(offered.filter({ hasText: 'acme/site' }));
    await t.sees(offered.filter({ hasText: 'acme/vault' }));
    assert.equal(await offered.filter({ hasText: 'li-wei/notes' }).count(), 0);
    await page.keyboard.press('Escape');
    await page.getByText('私有仓库', { exact: true }).click();
    await repository.click();
    await t.sees(offered.filter({ hasText: 'acme/vault' }));
    await t.gone(offered.filter({ hasText: 'acme/site' }));
    await t.accessible(page);
    await t.show(page, 'repository-picker');
    await page.keyboard.press('Escape');
    // One that came meanwhile is there once the list is read again.
    github.addRepository('acme/safe', { closed: true });
    await page.getByRole('button', { name: '刷新仓库列表' }).click();
    await repository.click();
    await offered.filter({ hasText: 'acme/safe' }).click();
    assert.equal(await repository.inputValue(), 'acme/safe');
  },

  'an account whose grant was revoked is authorized again where that is said, and only the same one': async (t) => {
    const login = await t.server.addUser('again');
    const page = await t.signIn({ login, to: '/sources/-/new?kind=github' });
    await authorize(page);
    await t.sees(page.getByText(`已连接${github.host}`));
    const [first] = (await t.server.call('GET', '/sources', undefined, login)).items;
    await page.goto(`/sources/${first.id}`);
    await t.sees(page.getByRole('button', { name: '重新授权' }));
    github.revoke();
    await page.getByRole('button', { name: '检查' }).click();
    const notice = page.getByRole('status').filter({ has: page.getByRole('button', { name: '重新授权' }) });
    await t.sees(notice);
    await t.accessible(page);
    await t.show(page, 'authorize-again');

    github.account = 'wang-fang';
    await notice.getByRole('button', { name: '重新授权' }).click();
    await page.waitForURL(/\/sources\/-\/authorized/);
    await t.sees(page.getByRole('alert').getByText(/登录的不是此代码源的账号/));
    github.account = 'li-wei';
    await page.goto(`/sources/${first.id}`);
    await notice.getByRole('button', { name: '重新授权' }).click();
    await page.waitForURL(/\/sources\/-\/authorized/);
    await t.sees(page.getByText(`已连接${github.host}`));
    const { items } = await t.server.call('GET', '/sources', undefined, login);
    assert.deepEqual(items.map(({ id, health }) => [id, health.ok]), [[first.id, true]]);
  },

  'an app without a secret signs in by a code, the first time and again': async (t) => {
    const app = `code_hosts."${github.url}"`;
    await t.server.call('PATCH', '/settings', { changes: { [`${app}.client_secret`]: null } });
    const login = await t.server.addUser('by-code');
    const page = await t.signIn({ login, to: '/sources/-/new?kind=github' });
    await page.getByText('GitHub Enterprise', { exact: true }).click();
    await page.getByRole('textbox', { name: 'GitHub Enterprise Server地址' }).fill(github.url);
    await page.getByRole('button', { name: '授权同步Github代码源' }).click();
    const code = page.getByText(/^WDJB-\d{4}$/);
    await t.sees(page.getByText('等待授权…'));
    await t.show(page, 'github-code');
    github.approve(await code.innerText());
    await t.sees(page.getByText(`已连接${github.host}`));
    const [source] = (await t.server.call('GET', '/sources', undefined, login)).items;
    github.revoke();
    await t.server.call('POST', `/sources/${source.id}/check`, {}, login);
    await page.goto(`/sources/${source.id}`);
    await page.getByRole('button', { name: '重新授权' }).click();
    github.approve(await code.innerText());
    await t.gone(code);
    await t.sees(page.getByText('正常', { exact: true }));
    assert.equal((await t.server.call('GET', `/sources/${source.id}`, undefined, login)).health.ok, true);
    await t.server.call('PATCH', '/settings', { changes: { [`${app}.client_secret`]: github.secret } });
  },

  'a host without an app says what the administrator has to set': async (t) => {
    const page = await t.signIn({ to: '/sources/-/new?kind=github' });
    await page.getByRole('button', { name: '授权同步Github代码源' }).click();
    await t.sees(page.getByText('[code_hosts]'));
  },
};
