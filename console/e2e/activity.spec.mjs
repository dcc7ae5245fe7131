import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

// No worker begins anything, so that builds stay in the queue.
export const settings = { WHARF_BUILD_CONCURRENCY: '0' };

const image = 'team/shop/web';
const path = `/repositories/${encodeURIComponent(image)}`;

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push(image, 'v1');
  await server.push(image, 'old');
  await server.call('DELETE', `${path}/tags/old`);
  await server.push('team/api', 'v2');
  const member = await server.addUser('li.wei');
  const stranger = await server.addUser('stranger');
  await server.call('PUT', '/namespaces/team/members/li.wei', { role: 'developer' });
  for (let n = 0; n < 2; n += 1) await server.call('POST', `${path}/builds`, { dockerfile: 'FROM scratch\nCOPY . /\n', version: `built-${n}` });
  return { member, stranger };
}

export const cases = {
  'the sidebar leads to what happened, newest first, each row to what it is about': async (t) => {
    const page = await t.signIn();
    await page.getByRole('link', { name: '动态', exact: true }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '动态' }));
    const rows = page.getByRole('table', { name: '事件' }).getByRole('row');
    await t.sees(rows.filter({ hasText: 'team/api' }).getByText('新镜像版本'));
    await t.sees(rows.filter({ hasText: '删除镜像版本' }).getByText('old'));
    assert.equal(new URL(page.url()).pathname, '/activity/events');
    await rows.filter({ hasText: 'team/api' }).getByRole('link', { name: 'v2' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'v2' }));
  },

  'events are narrowed by the server, and the address says how': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/activity/events' });
    await page.getByRole('textbox', { name: 'Object' }).fill('team/api');
    await page.getByRole('textbox', { name: 'Object' }).press('Enter');
    await t.gone(page.getByRole('link', { name: image }));
    await page.getByRole('combobox', { name: 'Action' }).click();
    await page.getByRole('option', { name: 'Version deleted' }).click();
    await t.sees(page.getByText('Nothing matches'));
    const { searchParams } = new URL(page.url());
    assert.deepEqual([searchParams.get('object'), searchParams.get('action')], ['team/api', 'tag_deleted']);
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await t.sees(page.getByRole('link', { name: image }));
    await page.goto('/activity/events?to=2020-01-01');
    await t.sees(page.getByText('Nothing matches'));
    assert.equal(await page.getByLabel('To', { exact: true }).inputValue(), '2020-01-01');
  },

  'what happens now waits behind a button': async (t) => {
    const page = await t.signIn({ to: '/activity/events' });
    await t.sees(page.getByRole('link', { name: image }));
    await t.server.push('team/live', 'v1');
    await page.getByRole('button', { name: '1条新动态 · 显示' }).click();
    await t.sees(page.getByRole('link', { name: 'team/live' }));
  },

  'the audit log says who did what to what, with all that is known of a line': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/activity/audit' });
    const row = page.getByRole('table', { name: 'Audit' }).getByRole('row').filter({ hasText: 'Member role set' });
    await t.sees(row.getByText('admin', { exact: true }));
    await row.getByRole('button', { name: /^Details/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Member role set' });
    await t.sees(dialog.getByText('member.set'));
    await t.sees(dialog.getByText('127.0.0.1'));
    await page.reload();
    await t.sees(dialog.getByText(/"role": "developer"/));
    await t.accessible(page);
    await t.show(page, 'audit-details');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('combobox', { name: 'Action' }).fill('deleted');
    await page.getByRole('option', { name: 'Version deleted', exact: true }).click();
    await t.gone(row);
    assert.equal(new URL(page.url()).searchParams.get('action'), 'tag.delete');
  },

  'the audit log is downloaded as CSV, with the conditions of the list': async (t) => {
    const page = await t.signIn({ to: '/activity/audit?action=tag.delete' });
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出CSV' }).click()]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 2);
    assert.match(lines[1], /tag\.delete/);
  },

  'who is no administrator reads the part of an own namespace': async (t) => {
    const page = await t.signIn({ login: t.member, to: '/activity/audit' });
    await t.sees(page.getByRole('heading', { level: 1, name: '动态' }));
    await page.waitForURL((url) => url.searchParams.get('ns') === 'li.wei');
    assert.equal(await page.getByRole('combobox', { name: '命名空间' }).inputValue(), 'li.wei');
    await page.goto('/activity/events');
    await t.sees(page.getByRole('link', { name: image }));
    const other = await t.signIn({ login: t.stranger, to: '/activity/events' });
    await t.sees(other.getByText('还没有动态'));
  },

  'the queue has each place, with bars by namespace that are a table too': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/activity/queue' });
    await t.sees(page.getByRole('table', { name: 'Build queue' }).getByRole('link', { name: `${image} #1` }));
    await t.sees(page.getByRole('img', { name: '2 waiting in 1 namespaces' }));
    await page.getByRole('button', { name: 'Table' }).click();
    await t.sees(page.getByRole('table', { name: 'Waiting builds by namespace' }).getByRole('row', { name: 'team 2' }));
    const other = await t.signIn({ login: t.stranger, to: '/activity/queue' });
    await t.sees(other.getByText('其他命名空间'));
    assert.equal(await other.getByText(image).count(), 0);
  },

  'the events in each variant': async (t) => {
    await t.inEveryVariant('activity-events', async (page) => {
      await page.goto('/activity/events');
      await t.sees(page.getByRole('link', { name: 'team/api' }));
    });
  },

  'the audit log in each variant': async (t) => {
    await t.inEveryVariant('activity-audit', async (page) => {
      await page.goto('/activity/audit');
      await t.sees(page.getByText(/^(设置成员角色|Member role set)$/));
    });
  },

  'the queue in each variant': async (t) => {
    await t.inEveryVariant('activity-queue', async (page) => {
      await page.goto('/activity/queue');
      await t.sees(page.getByRole('link', { name: `${image} #1` }));
    });
  },
};
