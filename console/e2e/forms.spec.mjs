import assert from 'node:assert/strict';
import { startReceiver } from './receiver.mjs';
import { until } from './server.mjs';

// Forms over a list: what is typed is not lost unasked, each has an address, and Back closes it.

export const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1' };

const image = 'team/web';
const api = `/repositories/${encodeURIComponent(image)}`;

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push(image, 'v1');
  const receiver = await startReceiver();
  await server.call('POST', `${api}/triggers`, {
    name: 'hook',
    condition: { kind: 'all' },
    actions: [{ kind: 'webhook', url: `${receiver.url}/hook` }],
  });
  const { stop } = server;
  server.stop = async () => {
    await receiver.stop();
    await stop();
  };
  return { member: await server.addUser('zhou.member') };
}

const asks = (page) => page.getByRole('dialog', { name: '有未保存的内容' });
const searchOf = (page) => Object.fromEntries(new URL(page.url()).searchParams);

export const cases = {
  'Esc and Back ask before what was typed in a form over a list is lost, and keep it': async (t) => {
    const page = await t.signIn({ to: '/namespaces/team/credentials' });
    await page.getByRole('button', { name: '添加凭据' }).click();
    const form = page.getByRole('dialog', { name: '添加凭据' });
    const password = form.getByRole('textbox', { name: /^密码/ });
    await password.fill('pasted');
    await page.keyboard.press('Escape');
    await t.sees(asks(page));
    await t.accessible(page);
    await t.show(page, 'leave-question');
    await page.keyboard.press('Escape');
    await t.gone(asks(page));
    assert.equal(await password.inputValue(), 'pasted');
    await page.goBack();
    await asks(page).getByRole('button', { name: '继续填写' }).click();
    await t.gone(asks(page));
    assert.equal(await password.inputValue(), 'pasted');
    assert.deepEqual(searchOf(page), { add: 'true' });
    await form.getByRole('button', { name: '关闭' }).click();
    await asks(page).getByRole('button', { name: '放弃并离开' }).click();
    await t.gone(form);
    assert.deepEqual(searchOf(page), {});
  },

  'Back closes a form and stays on the list; closing it leaves no step behind': async (t) => {
    const page = await t.signIn({ to: '/namespaces/team/robots' });
    await page.getByRole('link', { name: '成员' }).click();
    const add = page.getByRole('button', { name: '添加成员' });
    await add.click();
    const form = page.getByRole('dialog', { name: '添加成员' });
    await t.sees(form);
    await page.goBack();
    await t.gone(form);
    assert.equal(new URL(page.url()).pathname, '/namespaces/team/members');
    await add.click();
    await form.getByRole('button', { name: '取消' }).click();
    await t.gone(form);
    await page.goBack();
    await t.sees(page.getByRole('heading', { name: '还没有机器人账号' }));
  },

  'a link opens what no loaded row has: a line of the audit log, a member, a robot; or says that it is gone': async (t) => {
    await t.server.call('PUT', `/namespaces/team/members/${t.member.username}`, { role: 'reader' });
    const { items } = await t.server.call('GET', `/audit?action=member.set&target=${t.member.username}`);
    for (let count = 0; count < 101; count += 1) await t.server.call('PATCH', '/namespaces/team', { description: `${count}` });
    const page = await t.signIn({ to: `/activity/audit?entry=${items[0].id}` });
    await t.sees(page.getByRole('dialog').getByText('member.set'));
    await page.keyboard.press('Escape');
    await t.gone(page.getByRole('dialog'));
    await t.sees(page.getByRole('table', { name: '审计' }));
    for (const gone of ['/activity/audit?entry=01920000-0000-7000-8000-000000000000', '/namespaces/team/members?edit=nobody', '/namespaces/team/robots?edit=nobody', '/namespaces/team/credentials?edit=01920000-0000-7000-8000-000000000000']) {
      await page.goto(gone);
      await page.getByRole('dialog', { name: '找不到链接指向的内容' }).getByRole('button', { name: '返回列表' }).click();
      await t.gone(page.getByRole('dialog'));
      assert.deepEqual(searchOf(page), {});
    }
    await page.goto(`/namespaces/team/members?edit=${t.member.username}`);
    await t.sees(page.getByRole('dialog').getByRole('radio', { name: '只读' }));
  },

  'passwords are reset at an address': async (t) => {
    const page = await t.signIn({ to: `/admin/users?reset=${t.member.username}` });
    await t.sees(page.getByRole('dialog', { name: `重置${t.member.username}的密码` }));
    await page.goto('/images?reset=true');
    await t.sees(page.getByRole('dialog', { name: '重置密码' }));
  },

  'the search has an address with its term, and the way back leads to what it found': async (t) => {
    const page = await t.signIn({ to: '/images' });
    await page.getByRole('button', { name: '搜索' }).click();
    const found = page.getByRole('dialog').getByRole('option', { name: image }).first();
    await page.getByRole('dialog').getByRole('combobox').fill('web');
    await t.sees(found);
    await page.waitForURL((url) => url.searchParams.get('search') === 'web');
    await page.reload();
    await found.click();
    await t.sees(page.getByRole('heading', { level: 1, name: image }));
    await t.gone(page.getByRole('dialog'));
    await page.goBack();
    await t.sees(found);
    await page.keyboard.press('Escape');
    await t.gone(page.getByRole('dialog'));
    assert.deepEqual(searchOf(page), {});
  },

  'running a trigger has an address, and so have an attempt of its delivery and what was heard': async (t) => {
    const page = await t.signIn({ to: `/images/${image}/-/triggers?run=hook` });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: '镜像版本' }).click();
    await page.getByRole('option', { name: 'v1', exact: true }).click();
    await dialog.getByRole('button', { name: '立即执行' }).click();
    await page.waitForURL(/\/deliveries\/[0-9a-f-]+$/);
    await until(async () => (await t.server.call('GET', `${api}/trigger-deliveries`)).items[0]?.ended_at, 20_000, () => 'nothing was sent');
    await page.getByRole('tab', { name: '响应' }).click();
    await page.waitForURL((url) => url.search === '?attempt=1&side=response');
    await page.reload();
    await t.sees(page.getByRole('tab', { name: '响应', selected: true }));
  },

  'starting a build keeps what the list is narrowed to': async (t) => {
    const page = await t.signIn({ to: `/images/${image}/-/builds?state=failed` });
    await page.getByRole('link', { name: '立即构建' }).click();
    const drawer = page.getByRole('dialog', { name: '立即构建' });
    await t.sees(drawer);
    assert.equal(searchOf(page).state, 'failed');
    await page.keyboard.press('Tab');
    await drawer.getByRole('button', { name: '取消' }).click();
    await t.gone(drawer);
    assert.deepEqual(searchOf(page), { state: 'failed' });
  },
};
