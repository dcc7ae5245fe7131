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

  'a host without an app says what the administrator has to set': async (t) => {
    const page = await t.signIn({ to: '/sources/-/new?kind=github' });
    await page.getByRole('button', { name: '授权同步Github代码源' }).click();
    await t.sees(page.getByText('[code_hosts]'));
  },
};
