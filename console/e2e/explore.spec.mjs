import assert from 'node:assert/strict';
import { startServer } from './server.mjs';

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push('team/web', 'v1');
  await server.push('team/secret', 'v1');
  await server.call('PATCH', `/repositories/${encodeURIComponent('team/web')}`, { short_description: '商城前端', public: true });
}

export const cases = {
  'whoever is not signed in sees what is public, and nothing else': async (t) => {
    const page = await t.open({ language: 'en' });
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Browse public images' }).click();
    const table = page.getByRole('table', { name: 'Public images' });
    const row = table.getByRole('row').filter({ hasText: 'team/web' });
    await t.sees(row.getByText('商城前端'));
    await t.sees(row.getByRole('button', { name: 'Copy docker pull team/web:v1' }));
    assert.equal(await page.getByText('team/secret').count(), 0);
    await row.getByRole('link', { name: 'team/web' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'team/web' }));
    await t.sees(page.getByRole('table', { name: 'Versions' }).getByText('v1'));
  },

  'what is private looks as if it were not there, and offers to sign in': async (t) => {
    const page = await t.open();
    await page.goto('/images/team/secret');
    await t.sees(page.getByRole('heading', { level: 1, name: '找不到此页面' }));
    await t.sees(page.getByRole('main').getByRole('link', { name: '登录' }));
  },

  'where the page of public images is closed, who is not signed in finds no way to it, and members do': async (t) => {
    const server = await startServer({ WHARF_CONSOLE_PUBLIC_IMAGES: 'false' });
    try {
      await server.push('team/web', 'v1');
      await server.call('PATCH', `/repositories/${encodeURIComponent('team/web')}`, { public: true });
      const page = await t.open({ server });
      await page.goto('/explore');
      await t.sees(page.getByRole('textbox', { name: '用户名' }));
      assert.equal(await page.getByRole('link', { name: /浏览公开镜像/ }).count(), 0);
      await t.begin(page, server.admin);
      await page.goto('/explore');
      await t.sees(page.getByRole('link', { name: 'team/web' }));
    } finally {
      await server.stop();
    }
  },

  'the public images are whole in every variant': async (t) => {
    await t.inEveryVariant(
      'explore',
      async (page) => {
        await page.goto('/explore');
        await t.sees(page.getByRole('link', { name: 'team/web' }));
      },
      { login: null },
    );
  },
};
