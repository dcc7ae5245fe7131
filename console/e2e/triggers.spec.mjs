import assert from 'node:assert/strict';
import { startReceiver } from './receiver.mjs';
import { until } from './server.mjs';

// Triggers may send to this machine: the receiver is here.
export const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1' };

const image = 'team/shop/web';
const at = (path = '') => `/images/${image}/-/triggers${path}`;
const api = (path) => `/repositories/${encodeURIComponent(image)}${path}`;

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  for (const tag of ['v1.0.0', 'v1.4.2', 'latest', 'nightly']) await server.push(image, tag);
  const receiver = await startReceiver();
  const stop = server.stop;
  server.stop = async () => {
    await receiver.stop();
    await stop();
  };
  return { receiver };
}

/** A trigger with one webhook, made by the API. */
const makeTrigger = (t, name, part = {}) =>
  t.server.call('POST', api('/triggers'), {
    name,
    condition: { kind: 'regex', text: '^v' },
    actions: [{ kind: 'webhook', url: `${t.receiver.url}/hooks/key-of-the-door`, headers: [{ name: 'Authorization', value: 'Bearer hidden' }] }],
    ...part,
  });

const deliveriesOf = async (t, trigger) => (await t.server.call('GET', api(`/trigger-deliveries?trigger=${trigger}`))).items;

/** Pushes a tag and waits until the trigger's delivery about it is over. */
async function fire(t, trigger, tag, text) {
  await t.server.push(image, tag, { text });
  let found;
  await until(async () => {
    found = (await deliveriesOf(t, trigger)).find((delivery) => delivery.tag === tag && delivery.ended_at);
    return found;
  }, 20_000, () => `${trigger} did nothing about ${tag}`);
  return found;
}

/** A trigger that fired, for pictures; its delivery. */
async function prepareLooks(t) {
  const { items } = await t.server.call('GET', api('/triggers'));
  if (!items.some((trigger) => trigger.name === 'looks')) {
    await makeTrigger(t, 'looks');
    await fire(t, 'looks', 'v3.0.0');
  }
  return (await deliveriesOf(t, 'looks'))[0];
}

export const cases = {
  'an image without triggers teaches what they are, and the first one is made with a webhook and a secret that is shown once': async (t) => {
    const page = await t.signIn({ to: at() });
    await t.sees(page.getByRole('heading', { name: '还没有触发器' }));
    await page.getByRole('link', { name: '添加触发器' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '添加触发器' }));

    await page.getByRole('button', { name: '保存' }).click();
    const name = page.getByRole('textbox', { name: '触发器名称' });
    assert.equal(await name.evaluate((field) => field === document.activeElement), true, 'the first error has the focus');
    await name.fill('prod-web');
    await page.getByRole('radio', { name: 'Webhook' }).check();
    await page.getByRole('textbox', { name: 'URL' }).fill(`${t.receiver.url}/hooks/key-of-the-door`);
    await page.getByRole('button', { name: '添加请求头' }).click();
    await page.getByRole('textbox', { name: '请求头1的名称' }).fill('X-Team');
    await page.getByRole('textbox', { name: '请求头1的值' }).fill('hidden value');
    await page.getByRole('radio', { name: '生成新密钥' }).check();
    await page.getByRole('radio', { name: /^正则触发/ }).check();
    await page.getByRole('textbox', { name: '正则表达式' }).fill('^v[0-9]');
    await t.sees(page.getByText('匹配2/4'));
    await t.sees(page.getByRole('list', { name: '镜像版本' }).locator('mark', { hasText: 'v1' }));
    await page.getByRole('button', { name: '保存' }).click();

    const dialog = page.getByRole('dialog', { name: '签名密钥' });
    await t.sees(dialog.getByText(/^whsec_/));
    await t.accessible(page);
    await dialog.getByRole('button', { name: '我已保存' }).click();
    const row = page.getByRole('row').filter({ hasText: 'prod-web' });
    await t.sees(row.getByText('^v[0-9]'));
    await t.sees(row.getByText(t.receiver.host));
    await t.sees(row.getByText('从未触发'));
  },

  'a push fires it, and the log has request and response without the secrets': async (t) => {
    await makeTrigger(t, 'logged');
    await fire(t, 'logged', 'v2.0.0');
    const sent = t.receiver.requests.filter((request) => request.body.includes('v2.0.0'));
    assert.ok(sent.some((request) => request.headers.authorization === 'Bearer hidden'));

    const page = await t.signIn({ language: 'en', to: at() });
    const row = page.getByRole('row').filter({ hasText: 'logged' });
    await row.getByRole('link', { name: 'Delivered' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'logged · v2.0.0' }));
    await t.sees(page.getByText('Attempt 1'));
    await t.sees(page.getByRole('group', { name: 'Request body' }).getByText('v2.0.0'));
    await t.sees(page.getByText(`POST ${t.receiver.url}`));
    await page.getByRole('tab', { name: 'Response' }).click();
    await t.sees(page.getByRole('group', { name: 'Response body' }).getByText('"ok": true'));
    const everything = await page.content();
    for (const secret of ['key-of-the-door', 'Bearer hidden']) assert.ok(!everything.includes(secret), `${secret} is shown`);
  },

  'what is refused says why and when it is tried again, is called off, and delivered again by a button': async (t) => {
    await makeTrigger(t, 'failing', { condition: { kind: 'tags', text: 'broken' } });
    t.receiver.answer(500, '{"error":"not like this"}');
    let page;
    try {
      await t.server.push(image, 'broken');
      await until(async () => (await deliveriesOf(t, 'failing'))[0]?.attempt_count > 0, 20_000, () => 'it was not tried');
      const [delivery] = await deliveriesOf(t, 'failing');
      page = await t.signIn({ language: 'en', to: at(`/deliveries/${delivery.id}`) });
      const first = page.getByRole('listitem').filter({ hasText: 'Attempt 1' });
      await t.sees(first);
      // Only the newest attempt is open.
      if (!(await first.getByRole('tab', { name: 'Response' }).isVisible())) await first.getByText('Attempt 1').click();
      await first.getByRole('tab', { name: 'Response' }).click();
      await t.sees(first.getByRole('group', { name: 'Response body' }).getByText('not like this'));
      await page.getByRole('button', { name: 'Cancel delivery' }).click();
      await t.sees(page.getByText('Canceled', { exact: true }));
    } finally {
      t.receiver.answer(200, '{"ok":true}');
    }
    await page.getByRole('button', { name: 'Redeliver' }).click();
    await until(async () => (await deliveriesOf(t, 'failing'))[0].state === 'succeeded', 20_000);
    await t.sees(page.getByText('Delivered', { exact: true }));
    await t.sees(page.getByText('Attempt 2'));
  },

  'the log is narrowed by trigger, result and version, and the address keeps it': async (t) => {
    await makeTrigger(t, 'narrow', { condition: { kind: 'tags', text: '7.1' } });
    await fire(t, 'narrow', '7.1');
    const page = await t.signIn({ language: 'en', to: at('/deliveries') });
    const table = page.getByRole('table', { name: 'Deliveries' });
    await page.getByRole('combobox', { name: 'Trigger' }).click();
    await page.getByRole('option', { name: 'narrow' }).click();
    await t.sees(table.getByRole('link', { name: 'narrow' }));
    await page.getByRole('combobox', { name: 'Result' }).click();
    await page.getByRole('option', { name: 'Succeeded' }).click();
    await page.getByRole('searchbox', { name: 'Filter by version' }).fill('7.1');
    await page.waitForURL((url) => url.searchParams.get('trigger') === 'narrow' && url.searchParams.get('result') === 'succeeded' && url.searchParams.has('tag'));
    await page.reload();
    await t.sees(table.getByRole('link', { name: 'narrow' }));
    await page.getByRole('searchbox', { name: 'Filter by version' }).fill('none-of-these');
    await t.sees(page.getByText('Nothing matches'));
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await t.sees(table);
  },

  'a stored trigger is edited without its secrets, and only what is typed again changes': async (t) => {
    await makeTrigger(t, 'kept', { condition: { kind: 'tags', text: 'kept-1;kept-2' } });
    const page = await t.signIn({ language: 'en', to: at('/kept') });
    await t.sees(page.getByText(`Set: ${t.receiver.host}.`));
    assert.equal(await page.getByRole('textbox', { name: 'URL' }).inputValue(), '');
    assert.equal(await page.getByRole('textbox', { name: 'Value of header 1' }).inputValue(), '');
    await page.getByRole('textbox', { name: 'Tags' }).fill('kept-3');
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByRole('row').filter({ hasText: 'kept-3' }));
    await fire(t, 'kept', 'kept-3');
    const sent = t.receiver.requests.find((request) => request.body.includes('kept-3'));
    assert.deepEqual([sent.path, sent.headers.authorization], ['/hooks/key-of-the-door', 'Bearer hidden']);
  },

  'what somebody else saved meanwhile is not written over': async (t) => {
    await makeTrigger(t, 'shared', { condition: { kind: 'tags', text: 'first' } });
    const page = await t.signIn({ language: 'en', to: at('/shared') });
    const tags = page.getByRole('textbox', { name: 'Tags' });
    await tags.fill('mine');
    await t.server.call('PATCH', api('/triggers/shared'), { condition: { kind: 'tags', text: 'theirs' } });
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByText('Changed by admin'));
    assert.equal(await tags.inputValue(), 'mine', 'what was typed is kept');
    await page.getByRole('button', { name: 'Load' }).click();
    await page.waitForFunction(() => [...document.querySelectorAll('input')].some((field) => field.value === 'theirs'));
  },

  'a refused address is said with what lets it through, a wrong one at its field': async (t) => {
    const page = await t.signIn({ language: 'en', to: at('/-/new') });
    await page.getByRole('textbox', { name: 'Name' }).first().fill('inside');
    await page.getByRole('radio', { name: 'Webhook' }).check();
    const url = page.getByRole('textbox', { name: 'URL' });
    await url.fill('http://169.254.169.254/latest');
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByRole('alert').getByText('[egress] allow'));
    assert.equal(await url.inputValue(), 'http://169.254.169.254/latest', 'what was typed is kept');
    await url.fill('ftp://files');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-path') === 'actions.0.url' && document.activeElement.getAttribute('aria-invalid') === 'true');
  },

  'a switch turns it off, run now sends for a chosen version, and its name deletes it': async (t) => {
    await makeTrigger(t, 'switched', { condition: { kind: 'tags', text: 'never' } });
    const page = await t.signIn({ language: 'en', to: at() });
    const row = page.getByRole('row').filter({ hasText: 'switched' });
    await row.getByRole('button', { name: 'Actions for switched' }).click();
    await page.getByRole('menuitem', { name: 'Run now' }).click();
    const dialog = page.getByRole('dialog', { name: 'Run switched now' });
    await dialog.getByRole('combobox', { name: 'Version' }).click();
    await page.getByRole('option', { name: 'v1.4.2' }).click();
    await t.accessible(page);
    await dialog.getByRole('button', { name: 'Run now' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'switched · v1.4.2' }));
    await t.sees(page.getByText('Run by admin'));

    await page.goto(at());
    await row.getByRole('switch', { name: 'Enable switched' }).press('Space');
    await until(async () => !(await t.server.call('GET', api('/triggers/switched'))).enabled, 10_000);
    await row.getByRole('button', { name: 'Actions for switched' }).click();
    await page.getByRole('menuitem', { name: 'Delete trigger' }).click();
    const confirm = page.getByRole('dialog', { name: 'Delete switched' });
    await confirm.getByRole('textbox').fill('switched');
    await confirm.getByRole('button', { name: 'Delete trigger' }).click();
    await t.gone(row);
  },

  'a message is written in the chosen language, and chats and mail have their own fields': async (t) => {
    const page = await t.signIn({ to: at('/-/new') });
    await page.getByRole('textbox', { name: '触发器名称' }).fill('tell-people');
    await page.getByRole('radio', { name: '消息' }).check();
    await page.getByRole('combobox', { name: '发送到' }).click();
    await page.getByRole('option', { name: '钉钉' }).click();
    await t.sees(page.getByRole('radio', { name: '不签名' }));
    await page.getByRole('combobox', { name: '发送到' }).click();
    await page.getByRole('option', { name: 'Slack' }).click();
    await t.gone(page.getByRole('radio', { name: '不签名' }));
    await page.getByRole('textbox', { name: '群机器人的Webhook地址' }).fill(`${t.receiver.url}/slack`);
    await page.getByRole('radio', { name: '中文' }).check();
    await page.getByRole('radio', { name: /^指定Tag触发/ }).check();
    await page.getByRole('textbox', { name: 'Tag', exact: true }).fill('told');
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByRole('row').filter({ hasText: 'tell-people' }));
    await fire(t, 'tell-people', 'told');
    const sent = t.receiver.requests.find((request) => request.path === '/slack');
    assert.match(JSON.parse(sent.body).text ?? sent.body, /\p{Script=Han}/u);
  },

  'a namespace has triggers too, tried on an image of it and without workloads': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/namespaces/team/triggers' });
    await page.getByRole('link', { name: 'Add trigger' }).click();
    await page.getByRole('textbox', { name: 'Name' }).first().fill('everything');
    await t.gone(page.getByRole('radio', { name: 'Update a container image' }));
    await page.getByRole('textbox', { name: 'URL' }).fill(`${t.receiver.url}/all`);
    await page.getByRole('radio', { name: /^Glob/ }).check();
    await page.getByRole('textbox', { name: 'Pattern' }).fill('all-*');
    await t.sees(page.getByRole('combobox', { name: 'Try on image' }));
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByRole('link', { name: 'everything', exact: true }));
    await t.server.push('team/other', 'all-1');
    await until(async () => t.receiver.requests.some((request) => request.path === '/all'), 20_000);
    await page.goto('/namespaces/team/triggers/deliveries?trigger=everything');
    await page.getByRole('link', { name: 'everything' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'everything · all-1' }));
  },

  'who may not change triggers does not see them': async (t) => {
    const login = await t.server.addUser('reader');
    await t.server.call('PUT', '/namespaces/team/members/reader', { role: 'reader' });
    const page = await t.signIn({ login, language: 'en', to: `/images/${image}` });
    await t.sees(page.getByRole('link', { name: 'Versions' }));
    await t.gone(page.getByRole('link', { name: 'Triggers' }));
    await page.goto(at());
    await t.sees(page.getByRole('heading', { level: 1, name: 'No access' }));
  },

  'the list in every variant': async (t) => {
    await prepareLooks(t);
    await t.inEveryVariant('triggers', async (page, { language }) => {
      await page.goto(at());
      await t.sees(page.getByText('looks', { exact: true }));
      await t.sees(page.getByText(language === 'zh' ? '投递成功' : 'Delivered'));
    });
  },

  'the editor in every variant': (t) =>
    t.inEveryVariant('trigger-new', async (page, { language }) => {
      await page.goto(at('/-/new'));
      await page.getByRole('radio', { name: 'Webhook' }).check();
      await page.getByRole('radio', { name: language === 'zh' ? /^正则触发/ : /^Regular expression/ }).check();
      await page.getByRole('textbox', { name: language === 'zh' ? '正则表达式' : 'Expression' }).fill('v[0-9]');
      await t.sees(page.locator('mark').first());
    }),

  'a trigger may be called as the log is': async (t) => {
    await makeTrigger(t, 'deliveries', { condition: { kind: 'tags', text: 'called-so' } });
    const page = await t.signIn({ language: 'en', to: at() });
    await page.getByRole('link', { name: 'deliveries', exact: true }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'deliveries' }));
    assert.equal(await page.getByRole('textbox', { name: 'Tags' }).inputValue(), 'called-so');
    await page.reload();
    await t.sees(page.getByRole('heading', { level: 1, name: 'deliveries' }));
  },

  'the log in every variant': async (t) => {
    await prepareLooks(t);
    await t.inEveryVariant('deliveries', async (page) => {
      await page.goto(at('/deliveries'));
      await t.sees(page.getByText('looks', { exact: true }));
    });
  },

  'a delivery in every variant': async (t) => {
    const delivery = await prepareLooks(t);
    await t.inEveryVariant('delivery', async (page, { language }) => {
      await page.goto(at(`/deliveries/${delivery.id}`));
      await t.sees(page.getByText(language === 'zh' ? '第1次' : 'Attempt 1'));
    });
  },

  'the way of a version goes from its digest to what triggers did, in every variant': async (t) => {
    const delivery = await prepareLooks(t);
    await t.inEveryVariant('trace', async (page, { language }) => {
      await page.goto(`/images/${image}/-/versions/${delivery.tag}?view=trace`);
      const way = page.getByRole('region', { name: language === 'zh' ? '流转' : 'Trace' });
      await t.sees(way.getByRole('list', { name: language === 'zh' ? '镜像版本' : 'Versions' }).getByRole('link', { name: delivery.tag, exact: true }));
      await t.sees(way.getByRole('list', { name: language === 'zh' ? '触发器' : 'Triggers' }).getByRole('link', { name: 'looks' }));
    });
  },
};
