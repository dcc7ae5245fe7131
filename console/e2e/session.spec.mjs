import assert from 'node:assert/strict';

const english = { language: 'en' };

export const cases = {
  'a wrong password is refused with one sentence and what was typed stays': async (t) => {
    const page = await t.open(english);
    await page.goto('/sign-in');
    await page.getByRole('textbox', { name: 'Username' }).fill('admin');
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await t.sees(page.getByRole('alert').getByText('Wrong user name or password'));
    assert.equal(await page.getByRole('textbox', { name: 'Username' }).inputValue(), 'admin');
  },

  'an empty field has the focus and says so': async (t) => {
    const page = await t.open();
    await page.goto('/sign-in');
    await page.getByRole('button', { name: '登录' }).click();
    await t.sees(page.getByText('请填写此项'));
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'username');
  },

  'a page of somebody asks to sign in and comes back': async (t) => {
    const page = await t.open();
    await page.goto('/images?fav=true');
    await t.sees(page.getByRole('heading', { level: 1, name: '登录wharf' }));
    await page.getByRole('textbox', { name: '用户名' }).fill(t.server.admin.username);
    await page.getByRole('textbox', { name: '密码', exact: true }).fill(t.server.admin.password);
    await page.keyboard.press('Enter');
    await t.sees(page.getByRole('heading', { level: 1, name: '我的收藏' }));
    assert.equal(new URL(page.url()).search, '?fav=true');
  },

  'signing out ends the session': async (t) => {
    const page = await t.signIn();
    await page.getByRole('button', { name: '账号admin' }).click();
    await page.getByRole('menuitem', { name: '退出登录' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '登录wharf' }));
    await page.goto('/images');
    await t.sees(page.getByRole('heading', { level: 1, name: '登录wharf' }));
  },

  'the language changes in place and is kept': async (t) => {
    const page = await t.open();
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'EN, English' }).click();
    await t.sees(page.getByRole('button', { name: 'Sign in' }));
    await page.reload();
    await t.sees(page.getByRole('button', { name: 'Sign in' }));
  },

  'an address that is not there says so': async (t) => {
    const page = await t.signIn({ ...english, to: '/nowhere' });
    await t.sees(page.getByRole('heading', { level: 1, name: 'Page not found' }));
    await page.getByRole('link', { name: 'Back to my images' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'My images' }));
  },

  'the sign-in page is whole in every variant': async (t) => {
    await t.inEveryVariant(
      'sign-in',
      async (page, { language }) => {
        await page.goto('/sign-in');
        await t.sees(page.getByRole('button', { name: language === 'zh' ? '登录' : 'Sign in', exact: true }));
      },
      { login: null },
    );
  },
};
