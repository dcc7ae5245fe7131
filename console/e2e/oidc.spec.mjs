import { startIdentityProvider } from './identity.mjs';

const identity = await startIdentityProvider();
export const settings = identity?.settings;

/** Why its cases are left out. */
export const missing = () => (identity ? '' : 'the identity provider of tests/oidc is not installed');

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'shop' });
  await server.push('shop/web', 'v1');
}

const all = {
  'a person signs in through the provider, comes back where they wanted to, and is told to make a token': async (t) => {
    await identity.name({ sub: '248289761001', preferred_username: 'li.wei', name: '李伟', groups: ['shop-dev'] });
    const page = await t.open();
    await page.goto('/sign-in?next=/images/shop/web/-/usage');
    await t.sees(page.getByRole('heading', { level: 1, name: '登录wharf' }));
    await t.show(page, 'oidc-sign-in');
    await page.getByRole('link', { name: '使用Example登录' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'shop/web' }));
    await page.waitForURL(/\/images\/shop\/web\/-\/usage$/);
    await t.sees(page.getByRole('button', { name: '账号li.wei' }));
    await page.goto('/images');
    await page.getByRole('button', { name: '重置密码' }).click();
    const dialog = page.getByRole('dialog', { name: '重置密码' });
    await t.sees(dialog.getByText(/没有密码/));
    await t.accessible(page);
    await page.goto('/account');
    await t.sees(page.getByText(/没有密码/));
    await t.gone(page.getByLabel('当前密码'));
    await page.getByRole('link', { name: '生成访问令牌' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '访问令牌' }));
  },

  'a session that ended is begun again through the provider beside the page, which stays as it is': async (t) => {
    await identity.name({ sub: '1', preferred_username: 'kim', groups: [] });
    const page = await t.open();
    await page.goto('/sign-in?next=/images/-/new');
    await page.getByRole('link', { name: '使用Example登录' }).click();
    await page.getByRole('textbox', { name: '名称' }).fill('kept');
    await page.context().clearCookies();
    await page.getByRole('button', { name: '保存' }).click();
    const dialog = page.getByRole('dialog', { name: '登录已失效' });
    await t.sees(dialog.getByRole('link', { name: '使用Example登录' }));
    await t.accessible(page);
    await t.show(page, 'oidc-session-over');
    await dialog.getByRole('link', { name: '使用Example登录' }).click();
    await t.gone(dialog);
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'kim/kept' }));
  },

  'who signs in again as somebody else gets a page of their own': async (t) => {
    await identity.name({ sub: '1', preferred_username: 'kim', groups: [] });
    const page = await t.open();
    await page.goto('/sign-in?next=/images/-/new');
    await page.getByRole('link', { name: '使用Example登录' }).click();
    await page.getByRole('textbox', { name: '名称' }).fill('gone');
    await page.context().clearCookies();
    await page.getByRole('button', { name: '保存' }).click();
    await identity.name({ sub: '2', preferred_username: 'lee', groups: [] });
    await page.getByRole('dialog').getByRole('link', { name: '使用Example登录' }).click();
    await t.sees(page.getByRole('button', { name: '账号lee' }));
    await page.waitForFunction(() => document.querySelector('input')?.value !== 'gone');
  },

  'the page of a tab that signed in in every variant': async (t) => {
    await t.inEveryVariant('signed-in', async (page, { language }) => {
      await page.goto('/signed-in');
      await t.sees(page.getByRole('heading', { level: 1, name: language === 'zh' ? '已登录' : 'Signed in' }));
    });
  },

  'without the group the image of before is not there any more': async (t) => {
    await identity.name({ sub: '248289761001', preferred_username: 'li.wei', name: '李伟', groups: [] });
    const page = await t.open({ language: 'en' });
    await page.goto('/sign-in?next=/images/shop/web');
    await page.getByRole('link', { name: 'Continue with Example' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'Page not found' }));
  },

  'a return that was not begun here is refused with a way back': async (t) => {
    const page = await t.open();
    await page.goto('/auth/oidc/callback?code=1&state=2');
    await t.sees(page.getByRole('heading', { level: 1, name: '登录未完成' }));
    await t.accessible(page);
    await t.show(page, 'oidc-refused');
    await page.getByRole('link', { name: '返回登录页' }).click();
    await t.sees(page.getByRole('link', { name: '使用Example登录' }));
  },

  'the sign-in page with a provider in every variant': async (t) => {
    const visit = async (page) => {
      await page.goto('/sign-in');
      await t.sees(page.getByRole('link', { name: /Example/ }));
    };
    await t.inEveryVariant('sign-in-oidc', visit, { login: null });
  },
};

export const cases = identity ? all : {};
