import assert from 'node:assert/strict';

export const cases = {
  'a token is made, shown once, works, and is deleted': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/account/tokens' });
    await t.sees(page.getByRole('heading', { name: 'No access tokens yet' }));
    await page.getByRole('link', { name: 'Create access token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create access token' }).click();
    await t.sees(dialog.getByText('Fill this in'));
    await t.accessible(page);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('ci-shop');
    await dialog.getByRole('button', { name: 'Create access token' }).click();
    await t.sees(dialog.getByText('The token is shown this once. Save it now.'));
    await t.show(page, 'token-made');
    const secret = await dialog.getByRole('group', { name: 'access token' }).innerText();
    const answer = await t.server.call('GET', '/me', undefined, { username: 'admin', password: secret });
    assert.equal(answer.username, 'admin');
    await dialog.getByRole('button', { name: 'I saved it' }).click();
    await t.sees(page.getByRole('table', { name: 'Access tokens' }).getByText('ci-shop'));
    await page.getByRole('button', { name: 'Delete access token ci-shop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await t.sees(page.getByRole('heading', { name: 'No access tokens yet' }));
  },

  'the profile keeps name and address, and changes the password': async (t) => {
    const login = await t.server.addUser('profiled');
    const page = await t.signIn({ login });
    await page.getByRole('button', { name: '账号profiled' }).click();
    await page.getByRole('menuitem', { name: '个人资料' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '个人资料' }));
    assert.equal(new URL(page.url()).pathname, '/account');
    await page.getByRole('textbox', { name: '显示名' }).fill('李伟');
    const email = page.getByRole('textbox', { name: '邮箱' });
    await email.fill('no address');
    const [save, change] = [page.getByRole('button', { name: '保存' }).first(), page.getByRole('button', { name: '保存' }).last()];
    await save.click();
    await page.waitForFunction(() => document.querySelector('input[name=email]')?.getAttribute('aria-invalid') === 'true');
    await email.fill('li.wei@example.cn');
    await save.click();
    await t.sees(page.getByText('已保存').first());
    await page.reload();
    assert.equal(await email.inputValue(), 'li.wei@example.cn');
    await page.getByLabel('当前密码').fill(login.password);
    await page.getByLabel('新密码', { exact: true }).fill('another long pass');
    await page.getByLabel(/^再/).fill('another long pass');
    await change.click();
    await t.sees(page.getByText('密码已更改').first());
    const me = await t.server.call('GET', '/me', undefined, { ...login, password: 'another long pass' });
    assert.deepEqual([me.display_name, me.email], ['李伟', 'li.wei@example.cn']);
  },

  'the profile is whole in every variant': (t) =>
    t.inEveryVariant('profile', async (page, { language }) => {
      await page.goto('/account');
      await t.sees(page.getByRole('heading', { level: 1, name: language === 'zh' ? '个人资料' : 'Profile' }));
    }),

  'sessions are listed, this one marked, and others ended': async (t) => {
    const login = await t.server.addUser('traveler');
    const other = await t.signIn({ login });
    const third = await t.signIn({ login });
    const page = await t.signIn({ login, language: 'en' });
    await page.getByRole('button', { name: 'Account traveler' }).click();
    await page.getByRole('menuitem', { name: 'Sessions' }).click();
    await page.waitForURL(/\/account\/sessions$/);
    const table = page.getByRole('table', { name: 'Sessions' });
    await t.sees(table.getByText('This session'));
    const ends = table.getByRole('button', { name: /^End the session of Chrome/ });
    assert.equal(await ends.count(), 2);
    await ends.first().click();
    const dialog = page.getByRole('dialog', { name: 'End 1 session' });
    await t.accessible(page);
    await dialog.getByRole('button', { name: 'End' }).click();
    await t.gone(dialog);
    assert.equal(await ends.count(), 1);
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('dialog', { name: 'End 1 session' }).getByRole('button', { name: 'End' }).click();
    await t.gone(page.getByRole('button', { name: 'End all others' }));
    await t.sees(table.getByText('This session'));
    for (const ended of [other, third]) {
      await ended.goto('/images');
      await t.sees(ended.getByRole('heading', { level: 1, name: '登录wharf' }));
    }
  },

  'sessions are whole in every variant': async (t) => {
    const login = await t.server.addUser('wanderer');
    await t.signIn({ login });
    await t.inEveryVariant('sessions', async (page, { language }) => {
      await page.goto('/account/sessions');
      await t.sees(page.getByText(language === 'zh' ? '当前会话' : 'This session'));
    }, { login });
  },

  'the appearance changes at once and is kept': async (t) => {
    // The choice is kept with the account: other cases have theirs.
    const page = await t.signIn({ login: await t.server.addUser('chooser'), to: '/account/appearance' });
    await page.getByRole('radio', { name: '深色' }).click();
    await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === 'dark');
    await page.getByRole('radio', { name: 'English' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'Appearance' }));
    await page.reload();
    await t.sees(page.getByRole('heading', { level: 1, name: 'Appearance' }));
    assert.equal(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme), 'dark');
  },

  'tokens are whole in every variant': async (t) => {
    await t.server.call('POST', '/tokens', { name: 'ci-shop', actions: ['pull', 'push'] });
    await t.inEveryVariant('tokens', async (page) => {
      await page.goto('/account/tokens');
      await t.sees(page.getByText('ci-shop'));
    });
  },

  'the appearance is whole in every variant': async (t) => {
    await t.inEveryVariant('appearance', async (page, { language }) => {
      await page.goto('/account/appearance');
      await t.sees(page.getByRole('radio', { name: language === 'zh' ? '深色' : 'Dark' }));
    });
  },
};
