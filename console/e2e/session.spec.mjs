import assert from 'node:assert/strict';

/** With an image: without one the page of images teaches, and has no list. */
export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push('team/web', 'v1');
}

const english = { language: 'en' };

/** What a proxy says that does not reach the server. */
const away = (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502 Bad Gateway</h1>' });

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

  'signing out that fails says so, and the session goes on': async (t) => {
    const page = await t.signIn();
    await page.route('**/api/v1/session', (route) =>
      route.request().method() === 'DELETE'
        ? route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ code: 'internal', detail: '服务器出错了' }) })
        : route.continue(),
    );
    await page.getByRole('button', { name: '账号admin' }).click();
    await page.getByRole('menuitem', { name: '退出登录' }).click();
    await t.sees(page.getByRole('alert').getByText('服务器出错了'));
    await t.accessible(page);
    await t.show(page, 'sign-out-failed');
    await t.sees(page.getByRole('heading', { level: 1, name: '我的镜像' }));
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

  'a session that ends while a form is filled in asks to sign in over it, and keeps the form': async (t) => {
    const page = await t.signIn({ to: '/images/-/new' });
    await page.getByRole('textbox', { name: '名称' }).fill('kept');
    await page.context().clearCookies();
    await page.getByRole('button', { name: '保存' }).click();
    const dialog = page.getByRole('dialog', { name: '登录已失效' });
    await t.accessible(page);
    await t.show(page, 'session-over');
    await dialog.getByRole('textbox', { name: '用户名' }).fill(t.server.admin.username);
    await dialog.getByRole('textbox', { name: '密码', exact: true }).fill(t.server.admin.password);
    await dialog.getByRole('button', { name: '登录' }).click();
    await t.gone(dialog);
    assert.equal(await page.getByRole('textbox', { name: '名称' }).inputValue(), 'kept');
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'admin/kept' }));
  },

  'while the server is away the page says so, stays, and goes on by itself': async (t) => {
    const page = await t.signIn({ language: 'en' });
    await page.context().setOffline(true);
    await page.getByRole('searchbox', { name: 'Filter images' }).fill('x');
    await t.sees(page.getByText(/Connection lost, retrying in \d+ s/));
    await t.show(page, 'offline');
    await t.sees(page.getByRole('button', { name: 'Retry now' }));
    await page.context().setOffline(false);
    await t.gone(page.getByText(/Connection lost/));
  },

  'while a proxy does not reach the server the connection counts as lost, and other answers of it are said in words': async (t) => {
    const page = await t.signIn({ language: 'en' });
    await page.route('**/healthz', away);
    await page.route('**/api/v1/repositories?**', away);
    await page.getByRole('searchbox', { name: 'Filter images' }).fill('x');
    await t.sees(page.getByText(/Connection lost, retrying in \d+ s/));
    await page.unroute('**/api/v1/repositories?**');
    await page.unroute('**/healthz');
    await t.gone(page.getByText(/Connection lost/));
    await page.route('**/api/v1/repositories?**', (route) => route.fulfill({ status: 418, contentType: 'text/html', body: '<h1>no</h1>' }));
    await page.getByRole('searchbox', { name: 'Filter images' }).fill('xy');
    await t.sees(page.getByText('A proxy in front of the server answered HTTP 418.'));
  },

  'keys open the search and the list of keys, and can be switched off': async (t) => {
    const page = await t.signIn({ language: 'en' });
    // The page has taken over the keys when its heading has the focus, as after each step from page to page.
    await page.getByRole('link', { name: 'Public images' }).click();
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await t.sees(help.getByText('Search'));
    await t.accessible(page);
    await page.keyboard.press('Escape');
    await t.gone(help);
    await page.keyboard.press('/');
    await t.sees(page.getByRole('combobox', { name: 'Search' }));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Account admin' }).click();
    await page.getByRole('menuitem', { name: 'Appearance' }).click();
    await page.getByRole('switch', { name: 'Single-key shortcuts' }).click({ force: true });
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('/');
    // A key that does nothing leaves nothing to wait for: what the next one does comes after it.
    await page.getByRole('switch', { name: 'Single-key shortcuts' }).click({ force: true });
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    await t.sees(help);
    assert.equal(await page.getByRole('dialog').count(), 1);
    assert.equal(await page.getByRole('combobox', { name: 'Search' }).count(), 0);
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
