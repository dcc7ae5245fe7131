import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { until } from './server.mjs';

// Credentials are tried against a registry on this machine.
export const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1' };

/** A registry that knows one password; plain http, as this machine's own addresses may be. */
async function startRegistry() {
  const right = `Basic ${Buffer.from('robot:right').toString('base64')}`;
  const server = createServer((request, response) => {
    const known = request.headers.authorization === right;
    response.writeHead(known ? 200 : 401, { 'www-authenticate': 'Basic realm="other"', 'docker-distribution-api-version': 'registry/2.0' });
    response.end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: `127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => server.close(resolve)) };
}

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team', description: '商城团队的镜像' });
  await server.push('team/shop/web', 'v1');
  await server.push('team/api', 'v2');
  await server.call('PATCH', `/repositories/${encodeURIComponent('team/api')}`, { public: true });
  const registry = await startRegistry();
  const stop = server.stop;
  server.stop = async () => {
    await stop();
    await registry.stop();
  };
  return { registry, reader: await server.addUser('zhou.reader'), owner: await server.addUser('qian.owner') };
}

const role = (t, namespace, { username }, given) => t.server.call('PUT', `/namespaces/${namespace}/members/${username}`, { role: given });

export const cases = {
  'somebody makes a namespace, which is theirs, and finds it in the list': async (t) => {
    const page = await t.signIn({ login: t.owner });
    await page.getByRole('link', { name: '命名空间' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '命名空间' }));
    await t.sees(page.getByRole('table', { name: '命名空间' }).getByRole('link', { name: 'qian.owner' }));
    await page.getByRole('link', { name: '新建命名空间' }).click();
    await page.getByRole('button', { name: '保存' }).click();
    const name = page.getByRole('textbox', { name: '名称' });
    assert.equal(await name.evaluate((field) => field === document.activeElement), true, 'the first error has the focus');
    await name.fill('team');
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForFunction(() => document.querySelector('input[name=name]')?.getAttribute('aria-invalid') === 'true');
    await name.fill('shop');
    await page.getByRole('textbox', { name: '描述' }).fill('线上商城');
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'shop' }));
    await t.sees(page.getByText('所有者', { exact: true }));
    await t.sees(page.getByText('线上商城'));
    await t.sees(page.getByRole('heading', { name: '还没有镜像' }));
    assert.equal(new URL(page.url()).pathname, '/namespaces/shop/images');
    await page.getByRole('navigation', { name: '位置' }).getByRole('link', { name: '命名空间' }).click();
    const row = page.getByRole('row').filter({ hasText: 'shop' });
    await t.sees(row.getByRole('cell', { name: '所有者' }));
  },

  'its images are listed alone, searched by the server, and lead back to it': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/namespaces/team' });
    const table = page.getByRole('table', { name: 'Images' });
    await t.sees(table.getByRole('link', { name: 'team/shop/web' }));
    await page.getByRole('searchbox', { name: 'Filter images' }).fill('api');
    await t.gone(table.getByRole('link', { name: 'team/shop/web' }));
    assert.equal(new URL(page.url()).searchParams.get('q'), 'api');
    await page.getByRole('searchbox', { name: 'Filter images' }).fill('no-such-thing');
    await t.sees(page.getByText('Nothing matches'));
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await table.getByRole('link', { name: 'team/shop/web' }).click();
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'team' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'team' }));
    await page.getByRole('link', { name: 'New image' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'New image' }));
    assert.equal(await page.getByRole('combobox', { name: 'Namespace' }).inputValue(), 'team');
  },

  'My images is narrowed to a namespace, from its page and by choice': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/namespaces/team' });
    await t.server.push('admin/other', 'v1');
    await page.getByRole('link', { name: 'Show in My images' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'My images' }));
    assert.equal(new URL(page.url()).searchParams.get('ns'), 'team');
    await t.sees(page.getByRole('link', { name: 'team/api' }));
    await t.gone(page.getByRole('link', { name: 'admin/other' }));
    await t.accessible(page);
    await t.show(page, 'images-of-namespace');
    await page.getByRole('combobox', { name: 'Namespace' }).click();
    await page.getByRole('option', { name: 'admin', exact: true }).click();
    await t.sees(page.getByRole('link', { name: 'admin/other' }));
    await t.gone(page.getByRole('link', { name: 'team/api' }));
  },

  'among 500 namespaces one is found, and offered for a new image where it may be made': async (t) => {
    const login = await t.server.addUser('many.spaces');
    const names = Array.from({ length: 500 }, (_, at) => `many-${String(at).padStart(3, '0')}`);
    for (const name of names) await t.server.call('POST', '/namespaces', { name });
    for (const name of names.slice(0, 150)) await role(t, name, login, 'reader');
    await role(t, 'many-499', login, 'developer');
    const page = await t.signIn({ to: '/namespaces' });
    await page.getByRole('searchbox', { name: '筛选命名空间' }).fill('many-321');
    await t.sees(page.getByRole('link', { name: 'many-321' }));
    await t.gone(page.getByRole('link', { name: 'many-000' }));
    await page.getByRole('searchbox', { name: '筛选命名空间' }).fill('no-such-thing');
    await t.sees(page.getByRole('heading', { name: '没有符合条件的结果' }));
    await t.accessible(page);
    const other = await t.signIn({ login, to: '/images/-/new' });
    await other.getByRole('combobox', { name: '命名空间' }).click();
    await t.sees(other.getByRole('option', { name: 'many-499' }));
    await t.gone(other.getByRole('option', { name: 'many-000' }));
  },

  'an owner sees what the images of a namespace store and move, and a reader does not': async (t) => {
    await role(t, 'team', t.reader, 'reader');
    const page = await t.signIn({ to: '/namespaces/team' });
    await page.getByRole('link', { name: '统计' }).click();
    await t.sees(page.getByRole('heading', { name: '存储', exact: true }));
    await page.getByText('90天').click();
    await page.waitForURL((url) => url.pathname === '/namespaces/team/stats' && url.searchParams.get('range') === '90d');
    await t.accessible(page);
    await t.show(page, 'namespace-stats');
    const other = await t.signIn({ login: t.reader, to: '/namespaces/team' });
    await t.sees(other.getByRole('link', { name: '成员' }));
    await t.gone(other.getByRole('link', { name: '统计' }));
    await other.goto('/namespaces/team/stats');
    await t.sees(other.getByRole('heading', { level: 1, name: '没有权限' }));
  },

  'an owner adds a member, gives another role, and takes it away': async (t) => {
    await t.server.call('POST', '/namespaces', { name: 'people' }, t.owner);
    const page = await t.signIn({ login: t.owner, to: '/namespaces/people/members' });
    await page.getByRole('button', { name: '添加成员' }).click();
    assert.equal(new URL(page.url()).searchParams.get('add'), 'true');
    const dialog = page.getByRole('dialog', { name: '添加成员' });
    await dialog.getByRole('textbox', { name: '用户名' }).fill('nobody.here');
    await dialog.getByRole('button', { name: '添加成员' }).click();
    await t.sees(dialog.getByText('没有名为nobody.here的用户'));
    await t.accessible(page);
    await t.show(page, 'member-add');
    await dialog.getByRole('textbox', { name: '用户名' }).fill('zhou.reader');
    await dialog.getByRole('radio', { name: '开发者' }).check();
    await dialog.getByRole('button', { name: '添加成员' }).click();
    await t.gone(dialog);
    const row = page.getByRole('table', { name: '成员' }).getByRole('row').filter({ hasText: 'zhou.reader' });
    await t.sees(row.getByText('开发者'));
    await page.getByRole('searchbox', { name: '筛选成员' }).fill('zhou');
    await t.gone(page.getByRole('table', { name: '成员' }).getByRole('row').filter({ hasText: 'qian.owner' }));
    await t.sees(row);

    await row.getByRole('button', { name: 'zhou.reader的操作' }).click();
    await page.getByRole('menuitem', { name: '更改角色' }).click();
    const change = page.getByRole('dialog', { name: '更改zhou.reader的角色' });
    await t.sees(change);
    // The address alone opens it again.
    await page.reload();
    await change.getByRole('radio', { name: '维护者' }).check();
    await change.getByRole('button', { name: '保存' }).click();
    await t.sees(row.getByText('维护者'));

    await row.getByRole('button', { name: 'zhou.reader的操作' }).click();
    await page.getByRole('menuitem', { name: '移除成员' }).click();
    const remove = page.getByRole('dialog', { name: '移除zhou.reader' });
    await t.sees(remove.getByText('其访问people的权限立即失效。'));
    await t.accessible(page);
    await remove.getByRole('button', { name: '移除成员' }).click();
    await t.gone(row);
  },

  'the last owner stays, and the page says why': async (t) => {
    await t.server.call('POST', '/namespaces', { name: 'alone' }, t.owner);
    const page = await t.signIn({ login: t.owner, language: 'en', to: '/namespaces/alone/members' });
    await page.getByRole('button', { name: 'Actions for qian.owner' }).click();
    await page.getByRole('menuitem', { name: 'Remove member' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove qian.owner' });
    await dialog.getByRole('button', { name: 'Remove member' }).click();
    await t.sees(dialog.getByRole('alert'));
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    // Of one's own namespace nobody stops being the owner.
    await page.goto('/namespaces/qian.owner/members');
    await page.getByRole('button', { name: 'Actions for qian.owner' }).click();
    await t.sees(page.getByText('Everybody always owns the namespace of their own name').first());
  },

  'a reader sees members, and is told which role and whom the rest takes': async (t) => {
    await t.server.call('POST', '/namespaces', { name: 'closed' }, t.owner);
    await role(t, 'closed', t.reader, 'reader');
    const page = await t.signIn({ login: t.reader, to: '/namespaces/closed/members' });
    await t.sees(page.getByRole('table', { name: '成员' }).getByText('qian.owner'));
    const tabs = page.getByRole('navigation', { name: 'closed' });
    assert.deepEqual(await tabs.getByRole('link').allInnerTexts(), ['镜像', '成员']);
    await t.gone(page.getByRole('button', { name: '添加成员' }));
    await page.goto('/namespaces/closed/robots');
    await t.sees(page.getByRole('heading', { level: 1, name: '没有权限' }));
    await t.sees(page.getByText('需要维护者角色，联系qian.owner'));
    await t.accessible(page);
    await t.show(page, 'forbidden');
    // What one does not belong to is as if it were not there.
    await t.server.call('POST', '/namespaces', { name: 'others' }, t.owner);
    await page.goto('/namespaces/others/members');
    await t.sees(page.getByRole('heading', { level: 1, name: '找不到此页面' }));
  },

  'a robot is made, its secret shown once, changed, turned off and deleted': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/namespaces/team/robots' });
    await t.sees(page.getByRole('heading', { name: 'No robots yet' }));
    await page.getByRole('button', { name: 'Create robot' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create robot' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('ci');
    await dialog.getByRole('textbox', { name: 'Description' }).fill('The pipeline of the shop');
    await dialog.getByRole('checkbox', { name: 'Push' }).check();
    await dialog.getByRole('combobox', { name: 'Expires' }).click();
    await page.getByRole('option', { name: '30 days' }).click();
    await t.accessible(page);
    await t.show(page, 'robot-new');
    await dialog.getByRole('button', { name: 'Create robot' }).click();
    const made = page.getByRole('dialog', { name: 'Robot created' });
    await t.sees(made.getByText(`docker login ${t.server.host} -u team+ci`));
    await t.sees(made.getByText('The secret is shown this once. Save it now.'));
    const secret = await made.getByRole('group', { name: 'robot secret' }).innerText();
    await t.accessible(page);
    await made.getByRole('button', { name: 'I saved it' }).click();
    await t.gone(made);
    assert.ok(!(await page.content()).includes(secret), 'the secret is not shown again');
    await t.server.push('team/by-robot', 'v1', { login: { username: 'team+ci', password: secret } });
    const row = page.getByRole('table', { name: 'Robots' }).getByRole('row').filter({ hasText: 'team+ci' });
    await t.sees(row.getByText('The pipeline of the shop'));
    await t.sees(row.getByText('Enabled'));

    const act = async (item) => {
      await row.getByRole('button', { name: 'Actions for ci' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await act('Rotate secret');
    await page.getByRole('dialog', { name: 'Rotate the secret of ci' }).getByRole('button', { name: 'Rotate secret' }).click();
    const rotated = page.getByRole('dialog', { name: 'New secret made' });
    const next = await rotated.getByRole('group', { name: 'robot secret' }).innerText();
    assert.notEqual(next, secret);
    await rotated.getByRole('button', { name: 'I saved it' }).click();
    await assert.rejects(t.server.push('team/by-robot', 'v2', { login: { username: 'team+ci', password: secret } }));

    await act('Edit');
    const edit = page.getByRole('dialog', { name: 'Edit ci' });
    await edit.getByRole('checkbox', { name: 'Push' }).uncheck();
    await edit.getByRole('button', { name: 'Save' }).click();
    await t.gone(edit);
    await t.gone(row.getByText('Push', { exact: true }));

    await act('Disable');
    await page.getByRole('dialog', { name: 'Disable ci' }).getByRole('button', { name: 'Disable' }).click();
    await t.sees(row.getByText('Disabled'));
    const robot = { username: 'team+ci', password: next };
    await assert.rejects(t.server.pull('team/by-robot', 'v1', robot), /401/);
    await act('Enable');
    await t.sees(row.getByText('Enabled'));
    assert.match(await t.server.pull('team/by-robot', 'v1', robot), /^sha256:/);

    await act('Delete robot');
    const confirm = page.getByRole('dialog', { name: 'Delete robot ci' });
    await confirm.getByRole('textbox').fill('ci');
    await confirm.getByRole('button', { name: 'Delete robot' }).click();
    await t.sees(page.getByRole('heading', { name: 'No robots yet' }));
  },

  'a credential is stored without being shown, tried at its registry, changed and deleted': async (t) => {
    const { host } = t.registry;
    const page = await t.signIn({ to: '/namespaces/team/credentials' });
    await t.sees(page.getByRole('heading', { name: '还没有凭据' }));
    await page.getByRole('button', { name: '添加凭据' }).click();
    const dialog = page.getByRole('dialog', { name: '添加凭据' });
    await dialog.getByRole('textbox', { name: '仓库地址' }).fill('https://not a host');
    await dialog.getByRole('textbox', { name: '用户名' }).fill('robot');
    await dialog.getByRole('textbox', { name: '密码或Token' }).fill('wrong');
    await dialog.getByRole('button', { name: '添加凭据' }).click();
    await page.waitForFunction(() => document.querySelector('input[name=host]')?.getAttribute('aria-invalid') === 'true');
    await t.accessible(page);
    await dialog.getByRole('textbox', { name: '仓库地址' }).fill(host);
    await dialog.getByRole('button', { name: '添加凭据' }).click();
    await t.gone(dialog);
    const row = page.getByRole('table', { name: '凭据' }).getByRole('row').filter({ hasText: host });
    await t.sees(row.getByText('不可用'));
    await t.show(page, 'credential-refused');
    await row.getByRole('button', { name: `${host}的操作` }).click();
    await page.getByRole('menuitem', { name: '编辑凭据' }).click();
    const edit = page.getByRole('dialog', { name: `编辑${host}的凭据` });
    assert.equal(await edit.getByRole('textbox', { name: '密码或Token' }).inputValue(), '');
    await edit.getByRole('textbox', { name: '密码或Token' }).fill('right');
    await edit.getByRole('button', { name: '保存' }).click();
    await t.sees(row.getByText('可用', { exact: true }));
    await row.getByRole('button', { name: `测试${host}的凭据` }).click();
    await until(async () => (await t.server.call('GET', '/namespaces/team/credentials')).items[0].last_test?.ok, 10_000);
    await row.getByRole('button', { name: `${host}的操作` }).click();
    await page.getByRole('menuitem', { name: '删除凭据' }).click();
    const confirm = page.getByRole('dialog', { name: `删除${host}的凭据` });
    await confirm.getByRole('button', { name: '删除凭据' }).click();
    await t.sees(page.getByRole('heading', { name: '还没有凭据' }));
  },

  'the settings keep a description, and deleting lists the losses and wants the name': async (t) => {
    await t.server.call('POST', '/namespaces', { name: 'doomed' });
    await t.server.push('doomed/web', 'v1');
    await t.server.call('POST', '/namespaces/doomed/robots', { name: 'ci', actions: ['pull'] });
    const page = await t.signIn({ language: 'en', to: '/namespaces/doomed/settings' });
    await page.getByRole('textbox', { name: 'Description' }).fill('Not for long');
    await page.getByRole('button', { name: 'Save' }).click();
    await until(async () => (await t.server.call('GET', '/namespaces/doomed')).description === 'Not for long', 10_000);
    await page.getByRole('button', { name: 'Delete namespace' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete namespace doomed' });
    for (const loss of ['1 image', '1 version', '1 robot', "1 member's role"]) await t.sees(dialog.getByRole('listitem').filter({ hasText: loss }));
    await dialog.getByRole('button', { name: 'Delete namespace' }).click();
    await t.sees(dialog.getByText('This is not the name'));
    await t.accessible(page);
    await t.show(page, 'namespace-delete');
    await dialog.getByRole('textbox').fill('doomed');
    await dialog.getByRole('button', { name: 'Delete namespace' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'Namespaces' }));
    await t.gone(page.getByRole('link', { name: 'doomed' }));
    await page.goto('/namespaces/admin/settings');
    await t.sees(page.getByText('Your own namespace stays'));
    await t.gone(page.getByRole('button', { name: 'Delete namespace' }));
  },

  'its triggers are a tab of it': async (t) => {
    const page = await t.signIn({ to: '/namespaces/team' });
    await page.getByRole('navigation', { name: 'team' }).getByRole('link', { name: '触发器' }).click();
    await t.sees(page.getByRole('heading', { name: '还没有触发器' }));
    await page.getByRole('link', { name: '添加触发器' }).click();
    await page.getByRole('navigation', { name: '位置' }).getByRole('link', { name: 'team' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'team' }));
  },

  'the list in every variant': (t) =>
    t.inEveryVariant('namespaces', async (page) => {
      await page.goto('/namespaces');
      await t.sees(page.getByRole('link', { name: 'admin', exact: true }));
    }),

  'the images of a namespace in every variant': (t) =>
    t.inEveryVariant('namespace-images', async (page) => {
      await page.goto('/namespaces/team');
      await t.sees(page.getByRole('link', { name: 'team/shop/web' }));
    }),

  'the members in every variant': async (t) => {
    await role(t, 'team', t.reader, 'developer');
    await role(t, 'team', t.owner, 'owner');
    await t.inEveryVariant('members', async (page) => {
      await page.goto('/namespaces/team/members');
      await t.sees(page.getByText('qian.owner'));
    });
  },

  'the robots in every variant': async (t) => {
    await t.server.call('POST', '/namespaces/team/robots', {
      name: 'ci-shop',
      actions: ['pull', 'push', 'build:start'],
      description: '商城的流水线',
      expires_at: '2037-01-01T00:00:00Z',
    });
    await t.inEveryVariant('robots', async (page) => {
      await page.goto('/namespaces/team/robots');
      await t.sees(page.getByText('team+ci-shop'));
    });
  },

  'a credential that cannot be tried says why, in its row': async (t) => {
    await t.server.call('POST', '/namespaces', { name: 'untried' });
    await t.server.call('POST', '/namespaces/untried/credentials', { host: 'docker.io', username: 'shopteam', password: 'secret' });
    const page = await t.signIn({ to: '/namespaces/untried/credentials' });
    await page.route('**/credentials/*/test', (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ code: 'internal', detail: '服务器出错了' }) }),
    );
    await page.getByRole('row').filter({ hasText: 'docker.io' }).getByRole('button', { name: '测试docker.io的凭据' }).click();
    await t.sees(page.getByRole('row').filter({ hasText: 'docker.io' }).getByRole('alert').getByText('服务器出错了'));
    await t.fits(page);
    await t.show(page, 'credential-untried');
  },

  'the credentials in every variant': async (t) => {
    await t.server.call('POST', '/namespaces/team/credentials', { host: 'docker.io', username: 'shopteam', password: 'secret' });
    await t.inEveryVariant('credentials', async (page) => {
      await page.goto('/namespaces/team/credentials');
      await t.sees(page.getByText('docker.io', { exact: true }));
    });
  },

  'the settings in every variant': (t) =>
    t.inEveryVariant('namespace-settings', async (page, { language }) => {
      await page.goto('/namespaces/team/settings');
      await t.sees(page.getByRole('button', { name: language === 'zh' ? '删除命名空间' : 'Delete namespace' }));
    }),
};
