import assert from 'node:assert/strict';

const image = 'team/shop/web';
const path = `/repositories/${encodeURIComponent(image)}`;

const readme = `# Shop

The *front* of the shop, see [the manual](https://example.com/manual).

| Setting | Default |
|---|---|
| \`PORT\` | 8080 |

\`\`\`sh
docker run -p 8080:8080 team/shop/web
\`\`\`

<script>window.broken = true</script><img src=x onerror="window.broken = true">
`;

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push(image, 'v1.4.2');
  await server.call('PATCH', path, { short_description: '商城前端', description: readme, public: true });
  const developer = await server.addUser('li.wei');
  await server.call('PUT', '/namespaces/team/members/li.wei', { role: 'developer' });
  return { developer };
}

export const cases = {
  'the information has descriptions, type, times, size and members with their roles': async (t) => {
    const page = await t.signIn({ to: `/images/${image}` });
    await page.getByRole('link', { name: '镜像信息' }).click();
    await t.sees(page.getByRole('region', { name: '简短描述' }).getByText('商城前端'));
    const prose = page.getByRole('region', { name: 'README' });
    await t.sees(prose.getByRole('heading', { name: 'Shop' }));
    await t.sees(prose.getByRole('link', { name: 'the manual' }));
    await t.sees(prose.getByRole('cell', { name: '8080' }));
    await t.sees(prose.getByText('docker run -p 8080:8080 team/shop/web'));
    assert.equal(await prose.getByRole('img').count(), 0);
    assert.equal(await page.evaluate(() => window.broken), undefined);
    const members = page.getByRole('region', { name: '成员' });
    await t.sees(members.getByRole('listitem').filter({ hasText: 'admin' }).getByText('所有者'));
    await t.sees(members.getByRole('listitem').filter({ hasText: 'li.wei' }).getByText('开发者'));
    assert.equal(new URL(page.url()).pathname, `/images/${image}/-/info`);
  },

  'a description is written, looked at as the server renders it, and kept': async (t) => {
    await t.server.push('team/edited', 'v1');
    const page = await t.signIn({ language: 'en', to: '/images/team/edited/-/info' });
    await t.sees(page.getByText('No full description yet.'));
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'Edit information' }));
    await page.getByRole('textbox', { name: 'Short description' }).fill('For editing');
    await page.getByRole('textbox', { name: 'Full description' }).fill('## Usage\n\nRun **it**.');
    await page.getByRole('radio', { name: 'Preview' }).check({ force: true });
    await t.sees(page.getByRole('region', { name: 'Preview' }).getByRole('heading', { name: 'Usage' }));
    await t.accessible(page);
    await t.show(page, 'information-preview');
    await page.getByRole('radio', { name: /^Public/ }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByRole('region', { name: 'README' }).getByRole('heading', { name: 'Usage' }));
    await t.sees(page.getByText('For editing'));
    const kept = await t.server.call('GET', `/repositories/${encodeURIComponent('team/edited')}`);
    assert.deepEqual([kept.short_description, kept.description, kept.public], ['For editing', '## Usage\n\nRun **it**.', true]);
  },

  'what somebody else saved meanwhile is not written over': async (t) => {
    await t.server.push('team/shared', 'v1');
    const page = await t.signIn({ to: '/images/team/shared/-/info/edit' });
    await page.getByRole('textbox', { name: '简短描述' }).fill('我的');
    await t.server.call('PATCH', `/repositories/${encodeURIComponent('team/shared')}`, { short_description: '别人的' });
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByText('其他人已修改此镜像的信息'));
    await page.getByRole('button', { name: '载入' }).click();
    await page.waitForFunction(() => [...document.querySelectorAll('textarea')].some((field) => field.value === '别人的'));
    await t.gone(page.getByText('其他人已修改此镜像的信息'));
  },

  'leaving unsaved input asks first': async (t) => {
    const page = await t.signIn({ to: `/images/${image}/-/info/edit` });
    await page.getByRole('textbox', { name: '简短描述' }).fill('还没保存');
    await page.getByRole('link', { name: '取消' }).click();
    await page.getByRole('dialog', { name: '有未保存的内容' }).getByRole('button', { name: '继续填写' }).click();
    assert.equal(await page.getByRole('textbox', { name: '简短描述' }).inputValue(), '还没保存');
  },

  'whoever may not edit has no button, and the address of the form says why': async (t) => {
    const page = await t.signIn({ language: 'en', login: t.developer, to: `/images/${image}/-/info` });
    await t.sees(page.getByRole('region', { name: 'Members' }).getByText('li.wei'));
    assert.equal(await page.getByRole('link', { name: 'Edit', exact: true }).count(), 0);
    await page.goto(`/images/${image}/-/info/edit`);
    await t.sees(page.getByRole('heading', { level: 1, name: 'No access' }));
    await t.sees(page.getByText('Needs the Maintainer role, ask admin'));
  },

  'whoever is not signed in reads what is public, without the members': async (t) => {
    const page = await t.open({ language: 'en' });
    await page.goto(`/images/${image}/-/info`);
    await t.sees(page.getByRole('region', { name: 'README' }).getByRole('heading', { name: 'Shop' }));
    assert.equal(await page.getByRole('region', { name: 'Members' }).count(), 0);
  },

  'what was stored and moved is drawn for whoever is signed in, over the range that the address says': async (t) => {
    const page = await t.signIn({ to: `/images/${image}/-/info` });
    await t.sees(page.getByRole('heading', { level: 2, name: '存储与流量' }));
    await t.sees(page.getByRole('heading', { level: 3, name: '拉取与推送' }));
    await page.getByRole('radiogroup', { name: '时间范围' }).getByText('90天').click();
    await page.waitForURL((url) => url.searchParams.get('range') === '90d');
    await t.show(page, 'information-stats');
    const visitor = await t.open();
    await visitor.goto(`/images/${image}/-/info`);
    await t.sees(visitor.getByRole('region', { name: 'README' }));
    assert.equal(await visitor.getByRole('heading', { name: '存储与流量' }).count(), 0);
  },

  'the information in each variant': async (t) => {
    await t.inEveryVariant('information', async (page) => {
      await page.goto(`/images/${image}/-/info`);
      await t.sees(page.getByText('li.wei'));
    });
  },

  'its form in each variant': async (t) => {
    await t.inEveryVariant('information-edit', async (page) => {
      await page.goto(`/images/${image}/-/info/edit`);
      await t.sees(page.getByRole('textbox').nth(1));
    });
  },
};
