import assert from 'node:assert/strict';
import { until } from './server.mjs';

// Builds wait, so that there is a queue to look at; the file sets what the page then must not change.
export const settings = { WHARF_BUILD_CONCURRENCY: '0' };
export const start = { toml: '[smtp]\nhost = "mail.example.org"\nfrom = "wharf <wharf@example.org>"\n' };

const image = (name) => `/repositories/${encodeURIComponent(name)}`;
const queueBuild = (server, name) => server.call('POST', `${image(name)}/builds`, { dockerfile: 'FROM scratch\nCOPY . /\n', version: 'v1' });

export async function prepare(server) {
  const li = await server.addUser('li.wei');
  await server.call('PATCH', '/users/li.wei', { display_name: '李伟', email: 'li.wei@example.cn' });
  await server.call('POST', '/namespaces', { name: 'shop', description: '商城' }, li);
  await server.push('shop/web', 'v1', { login: li });
  await server.push('admin/tools', 'v1');
  await queueBuild(server, 'shop/web');
  await queueBuild(server, 'shop/web');
  await queueBuild(server, 'admin/tools');
  await until(async () => (await server.call('GET', '/storage')).looked_at, 60_000, () => 'nobody looked what is stored');
  return { li };
}

/** Opens the menu of a user's row and chooses one of its items. */
async function choose(page, name, item) {
  await page.getByRole('button', { name: `${name}的操作` }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

const rowOf = (page, name) => page.getByRole('row').filter({ hasText: name });

export const cases = {
  'administrators find the place in the sidebar, and nobody else has it': async (t) => {
    const page = await t.signIn();
    await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '系统管理' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '系统管理' }));
    await t.sees(page.getByRole('table', { name: '用户' }));
    assert.equal(new URL(page.url()).pathname, '/admin/users');

    const other = await t.signIn({ login: t.li });
    await t.gone(other.getByRole('link', { name: '系统管理' }));
    for (const tab of ['users', 'namespaces', 'storage', 'workers', 'health', 'settings']) {
      await other.goto(`/admin/${tab}`);
      await t.sees(other.getByRole('heading', { level: 1, name: '没有权限' }));
    }
  },

  'a user is made with a password that is shown once, and must set another': async (t) => {
    const page = await t.signIn({ to: '/admin/users' });
    await page.getByRole('link', { name: '新建用户' }).click();
    const form = page.getByRole('dialog', { name: '新建用户' });
    await form.getByRole('button', { name: '新建用户' }).click();
    const username = form.getByRole('textbox', { name: '用户名' });
    assert.equal(await username.evaluate((field) => field === document.activeElement), true, 'the first error has the focus');
    await username.fill('li.wei');
    await form.getByRole('button', { name: '新建用户' }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'username' && document.activeElement.getAttribute('aria-invalid') === 'true');
    await username.fill('zhang.min');
    await form.getByRole('textbox', { name: '显示名' }).fill('张敏');
    await t.accessible(page);
    await form.getByRole('button', { name: '新建用户' }).click();
    const made = page.getByRole('dialog', { name: 'zhang.min的密码' });
    const password = await made.getByRole('group', { name: '密码' }).innerText();
    await t.accessible(page);
    await t.show(page, 'admin-password');
    await made.getByRole('button', { name: '我已保存' }).click();
    await t.gone(made);
    await t.sees(rowOf(page, 'zhang.min').getByText('张敏'));
    assert.equal((await page.content()).includes(password), false, 'the password is not there any more');
    assert.equal(page.url().includes('new'), false);

    const other = await t.open();
    await other.goto('/sign-in');
    await other.getByRole('textbox', { name: '用户名' }).fill('zhang.min');
    await other.getByRole('textbox', { name: '密码', exact: true }).fill(password);
    await other.getByRole('button', { name: '登录', exact: true }).click();
    await t.sees(other.getByRole('heading', { name: '设置新密码' }));
  },

  'a user is found, edited, disabled, enabled, made administrator and given another password': async (t) => {
    const login = await t.server.addUser('wang.fang');
    const page = await t.signIn({ to: '/admin/users' });
    await page.getByRole('searchbox', { name: '筛选用户' }).fill('wang');
    await t.gone(rowOf(page, 'li.wei'));
    await page.waitForURL((url) => url.searchParams.get('q') === 'wang');
    const row = rowOf(page, 'wang.fang');
    await t.sees(row.getByText('正常'));

    await choose(page, 'wang.fang', '编辑');
    const form = page.getByRole('dialog', { name: '编辑wang.fang' });
    await form.getByRole('textbox', { name: '邮箱' }).fill('not an address');
    await form.getByRole('button', { name: '保存' }).click();
    await page.waitForFunction(() => document.querySelector('[name=email]')?.getAttribute('aria-invalid') === 'true');
    await form.getByRole('textbox', { name: '邮箱' }).fill('wang@example.cn');
    await form.getByRole('textbox', { name: '可建命名空间数' }).fill('3');
    await t.accessible(page);
    await form.getByRole('button', { name: '保存' }).click();
    await t.gone(form);
    await t.sees(row.getByText('wang@example.cn'));
    assert.equal((await t.server.call('GET', '/users/wang.fang')).namespace_limit, 3);

    await choose(page, 'wang.fang', '停用');
    const disable = page.getByRole('dialog', { name: '停用wang.fang' });
    await t.sees(disable.getByText(/登录会话会立即结束/));
    await disable.getByRole('button', { name: '停用' }).click();
    await t.sees(row.getByText('已停用'));
    await assert.rejects(t.server.call('GET', '/me', undefined, login));
    await choose(page, 'wang.fang', '启用');
    await t.sees(row.getByText('正常'));
    await t.server.call('GET', '/me', undefined, login);
    await choose(page, 'wang.fang', '设为管理员');
    await page.getByRole('dialog', { name: '将wang.fang设为管理员' }).getByRole('button', { name: '设为管理员' }).click();
    await t.sees(row.getByText('管理员'));
    await choose(page, 'wang.fang', '取消管理员');
    await page.getByRole('dialog', { name: '取消wang.fang的管理员身份' }).getByRole('button', { name: '取消管理员' }).click();
    await t.sees(row.getByText('用户', { exact: true }));

    await choose(page, 'wang.fang', '重置密码');
    const reset = page.getByRole('dialog', { name: '重置wang.fang的密码' });
    await reset.getByRole('radio', { name: '自己设定' }).check();
    await reset.getByRole('textbox', { name: '新密码' }).fill('short');
    await reset.getByRole('button', { name: '重置密码' }).click();
    await t.sees(reset.getByText('至少8个字符', { exact: true }));
    await reset.getByRole('textbox', { name: '新密码' }).fill('another good phrase');
    await reset.getByRole('button', { name: '重置密码' }).click();
    await t.gone(reset);
    await t.server.call('GET', '/me', undefined, { username: 'wang.fang', password: 'another good phrase' });
    await assert.rejects(t.server.call('GET', '/me', undefined, login));
  },

  'a user goes by typing the name, and what goes along is listed': async (t) => {
    const login = await t.server.addUser('chen.jie');
    await t.server.push('chen.jie/demo', 'v1', { login });
    const page = await t.signIn({ to: '/admin/users?q=chen' });
    await choose(page, 'chen.jie', '删除用户');
    const dialog = page.getByRole('dialog', { name: '删除chen.jie' });
    await t.sees(dialog.getByText(/^1个镜像/));
    await dialog.getByRole('textbox').fill('chen.jie');
    await t.accessible(page);
    await dialog.getByRole('button', { name: '删除用户' }).click();
    await t.sees(page.getByRole('heading', { name: '没有符合条件的结果' }));
    await page.getByRole('link', { name: '清除筛选' }).click();
    await t.sees(rowOf(page, 'admin'));
    await assert.rejects(t.server.call('GET', '/users/chen.jie'));
  },

  'what would lock administrators out is said at their own account': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/admin/users?q=admin' });
    await page.getByRole('button', { name: 'Actions for admin' }).click();
    for (const item of ['Disable', 'Take administration away', 'Delete user']) {
      assert.equal(await page.getByRole('menuitem', { name: item }).getAttribute('aria-disabled'), 'true', item);
    }
    await t.sees(page.getByText('You cannot do this to your own account'));
  },

  'namespaces are listed with owners, images and limits': async (t) => {
    const page = await t.signIn({ to: '/admin/namespaces' });
    const row = rowOf(page, 'shop');
    await t.sees(row.getByText('li.wei'));
    await t.sees(row.getByText('商城'));
    await t.sees(rowOf(page, 'library').getByText('管理员'));
    await t.sees(page.getByText('每个命名空间最多同时构建'));
    await page.getByRole('searchbox', { name: '筛选命名空间' }).fill('sho');
    await t.gone(rowOf(page, 'library'));
    assert.equal(new URL(page.url()).searchParams.get('q'), 'sho');
    await row.getByRole('link', { name: 'shop' }).click();
    await t.sees(page.getByRole('heading', { level: 1 }));
    assert.equal(page.url().includes('shop'), true);
  },

  'storage is told, drawn and checked': async (t) => {
    const page = await t.signIn({ to: '/admin/storage' });
    await t.sees(page.getByText('可用空间'));
    await t.sees(page.getByText(/不会释放磁盘空间/));
    await t.sees(page.getByRole('img', { name: /^现在存储/ }));
    await page.getByText('90天').click();
    await page.waitForURL((url) => url.searchParams.get('range') === '90d');
    await page.getByRole('button', { name: '表格' }).first().click();
    await t.sees(page.getByRole('table', { name: '存储', exact: true }).getByRole('columnheader', { name: '已存储' }));
    await t.accessible(page);
    await t.sees(page.getByRole('table', { name: '各命名空间用量' }).getByRole('row').filter({ hasText: 'shop' }));
    await page.getByRole('checkbox', { name: '重新计算每个文件的摘要' }).check();
    await page.getByRole('button', { name: '开始检查' }).click();
    await t.sees(page.getByText(/检查完成，\d+个文件没有问题/));
    assert.equal((await t.server.call('GET', '/storage/check')).read_bytes, true);
  },

  'the queue is told by namespace and moves by itself': async (t) => {
    const page = await t.signIn({ to: '/admin/workers' });
    await t.sees(page.getByRole('img', { name: '2个命名空间，进行中0个，排队中3个' }));
    const queue = page.getByRole('table', { name: '队列' });
    await t.sees(queue.getByRole('link', { name: /^shop\/web #/ }));
    const { number } = await queueBuild(t.server, 'admin/tools');
    await t.sees(page.getByRole('img', { name: '2个命名空间，进行中0个，排队中4个' }));
    await t.server.call('POST', `${image('admin/tools')}/builds/${number}/cancel`);
    await t.sees(page.getByRole('img', { name: '2个命名空间，进行中0个，排队中3个' }));
    await page.getByRole('button', { name: '表格' }).click();
    await t.sees(page.getByRole('table', { name: '各命名空间的构建' }).getByRole('row', { name: /shop/ }));
  },

  'a build that waits is canceled from the list, after a question': async (t) => {
    const { number } = await queueBuild(t.server, 'admin/tools');
    const name = `admin/tools #${number}`;
    const page = await t.signIn({ to: '/admin/workers' });
    const row = page.getByRole('table', { name: '队列' }).getByRole('row').filter({ hasText: name });
    await row.getByRole('button', { name: `取消构建${name}` }).click();
    const dialog = page.getByRole('dialog', { name: `取消构建${name}` });
    await t.accessible(page);
    await t.show(page, 'workers-cancel');
    await dialog.getByRole('button', { name: '取消构建' }).click();
    await t.gone(row);
    assert.equal((await t.server.call('GET', `${image('admin/tools')}/builds/${number}`)).state, 'canceled');
  },

  'each check of the health says how it stands': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/admin/health' });
    const checks = page.getByRole('list', { name: 'Health' });
    for (const part of ['Database', 'Clock', 'Deliveries', 'Image store', 'Disk space', 'Builds', 'Name resolution', 'Encryption']) {
      await t.sees(checks.getByRole('listitem').filter({ hasText: part }));
    }
    await t.sees(checks.getByRole('listitem').filter({ hasText: 'Database' }).getByText('OK'));
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/health'));
    await page.getByRole('button', { name: 'Check again' }).click();
    assert.equal((await answered).status(), 200);
  },

  'every setting says in words what it is, in both languages': async (t) => {
    const { settings: all } = await t.server.call('GET', '/settings');
    for (const language of ['zh', 'en']) {
      const page = await t.signIn({ language, to: '/admin/settings' });
      const rows = page.getByRole('row');
      await t.sees(rows.filter({ hasText: 'server.listen' }));
      const texts = await rows.allInnerTexts();
      // A row begins with its words; one that begins with its key has none.
      const bare = all.filter(({ key }) => texts.some((text) => text.startsWith(key)) || !texts.some((text) => text.includes(`\n${key}`)));
      assert.deepEqual(bare.map(({ key }) => key), []);
    }
  },

  'settings say where they come from, and the file wins': async (t) => {
    const page = await t.signIn({ to: '/admin/settings' });
    const mail = page.getByRole('table', { name: '邮件（SMTP）' });
    const host = mail.getByRole('row').filter({ hasText: 'smtp.host' });
    await t.sees(host.getByText('mail.example.org'));
    await t.sees(host.getByText('由wharf.toml设定'));
    await t.sees(rowOf(page, 'build.concurrency').getByText('由环境变量设定'));
    await t.sees(rowOf(page, 'server.timezone').getByText('默认'));
    await page.getByRole('link', { name: '编辑邮件（SMTP）' }).click();
    const form = page.getByRole('dialog', { name: '编辑邮件（SMTP）' });
    assert.equal(await form.getByRole('textbox', { name: 'SMTP服务器' }).getAttribute('readonly'), '');
    assert.equal(new URL(page.url()).search, '?edit=smtp');
    await form.getByRole('textbox', { name: '用户名' }).fill('wharf');
    await form.getByRole('textbox', { name: '密码' }).fill('a secret of mail');
    await t.accessible(page);
    await t.show(page, 'admin-settings-form');
    await form.getByRole('button', { name: '保存' }).click();
    await t.gone(form);
    const password = mail.getByRole('row').filter({ hasText: 'smtp.password' });
    await t.sees(password.getByText('已设置'));
    await t.sees(password.getByText('控制台'));
    await page.reload();
    await t.sees(password.getByText('已设置'));
    assert.equal((await page.content()).includes('a secret of mail'), false, 'a secret is never shown again');

    await page.getByRole('link', { name: '编辑邮件（SMTP）' }).click();
    // A stored password goes nowhere else, and under no other name.
    await form.getByRole('textbox', { name: '用户名' }).fill('other');
    await t.sees(form.getByPlaceholder('地址已更改，需重新填写'));
    await form.getByRole('button', { name: '保存' }).click();
    await t.sees(form.getByText(/smtp\.username已更改/));
    await form.getByRole('textbox', { name: '用户名' }).fill('wharf');
    await form.getByRole('checkbox', { name: '清除已保存的值' }).check();
    await form.getByRole('button', { name: '保存' }).click();
    // A mail server wants both or none: said at the field that is wrong.
    await t.sees(form.getByText(/必须同时设置/));
    await form.getByRole('textbox', { name: '用户名' }).fill('');
    await form.getByRole('button', { name: '保存' }).click();
    await t.gone(form);
    await t.sees(password.getByText('未设定'));
  },

  'places and limits are set here, and what is wrong is said at its field': async (t) => {
    const page = await t.signIn({ to: '/admin/settings?edit=egress' });
    const egress = page.getByRole('dialog', { name: '编辑出站访问' });
    await egress.getByRole('combobox', { name: '允许访问的内网地址' }).fill('nothing like an address');
    await page.keyboard.press('Enter');
    await egress.getByRole('button', { name: '保存' }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-path') === 'egress.allow' && document.activeElement.getAttribute('aria-invalid') === 'true');
    await page.keyboard.press('Backspace');
    await egress.getByRole('combobox', { name: '允许访问的内网地址' }).fill('10.1.0.0/16');
    await page.keyboard.press('Enter');
    await egress.getByRole('button', { name: '保存' }).click();
    await t.gone(egress);
    const row = rowOf(page, 'egress.allow');
    await t.sees(row.getByText('10.1.0.0/16'));
    await t.sees(row.getByText('admin'));

    await page.getByRole('link', { name: '编辑构建' }).click();
    const build = page.getByRole('dialog', { name: '编辑构建' });
    await build.getByRole('textbox', { name: '每步内存' }).fill('2g');
    await build.getByRole('button', { name: '保存' }).click();
    await t.gone(build);
    await t.sees(page.getByText('有修改在重启wharf后生效'));
    await t.sees(rowOf(page, 'build.step_memory').getByText('重启后生效'));

    await page.getByRole('link', { name: '编辑代码平台应用' }).click();
    const hosts = page.getByRole('dialog', { name: '编辑代码平台应用' });
    await t.sees(hosts.getByRole('group', { name: '回调地址' }).getByText(`${t.server.url}/sources/-/authorized`));
    await t.show(page, 'admin-settings-code-hosts');
    const other = hosts.getByRole('group', { name: '其他代码平台' });
    await other.getByRole('textbox', { name: '域名' }).fill('git.example.cn');
    await other.getByRole('textbox', { name: '应用ID（Client ID）' }).fill('an-app');
    await hosts.getByRole('button', { name: '保存' }).click();
    await t.gone(hosts);
    await t.sees(rowOf(page, 'code_hosts."git.example.cn".client_id').getByText('an-app'));
    const { items } = await t.server.call('GET', '/audit?action=settings.edit');
    assert.ok(items.length >= 3, 'changes are audited');
  },

  'users in every variant': (t) =>
    t.inEveryVariant('admin-users', async (page) => {
      await page.goto('/admin/users');
      await t.sees(page.getByText('李伟'));
    }),

  'the form for a user in every variant': (t) =>
    t.inEveryVariant('admin-user-new', async (page, { language }) => {
      await page.goto('/admin/users?new=true');
      await t.sees(page.getByRole('dialog', { name: language === 'zh' ? '新建用户' : 'Create user' }));
    }),

  'namespaces in every variant': (t) =>
    t.inEveryVariant('admin-namespaces', async (page) => {
      await page.goto('/admin/namespaces');
      await t.sees(page.getByRole('link', { name: 'shop' }));
    }),

  'storage in every variant': (t) =>
    t.inEveryVariant('admin-storage', async (page, { language }) => {
      await page.goto('/admin/storage');
      await t.sees(page.getByRole('img', { name: language === 'zh' ? /^现在存储/ : /stored now/ }));
    }),

  'workers in every variant': (t) =>
    t.inEveryVariant('admin-workers', async (page, { language }) => {
      await page.goto('/admin/workers');
      await t.sees(page.getByRole('img', { name: language === 'zh' ? /排队中/ : /waiting/ }));
    }),

  'health in every variant': (t) =>
    t.inEveryVariant('admin-health', async (page, { language }) => {
      await page.goto('/admin/health');
      await t.sees(page.getByRole('list', { name: language === 'zh' ? '健康' : 'Health' }));
    }),

  'settings in every variant': (t) =>
    t.inEveryVariant('admin-settings', async (page) => {
      await page.goto('/admin/settings');
      await t.sees(page.getByText('smtp.host'));
    }),
};
