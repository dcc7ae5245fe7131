// GitLab and Gitea: connected by a token, telling of pushes by a webhook that is registered there, and left again.
import assert from 'node:assert/strict';
import { startForge } from './forge.mjs';
import { until } from './server.mjs';

const gitlab = await startForge('gitlab');
const gitea = await startForge('gitea');
export const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1' };
export const start = { told: true };

/** A webhook is registered within a moment; on a busy machine later. */
const SOON = 60_000;

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  return { first: await gitlab.addRepository('team/shop') };
}

/** The source at a host: that of the case before, or one of this case's own. */
async function findSource(t, forge) {
  const { items } = await t.server.call('GET', '/sources');
  const there = items.find((source) => source.address === forge.url);
  return there ?? t.server.call('POST', '/sources', { kind: forge.kind, address: forge.url, token: forge.token });
}

/** A source at GitLab with a rule and its webhook, registered. */
async function withWebhook(t, image) {
  const source = await findSource(t, gitlab);
  const path = `/repositories/${encodeURIComponent(`team/${image}`)}`;
  await t.server.call('POST', '/repositories', { name: `team/${image}` });
  await t.server.call('POST', `${path}/rules`, { name: 'default', source: source.id, remote: 'team/shop', definition: {} });
  await until(async () => (await t.server.call('GET', `/sources/${source.id}/webhooks`)).items[0]?.state === 'active', SOON, () => `no webhook; asked in vain for ${gitlab.unknown}`);
  return source;
}

async function connect(page, forge, { user, token, button }) {
  await page.getByRole('textbox', { name: '服务地址' }).fill(forge.url);
  if (user) await page.getByRole('textbox', { name: '用户名' }).fill(user);
  await page.getByLabel(button, { exact: true }).fill(token);
  await page.getByRole('button', { name: '连接' }).click();
}

export const cases = {
  'GitLab is connected by its address, a user and a private token, and what is wrong is said': async (t) => {
    const page = await t.signIn({ to: '/sources/-/new?kind=gitlab' });
    const token = { button: '私有Token', token: gitlab.token };
    await connect(page, gitlab, { ...token, user: 'li-wei', token: 'wrong' });
    await t.sees(page.getByRole('alert'));
    assert.deepEqual((await t.server.call('GET', '/sources')).items, []);
    await connect(page, gitlab, { ...token, user: 'somebody' });
    await t.sees(page.getByText('这个令牌属于另一个账号'));
    await connect(page, gitlab, { ...token, user: 'li-wei' });
    await t.sees(page.getByText(`已连接${gitlab.host}`));
    const source = await findSource(t, gitlab);
    assert.equal(source.account, 'li-wei');
    await t.server.call('DELETE', `/sources/${source.id}`);
  },

  'Gitea is connected by a token': async (t) => {
    const page = await t.signIn({ to: '/sources/-/new?kind=gitea' });
    await connect(page, gitea, { button: 'Token', token: gitea.token });
    await t.sees(page.getByText(`已连接${gitea.host}`));
    const source = await findSource(t, gitea);
    assert.equal(source.account, 'li-wei');
    await t.server.call('DELETE', `/sources/${source.id}`);
  },

  'a rule has its webhook registered, which is repaired, given another secret, and looked at closely': async (t) => {
    const source = await withWebhook(t, 'web');
    const [hook] = gitlab.hooks;
    const page = await t.signIn({ to: `/sources/${source.id}` });
    const webhooks = page.getByRole('table', { name: '推送通知' });
    const row = webhooks.getByRole('row').filter({ hasText: 'team/shop' });
    await t.sees(row.getByText('可用'));
    const act = async (item) => {
      await row.getByRole('button', { name: 'team/shop的操作' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };

    // Somebody removed it on the host's own page.
    gitlab.hooks = [];
    await act('修复');
    await until(() => gitlab.hooks.length === 1, SOON, () => 'it is not registered again');
    await t.sees(row.getByText('可用'));

    const { secret } = hook;
    assert.equal(gitlab.hooks[0].secret, secret);
    await act('更换密钥');
    const dialog = page.getByRole('dialog', { name: '更换team/shop的Webhook密钥' });
    await dialog.getByRole('button', { name: '更换密钥' }).click();
    await t.gone(dialog);
    await until(() => gitlab.hooks[0].secret !== secret, SOON, () => 'the host was not told');

    const commit = await gitlab.git.commit('team/shop.git', { more: 'of it' });
    const refused = await gitlab.deliver({ ...gitlab.hooks[0], secret }, commit);
    assert.ok(refused >= 400, `the old secret is taken: ${refused}`);
    assert.ok((await gitlab.deliver(gitlab.hooks[0], commit)) < 300);
    await act('最近投递');
    const deliveries = page.getByRole('dialog', { name: 'team/shop的最近投递' });
    await t.sees(deliveries.getByRole('table', { name: '收到的投递' }).getByText('push'));
    const attempts = deliveries.getByRole('table', { name: '代码托管平台的投递记录' });
    await t.sees(attempts.getByText(String(refused)));
    await t.accessible(page);
    await t.show(page, 'webhook-deliveries');
  },

  'what could not be removed at a host is listed with the reason, tried again, and given up': async (t) => {
    const source = await withWebhook(t, 'left');
    const page = await t.signIn({ to: '/sources' });
    const title = '尚未移除的Webhook';
    const row = page.getByRole('table', { name: '源代码授权' }).getByRole('row').filter({ hasText: gitlab.host });
    await t.sees(row);
    assert.equal(await page.getByRole('table', { name: title }).count(), 0);
    gitlab.removes = false;
    await row.getByRole('button', { name: `取消授权${gitlab.host}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: '取消授权' }).click();
    await t.gone(row);
    const left = page.getByRole('table', { name: title }).getByRole('row').filter({ hasText: 'team/shop' });
    await t.sees(left.getByText(gitlab.host));
    await until(async () => (await t.server.call('GET', '/removals')).items[0]?.detail, SOON, () => 'nothing failed');
    await page.reload();
    await t.sees(left.getByText(/503/));
    await t.inEveryVariant('removals', async (each) => {
      await each.goto('/sources');
      await t.sees(each.getByText(/503/));
    });
    await left.getByRole('button', { name: '放弃移除team/shop的Webhook' }).click();
    const dialog = page.getByRole('dialog', { name: '放弃移除team/shop的Webhook' });
    await t.sees(dialog.getByText(`会留在${gitlab.host}`));
    await t.accessible(page);
    await dialog.getByRole('button', { name: '放弃' }).click();
    await t.gone(page.getByRole('table', { name: title }));
    assert.deepEqual((await t.server.call('GET', '/removals')).items, []);
    gitlab.removes = true;
    assert.equal((await t.server.call('GET', '/sources')).items.some(({ id }) => id === source.id), false);
  },
};
