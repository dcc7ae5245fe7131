import assert from 'node:assert/strict';

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push('team/shop/web', 'v1.4.2');
  await server.push('team/shop/web', 'latest');
  await server.push('team/api', 'v2');
  await server.call('PATCH', `/repositories/${encodeURIComponent('team/shop/web')}`, { short_description: '商城前端', public: true });
  await server.push(`team/${'a-rather-long-name-'.repeat(6)}end`, 'v1');
}

export const cases = {
  'the list has each image with its facts': async (t) => {
    const page = await t.signIn();
    const row = page.getByRole('table', { name: '我的镜像' }).getByRole('row').filter({ hasText: 'team/shop/web' });
    await t.sees(row.getByText('公有'));
    await t.sees(row.getByText('商城前端'));
    await t.sees(row.getByText(`${t.server.host}/team/shop/web`));
    await t.sees(row.getByRole('cell', { name: '2', exact: true }));
    await t.sees(row.getByRole('cell', { name: /现在|分钟前/ }));
  },

  'the server searches, the address keeps it, and nothing found can be cleared': async (t) => {
    const page = await t.signIn({ language: 'en' });
    const filter = page.getByRole('searchbox', { name: 'Filter images' });
    await filter.fill('api');
    await t.gone(page.getByRole('link', { name: 'team/shop/web' }));
    await t.sees(page.getByRole('link', { name: 'team/api' }));
    assert.equal(new URL(page.url()).searchParams.get('q'), 'api');
    await filter.fill('nothing-like-this');
    await t.sees(page.getByText('Nothing matches'));
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await t.sees(page.getByRole('link', { name: 'team/shop/web' }));
    assert.equal(await filter.inputValue(), '');
  },

  'the list is narrowed by type and sorted by the server, and the address says so': async (t) => {
    const page = await t.signIn({ language: 'en' });
    const types = page.getByRole('radiogroup', { name: 'Type' });
    // The choice is in the address, which changes a moment after the click.
    await types.getByText('Public').click();
    await t.gone(page.getByRole('link', { name: 'team/api' }));
    await t.sees(page.getByRole('link', { name: 'team/shop/web' }));
    assert.equal(new URL(page.url()).searchParams.get('type'), 'public');
    await types.getByText('All').click();
    await t.sees(page.getByRole('link', { name: 'team/api' }));
    // Where things are counted, most comes first.
    await page.getByRole('button', { name: 'Versions' }).click();
    await t.sees(page.getByRole('columnheader', { name: 'Versions' }).and(page.locator('[aria-sort=descending]')));
    const names = await page.getByRole('table', { name: 'My images' }).getByRole('row').nth(1).getByRole('link').first().innerText();
    assert.equal(names, 'team/shop/web');
    assert.equal(new URL(page.url()).searchParams.get('sort'), '-tags');
  },

  'a new image waits behind a button, and what is pushed changes its row where it stands': async (t) => {
    const page = await t.signIn();
    const row = page.getByRole('table', { name: '我的镜像' }).getByRole('row').filter({ hasText: 'team/api' });
    await t.sees(row.getByRole('cell', { name: '1', exact: true }));
    await t.server.push('team/api', 'v3');
    await t.sees(row.getByRole('cell', { name: '2', exact: true }));
    await t.server.push('team/aa-just-now', 'v1');
    const pill = page.getByRole('button', { name: '1个新镜像 · 显示' });
    await t.sees(pill);
    assert.equal(await page.getByRole('link', { name: 'team/aa-just-now' }).count(), 0);
    await t.show(page, 'images-arrived');
    await pill.click();
    await t.sees(page.getByRole('link', { name: 'team/aa-just-now' }));
    await t.gone(pill);
  },

  'the row of an image that is deleted elsewhere goes, one that is edited is changed, and one that is made waits': async (t) => {
    await t.server.push('team/ended', 'v1');
    const page = await t.signIn();
    const row = page.getByRole('table', { name: '我的镜像' }).getByRole('row').filter({ hasText: 'team/ended' });
    await t.sees(row);
    await t.server.call('PATCH', `/repositories/${encodeURIComponent('team/ended')}`, { short_description: '马上删除' });
    await t.sees(row.getByText('马上删除'));
    await t.server.call('DELETE', `/repositories/${encodeURIComponent('team/ended')}`);
    await t.gone(row);
    await t.server.call('POST', '/repositories', { name: 'team/made-elsewhere', public: false });
    const pill = page.getByRole('button', { name: '1个新镜像 · 显示' });
    await pill.click();
    await t.sees(page.getByRole('link', { name: 'team/made-elsewhere' }));
    await t.server.call('DELETE', `/repositories/${encodeURIComponent('team/made-elsewhere')}`);
    await t.gone(page.getByRole('link', { name: 'team/made-elsewhere' }));
  },

  'the page of an image that is deleted elsewhere says that it is gone': async (t) => {
    await t.server.push('team/gone', 'v1');
    const page = await t.signIn({ to: '/images/team/gone/-/versions' });
    await t.sees(page.getByRole('link', { name: 'v1' }));
    await t.server.call('DELETE', `/repositories/${encodeURIComponent('team/gone')}`);
    await t.sees(page.getByRole('heading', { name: '找不到此页面' }));
  },

  'a star is kept, and the favourites show it alone': async (t) => {
    const page = await t.signIn();
    const star = page.getByRole('button', { name: '收藏team/api' });
    await star.click();
    await page.waitForFunction((name) => document.querySelector(`[aria-label="${name}"]`)?.getAttribute('aria-pressed') === 'true', '收藏team/api');
    await page.getByRole('link', { name: '我的收藏' }).click();
    await t.sees(page.getByRole('table', { name: '我的收藏' }).getByRole('link', { name: 'team/api' }));
    await t.gone(page.getByRole('link', { name: 'team/shop/web' }));
  },

  'the address of an image is copied': async (t) => {
    const page = await t.signIn();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: '复制team/api的镜像地址' }).click();
    await t.sees(page.getByText('已复制'));
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${t.server.host}/team/api`);
  },

  'an image is made, and its page says how to push': async (t) => {
    const page = await t.signIn();
    await page.getByRole('link', { name: '新建' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '新建镜像' }));
    await page.getByRole('combobox', { name: '命名空间' }).click();
    await page.getByRole('option', { name: 'team' }).click();
    await page.getByRole('textbox', { name: '名称' }).fill('made/here');
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'team/made/here' }));
    await t.sees(page.getByText(`docker push ${t.server.host}/team/made/here:v1`));
    assert.equal(new URL(page.url()).pathname, '/images/team/made/here/-/versions');
  },

  'a form that was begun asks before it is left, and one over a page is not closed by a click beside it': async (t) => {
    const page = await t.signIn({ to: '/images/-/new' });
    await page.getByRole('textbox', { name: '名称' }).fill('half/done');
    const question = page.getByRole('dialog', { name: '有未保存的内容' });
    await page.getByRole('link', { name: '取消' }).click();
    await question.getByRole('button', { name: '继续填写' }).click();
    await t.gone(question);
    assert.equal(await page.getByRole('textbox', { name: '名称' }).inputValue(), 'half/done');
    // Another way to make it keeps what it is called.
    await page.getByRole('radio', { name: '从Git仓库创建' }).check();
    await page.getByRole('radio', { name: '从推送创建' }).check();
    assert.equal(await page.getByRole('textbox', { name: '名称' }).inputValue(), 'half/done');
    await page.getByRole('link', { name: '取消' }).click();
    await question.getByRole('button', { name: '放弃并离开' }).click();
    await page.getByRole('button', { name: '重置密码' }).click();
    const dialog = page.getByRole('dialog', { name: '重置密码' });
    await dialog.getByRole('textbox', { name: '当前密码', exact: true }).fill('typed');
    await page.mouse.click(5, 500);
    assert.equal(await dialog.getByRole('textbox', { name: '当前密码', exact: true }).inputValue(), 'typed');
    await page.keyboard.press('Escape');
    await question.getByRole('button', { name: '放弃并离开' }).click();
    await t.gone(dialog);
    assert.equal(new URL(page.url()).search, '');
  },

  'a new image in each variant, pushed or built from Git': async (t) => {
    for (const [name, from] of [['new-image', ''], ['new-image-git', '?from=git']]) {
      await t.inEveryVariant(name, async (page) => {
        await page.goto(`/images/-/new${from}`);
        await t.sees(page.getByRole('radio').first());
      });
    }
  },

  'a new namespace in each variant': async (t) => {
    await t.inEveryVariant('new-namespace', async (page) => {
      await page.goto('/namespaces/-/new');
      await t.sees(page.getByRole('textbox').first());
    });
  },

  'the search and the list of keys in each variant': async (t) => {
    await t.inEveryVariant('search', async (page, { language }) => {
      await page.goto('/images');
      await t.sees(page.getByRole('link', { name: 'team/shop/web' }));
      await page.keyboard.press('/');
      await page.getByRole('combobox', { name: language === 'zh' ? '搜索' : 'Search' }).fill('shop');
      await t.sees(page.getByRole('option', { name: 'team/shop/web' }).first());
    });
    await t.inEveryVariant('keys', async (page) => {
      await page.goto('/images');
      await t.sees(page.getByRole('link', { name: 'team/shop/web' }));
      await page.keyboard.press('?');
      await t.sees(page.getByRole('dialog'));
    });
  },

  'a name that cannot be is said at its field, in the words of the server': async (t) => {
    const page = await t.signIn({ to: '/images/-/new' });
    await page.getByRole('textbox', { name: '名称' }).fill('Not A Name');
    await page.getByRole('button', { name: '保存' }).click();
    const name = page.getByRole('textbox', { name: '名称' });
    await page.waitForFunction(() => document.querySelector('input[name=name]')?.getAttribute('aria-invalid') === 'true');
    assert.equal(await name.inputValue(), 'Not A Name');
  },

  'deleting says what is lost, wants the name typed, and takes the image away': async (t) => {
    await t.server.push('team/doomed', 'v1');
    const page = await t.signIn();
    await page.getByRole('button', { name: 'team/doomed的操作' }).click();
    await page.getByRole('menuitem', { name: '删除镜像' }).click();
    const dialog = page.getByRole('dialog', { name: '删除镜像team/doomed' });
    await t.sees(dialog.getByText('1个镜像版本'));
    await dialog.getByRole('button', { name: '删除镜像' }).click();
    await t.sees(dialog.getByText('与名称不一致'));
    await t.accessible(page);
    await t.show(page, 'images-delete');
    await dialog.getByRole('textbox').fill('team/doomed');
    await dialog.getByRole('button', { name: '删除镜像' }).click();
    await t.gone(page.getByRole('link', { name: 'team/doomed' }));
  },

  'the menu of an image works by keyboard and gives the focus back': async (t) => {
    const page = await t.signIn();
    const button = page.getByRole('button', { name: 'team/api的操作' });
    await button.focus();
    await page.keyboard.press('Enter');
    await t.sees(page.getByRole('menuitem', { name: '删除镜像' }));
    await t.accessible(page);
    await page.keyboard.press('Escape');
    await t.gone(page.getByRole('menuitem', { name: '删除镜像' }));
    assert.equal(await button.evaluate((element) => element === document.activeElement), true);
  },

  'the versions of an image are listed with digest and size': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/images/team/shop/web' });
    const row = page.getByRole('table', { name: 'Versions' }).getByRole('row').filter({ hasText: 'v1.4.2' });
    await t.sees(row.getByText('amd64'));
    await t.sees(row.getByRole('button', { name: 'Copy digest' }));
    await page.getByRole('link', { name: 'My images' }).first().click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'My images' }));
  },

  'the search finds an image, and Enter goes there': async (t) => {
    const page = await t.signIn({ language: 'en' });
    await page.getByRole('button', { name: 'Search' }).click();
    const field = page.getByRole('combobox', { name: 'Search' });
    await field.fill('shop');
    await t.sees(page.getByRole('option', { name: 'team/shop/web' }));
    await t.accessible(page);
    await t.show(page, 'search');
    await page.keyboard.press('Enter');
    await t.sees(page.getByRole('heading', { level: 1, name: 'team/shop/web' }));
  },

  'the search finds a namespace, and Enter goes to what is in it': async (t) => {
    await t.server.addUser('somebody');
    const page = await t.signIn();
    await page.keyboard.press('/');
    const field = page.getByRole('combobox', { name: '搜索' });
    await field.fill('somebody');
    await t.sees(page.getByRole('group', { name: '命名空间' }).getByRole('option', { name: 'somebody' }));
    await page.keyboard.press('Enter');
    await t.sees(page.getByRole('heading', { level: 1, name: 'somebody' }));
    assert.equal(new URL(page.url()).pathname, '/namespaces/somebody/images');
  },

  'the search finds versions of an image, and Enter opens one': async (t) => {
    const page = await t.signIn();
    await page.getByRole('button', { name: '搜索' }).click();
    const field = page.getByRole('combobox', { name: '搜索' });
    await field.fill('web:v1.4');
    await t.sees(page.getByRole('group', { name: '镜像版本' }).getByRole('option', { name: 'team/shop/web:v1.4.2' }));
    await t.show(page, 'search-versions');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/images\/team\/shop\/web\/-\/versions\/v1\.4\.2/);
    await t.sees(page.getByRole('heading', { level: 1 }));
  },

  'the password is reset where the images are, and the session goes on': async (t) => {
    const login = await t.server.addUser('zhang.san', 'their first password');
    const page = await t.signIn({ login });
    await page.getByRole('button', { name: '重置密码' }).click();
    const dialog = page.getByRole('dialog', { name: '重置密码' });
    const field = (name) => dialog.getByRole('textbox', { name, exact: true });
    await field('当前密码').fill('not this one');
    await field('新密码').fill('their second password');
    await field('再次输入新密码').fill('their second password');
    await dialog.getByRole('button', { name: '保存' }).click();
    await t.sees(dialog.getByText('当前密码不正确'));
    await t.accessible(page);
    await t.show(page, 'reset-password');
    await field('当前密码').fill(login.password);
    await dialog.getByRole('button', { name: '保存' }).click();
    await t.gone(dialog);
    await page.reload();
    await t.sees(page.getByRole('heading', { level: 1, name: '我的镜像' }));
  },

  'the list fits windows of every width': async (t) => {
    for (const language of ['zh', 'en']) {
      const page = await t.signIn({ language });
      await t.sees(page.getByRole('link', { name: 'team/shop/web' }));
      for (const width of [800, 1000, 1200, 1400, 1440, 1600]) {
        await page.setViewportSize({ width, height: 900 });
        await t.fits(page);
      }
    }
  },

  'the way to the settings of builds is in the row, and in its menu': async (t) => {
    const page = await t.signIn();
    await page.getByRole('row').filter({ hasText: 'team/api' }).getByRole('link', { name: '构建配置' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'team/api' }));
    assert.equal(new URL(page.url()).pathname, '/images/team/api/-/builds');
    await page.goto('/images');
    await page.getByRole('button', { name: 'team/api的操作' }).click();
    await page.getByRole('menuitem', { name: '构建配置' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'team/api' }));
  },

  'sources are beside the images, and foreign public images are not among them': async (t) => {
    const login = await t.server.addUser('lonely');
    await t.server.push('lonely/own', 'v1', { login });
    const page = await t.signIn({ login });
    await t.sees(page.getByRole('table', { name: '我的镜像' }).getByRole('link', { name: 'lonely/own' }));
    await t.gone(page.getByRole('link', { name: 'team/shop/web' }));
    await page.getByRole('main').getByRole('link', { name: '源代码授权' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '源代码授权' }));
  },

  'the list is whole in every variant': async (t) => {
    await t.inEveryVariant('images', async (page) => {
      await page.goto('/images');
      await t.sees(page.getByRole('link', { name: 'team/shop/web' }));
    });
  },

  'the versions are whole in every variant': async (t) => {
    await t.inEveryVariant('versions', async (page) => {
      await page.goto('/images/team/shop/web/-/versions');
      await t.sees(page.getByText('v1.4.2'));
    });
  },
};
