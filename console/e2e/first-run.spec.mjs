// A server that nobody has pushed to.

import assert from 'node:assert/strict';

export const start = { printed: true };

export async function prepare(server) {
  return { reader: await server.addUser('li.wei'), beginner: await server.addUser('wang.fang') };
}

export const cases = {
  'the printed password signs in once, and asks for one of their own': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/images?fav=true' });
    await t.sees(page.getByRole('heading', { level: 1, name: 'Set your password' }));
    await t.accessible(page);
    await t.show(page, 'set-password');
    // Other pages lead back here.
    await page.goto('/images');
    await t.sees(page.getByRole('heading', { level: 1, name: 'Set your password' }));
    const chosen = 'a password of my own';
    const field = (name) => page.getByRole('textbox', { name, exact: true });
    await field('Current password').fill(t.server.admin.password);
    await field('New password').fill('short');
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByText('At least 8 characters', { exact: true }));
    await field('New password').fill(chosen);
    await field('New password again').fill('another password');
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByText('The passwords differ'));
    await field('New password again').fill(chosen);
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'My images' }));
    t.server.admin.password = chosen;
    const again = await t.signIn({ language: 'en' });
    assert.equal(new URL(again.url()).pathname, '/images');
  },

  'the first steps are whole in every variant': async (t) => {
    await t.inEveryVariant(
      'first-image',
      async (page) => {
        await page.goto('/images');
        await t.sees(page.getByText(`docker login ${t.server.host} -u li.wei`));
      },
      { login: t.reader },
    );
  },

  'a namespace is made on the way, and the commands name it': async (t) => {
    const page = await t.signIn({ login: t.reader, language: 'en' });
    await page.getByRole('button', { name: 'Create namespace' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create namespace' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('shop-team');
    await t.accessible(page);
    await t.show(page, 'first-namespace');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await t.gone(dialog);
    await t.sees(page.getByText(`docker push ${t.server.host}/shop-team/hello:v1`));
    await page.getByRole('link', { name: 'Build from a Git repository' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'New image' }));
  },

  'somebody without an image learns the three commands, and sees the first push arrive': async (t) => {
    const page = await t.signIn({ login: t.reader });
    await t.sees(page.getByRole('heading', { name: '从第一个镜像开始' }));
    const push = `docker push ${t.server.host}/li.wei/hello:v1`;
    await t.sees(page.getByText(push));
    await t.sees(page.getByRole('button', { name: '复制推送命令' }));
    await t.sees(page.getByText('等待第一次推送…'));
    await t.server.push('li.wei/hello', 'v1', { login: t.reader });
    await t.sees(page.getByText('已收到li.wei/hello:v1'));
    await page.getByRole('link', { name: '查看镜像' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'li.wei/hello' }));
  },

  'the sidebar leads between no favourites and the first steps, also once the last image is gone': async (t) => {
    const page = await t.signIn({ login: t.beginner, to: '/images?fav=true' });
    const places = page.getByRole('navigation', { name: '主导航' });
    const lesson = page.getByRole('heading', { name: '从第一个镜像开始' });
    await t.sees(page.getByText('点击☆收藏镜像'));
    await places.getByRole('link', { name: '我的镜像' }).click();
    await t.sees(lesson);
    await places.getByRole('link', { name: '我的收藏' }).click();
    await t.gone(lesson);
    await t.sees(page.getByText('点击☆收藏镜像'));

    await t.server.push('wang.fang/hello', 'v1', { login: t.beginner });
    await page.goto('/images');
    await page.getByRole('button', { name: 'wang.fang/hello的操作' }).click();
    await page.getByRole('menuitem', { name: '删除镜像' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('wang.fang/hello');
    await dialog.getByRole('button', { name: '删除镜像' }).click();
    await t.sees(lesson);
    assert.equal(await page.getByText('没有符合条件的结果').count(), 0);
  },
};
