// The console for who is no administrator: what is offered can be done, and nothing is asked for that is refused.
import assert from 'node:assert/strict';
import { until } from './server.mjs';

const image = 'team/shop/web';
const at = (path) => `/images/${image}/-/${path}`;
const api = `/repositories/${encodeURIComponent(image)}`;

/** A build takes seconds; on a busy machine many. */
const BUILD_LIMIT = 90_000;

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push(image, 'v1');
  await server.push('team/open', 'v1');
  await server.call('PATCH', `/repositories/${encodeURIComponent('team/open')}`, { public: true });
  const [developer, reader] = [await server.addUser('li.wei'), await server.addUser('wang.fang')];
  await server.call('PUT', '/namespaces/team/members/li.wei', { role: 'developer' });
  await server.call('PUT', '/namespaces/team/members/wang.fang', { role: 'reader' });
  const { number } = await server.call('POST', `${api}/builds`, { dockerfile: 'FROM scratch\nLABEL made=here\n', version: 'built' });
  await until(async () => {
    const { state } = await server.call('GET', `${api}/builds/${number}`);
    return state !== 'queued' && state !== 'running';
  }, BUILD_LIMIT, () => `build ${number} does not end`);
  return { developer, reader, number };
}

/** The requests of `page` that are refused from now on. */
function watchRefusals(page) {
  const refused = [];
  page.on('response', (response) => response.status() >= 400 && refused.push(`${response.status()} ${response.url()}`));
  return refused;
}

/** None of these is offered in the page's content. */
async function offersNone(page, names) {
  const main = page.getByRole('main');
  for (const name of names) {
    const found = main.getByRole('button', { name }).or(main.getByRole('link', { name }));
    assert.equal(await found.count(), 0, `${name} is offered on ${page.url()}`);
  }
}

/** What only who maintains an image is offered. */
const maintaining = ['编辑', '删除', '触发器', '设置', '新建规则'];

/** Each page that a member looks at, in this order, drawn. */
async function walk(t, page) {
  await page.getByRole('link', { name: image }).click();
  await t.sees(page.getByRole('table', { name: '镜像版本' }).getByText('v1'));
  await offersNone(page, maintaining);
  await page.getByRole('link', { name: 'v1', exact: true }).click();
  await t.sees(page.getByRole('heading', { level: 1, name: 'v1' }));
  await page.getByRole('link', { name: '流转' }).click();
  await t.sees(page.getByRole('region', { name: '流转' }));
  await page.getByRole('navigation', { name: '位置' }).getByRole('link', { name: 'shop/web' }).click();
  await page.getByRole('link', { name: '镜像信息' }).click();
  await t.sees(page.getByRole('region', { name: '成员' }).getByText('li.wei'));
  await offersNone(page, maintaining);
  await page.getByRole('link', { name: '镜像构建' }).click();
  await t.sees(page.getByRole('table', { name: '构建记录' }));
  await offersNone(page, maintaining);
  await page.getByRole('link', { name: /^构建#?1$|^#1$/ }).first().click();
  await t.sees(page.getByRole('heading', { level: 1, name: '构建#1' }));
}

/** The places of the sidebar. */
async function walkSidebar(t, page) {
  for (const place of ['我的收藏', '公开镜像', '命名空间', '源代码授权', '集群', '动态']) {
    await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: place, exact: true }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: place }));
  }
  assert.equal(await page.getByRole('link', { name: '系统管理' }).count(), 0);
}

export const cases = {
  'a developer sees images, builds and logs, is offered what developers do, and nothing that is asked for is refused': async (t) => {
    const page = await t.signIn({ login: t.developer });
    const refused = watchRefusals(page);
    await walk(t, page);
    await t.sees(page.getByRole('heading', { level: 2, name: '构建日志' }));
    await page.getByRole('navigation', { name: '位置' }).getByRole('link', { name: '镜像构建' }).click();
    await t.sees(page.getByRole('link', { name: '立即构建' }));
    await walkSidebar(t, page);
    assert.deepEqual(refused, []);
  },

  'a reader sees that there are builds, is offered nothing that changes them, and nothing that is asked for is refused': async (t) => {
    const page = await t.signIn({ login: t.reader });
    const refused = watchRefusals(page);
    await walk(t, page);
    await t.sees(page.getByText('没有权限'));
    await offersNone(page, ['重试', '立即构建']);
    await page.getByRole('navigation', { name: '位置' }).getByRole('link', { name: '镜像构建' }).click();
    await t.sees(page.getByRole('table', { name: '构建记录' }));
    await offersNone(page, ['立即构建']);
    await page.getByRole('link', { name: '使用指引' }).click();
    await t.sees(page.getByText(/docker pull/));
    await walkSidebar(t, page);
    assert.deepEqual(refused, []);
  },

  ...Object.fromEntries(
    [
      ['rules/-/new', '维护者'],
      ['rules/default', '维护者'],
      ['builds/-/new', '开发者'],
      ['triggers/-/new', '维护者'],
      ['triggers', '维护者'],
      ['settings', '维护者'],
      ['info/edit', '维护者'],
    ].map(([path, role]) => [
      `a reader who opens ${path} of an image is told which role it takes and whom to ask`,
      (t) => isRefused(t, at(path), `需要${role}角色，联系admin`),
    ]),
  ),

  'another role is offered what it may, and members and robots that others add are there, without a reload': async (t) => {
    const login = await t.server.addUser('zhao.liu');
    await t.server.call('PUT', '/namespaces/team/members/zhao.liu', { role: 'reader' });
    const page = await t.signIn({ login, to: at('info') });
    await t.sees(page.getByRole('region', { name: '成员' }).getByText('li.wei'));
    await offersNone(page, ['编辑', '设置']);
    await t.server.call('PUT', '/namespaces/team/members/zhao.liu', { role: 'maintainer' });
    await t.sees(page.getByRole('link', { name: '编辑' }));
    await t.sees(page.getByRole('link', { name: '设置' }));
    await page.goto('/namespaces/team/members');
    await t.sees(page.getByRole('table', { name: '成员' }).getByText('li.wei'));
    await t.server.addUser('qian.qi');
    await t.server.call('PUT', '/namespaces/team/members/qian.qi', { role: 'developer' });
    await t.sees(page.getByRole('table', { name: '成员' }).getByText('qian.qi'));
    await page.getByRole('link', { name: '机器人账号' }).click();
    await t.sees(page.getByRole('heading', { name: '还没有机器人账号' }));
    await t.server.call('POST', '/namespaces/team/robots', { name: 'ci', actions: ['pull'] });
    await t.sees(page.getByRole('table', { name: '机器人账号' }).getByText('ci', { exact: true }));
    // Who is no member any more sees nothing of it.
    await t.server.call('DELETE', '/namespaces/team/members/zhao.liu');
    await t.sees(page.getByRole('heading', { name: '找不到此页面' }));
    await t.gone(page.getByText('ci', { exact: true }));
  },

  'a reader who opens the settings of a namespace is told which role it takes and whom to ask': (t) => isRefused(t, '/namespaces/team/settings', '需要所有者角色，联系admin'),

  'a reader who opens the form of a namespace\'s trigger is told which role it takes and whom to ask': (t) =>
    isRefused(t, '/namespaces/team/triggers/-/new', '需要维护者角色，联系admin'),

  'who is no administrator and opens the form of a cluster is told so': (t) => isRefused(t, '/clusters/-/new', '需要管理员角色'),

  'a stranger who opens a form of a public image is told which role it takes, and no member is asked for': async (t) => {
    const stranger = await t.server.addUser('stranger');
    await isRefused(t, '/images/team/open/-/settings', '需要维护者角色', stranger);
  },

  'who is not signed in sees a public image without a star, and each step of the way leads on': async (t) => {
    const page = await t.open();
    const refused = watchRefusals(page);
    await page.goto('/images/team/open');
    await t.sees(page.getByRole('table', { name: '镜像版本' }).getByText('v1'));
    assert.equal(await page.getByRole('button', { name: /收藏/ }).count(), 0);
    await page.getByRole('link', { name: 'v1', exact: true }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'v1' }));
    await page.getByRole('link', { name: '流转' }).click();
    await t.sees(page.getByRole('region', { name: '流转' }));
    const way = page.getByRole('navigation', { name: '位置' });
    await way.getByRole('link', { name: 'open', exact: true }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'team/open' }));
    await way.getByRole('link', { name: 'team', exact: true }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '公开镜像' }));
    await t.sees(page.getByRole('link', { name: 'team/open' }));
    assert.deepEqual(refused, []);
  },

  'no access in each variant': async (t) => {
    await t.inEveryVariant(
      'forbidden',
      async (page) => {
        await page.goto(at('settings'));
        await t.sees(page.getByText(/admin$/));
      },
      { login: t.reader },
    );
  },

  'a page that is not there in each variant': async (t) => {
    await t.inEveryVariant(
      'missing',
      async (page) => {
        await page.goto('/nowhere');
        await t.sees(page.getByRole('heading', { level: 1 }));
      },
      { login: t.reader },
    );
  },
};

/** The address shows no form but the reason, and nothing that it asked for was refused. */
async function isRefused(t, address, reason, login = t.reader) {
  const page = await t.signIn({ login, to: '/account/appearance' });
  const refused = watchRefusals(page);
  await page.goto(address);
  await t.sees(page.getByRole('heading', { level: 1, name: '没有权限' }));
  await t.sees(page.getByText(reason, { exact: true }));
  assert.equal(await page.getByRole('button', { name: '保存' }).count(), 0);
  assert.deepEqual(refused, []);
}
