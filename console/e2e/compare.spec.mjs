import assert from 'node:assert/strict';

const image = 'team/shop/web';
const list = `/images/${image}/-/versions`;

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push(image, 'v1', { text: 'the first', env: ['PATH=/bin', 'LEVEL=info'], labels: { version: '1', kept: 'same' } });
  const signed = await server.push(image, 'v2', { text: 'the second', env: ['PATH=/bin', 'LEVEL=debug', 'EXTRA=1'], labels: { version: '2', kept: 'same' } });
  await server.push(image, 'arm', { architecture: 'arm64' });
  await server.pushIndex(image, 'both', {
    'linux/amd64': await server.describe(image, 'v2'),
    'linux/arm64': await server.describe(image, 'arm'),
  });
  const signature = await server.attach(image, signed, 'application/vnd.dev.cosign.artifact.sig.v1+json');
  const reader = await server.addUser('reader');
  await server.call('PUT', '/namespaces/team/members/reader', { role: 'reader' });
  return { reader, signature, signed };
}

export const cases = {
  'a version of several platforms shows the steps and the config of the one that is chosen, under its own name': async (t) => {
    const page = await t.signIn({ to: `${list}/both` });
    const platform = page.getByRole('combobox', { name: '平台' });
    const steps = page.getByRole('table', { name: '层与历史' });
    await t.sees(steps.getByText('COPY content.txt /'));
    assert.equal(await platform.inputValue(), 'linux/amd64');
    await t.sees(page.getByText(`docker pull ${t.server.host}/${image}:both`, { exact: true }));
    await platform.click();
    await page.getByRole('option', { name: 'linux/arm64' }).click();
    await page.waitForURL((url) => url.searchParams.get('platform') === 'linux/arm64');
    await t.sees(page.getByText(`docker pull --platform linux/arm64 ${t.server.host}/${image}:both`, { exact: true }));
    await page.getByRole('link', { name: '配置', exact: true }).click();
    await t.sees(page.getByRole('main').getByText('linux/arm64', { exact: true }));
    await t.sees(page.getByRole('table', { name: '标签' }).getByText('for a test'));
    await page.reload();
    await t.sees(page.getByRole('heading', { level: 1, name: 'both' }));
    assert.equal(await platform.inputValue(), 'linux/arm64');
    assert.equal(new URL(page.url()).pathname, `${list}/both`);
    // An address may ask for what is not there.
    await page.goto(`${list}/both?platform=plan9/mips`);
    await t.sees(steps.getByText('COPY content.txt /'));
    assert.equal(await platform.inputValue(), 'linux/amd64');
    await page.getByRole('link', { name: '平台', exact: true }).click();
    await page.getByRole('table', { name: '平台' }).getByRole('link', { name: 'linux/arm64' }).click();
    await t.sees(steps.getByText('COPY content.txt /'));
    assert.equal(await platform.inputValue(), 'linux/arm64');
  },

  'a version of several platforms in each variant': async (t) => {
    await t.inEveryVariant('version-platforms', async (page, { language }) => {
      await page.goto(`${list}/both?platform=linux/arm64`);
      await t.sees(page.getByRole('combobox', { name: language === 'zh' ? '平台' : 'Platform' }));
    });
  },

  'two ticked versions are compared, and only what differs is there': async (t) => {
    const page = await t.signIn({ language: 'en', to: list });
    await page.getByRole('checkbox', { name: 'Tick v1' }).check();
    await page.getByRole('checkbox', { name: 'Tick v2' }).check();
    const bar = page.getByRole('group', { name: 'Ticked versions' });
    await t.accessible(page);
    await t.show(page, 'versions-ticked');
    await bar.getByRole('link', { name: 'Compare' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'Compare v1 with v2' }));
    const environment = page.getByRole('table', { name: 'Environment' });
    await t.sees(environment.getByRole('row', { name: 'LEVEL info debug' }));
    await t.sees(environment.getByRole('row', { name: 'EXTRA none 1' }));
    assert.equal(await environment.getByText('PATH').count(), 0);
    await t.sees(page.getByRole('table', { name: 'Labels' }).getByRole('row', { name: 'version 1 2' }));
    assert.equal(await page.getByText('kept').count(), 0);
    await t.sees(page.getByRole('table', { name: 'Layers' }).getByRole('row').filter({ hasText: 'v2' }).getByText('COPY content.txt /'));
    const at = new URL(page.url());
    assert.deepEqual([at.pathname, at.searchParams.get('a'), at.searchParams.get('b')], [`/images/${image}/-/compare`, 'v1', 'v2']);
    await page.getByRole('link', { name: 'Swap' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'Compare v2 with v1' }));
  },

  'all that are loaded are ticked at once, and unticked': async (t) => {
    const page = await t.signIn({ language: 'en', to: list });
    const rows = page.getByRole('checkbox', { name: /^Tick / });
    await t.sees(rows.first());
    const each = page.getByRole('checkbox', { name: /^Tick (?!all)/ });
    const all = page.getByRole('checkbox', { name: /^Tick all \d+ that are loaded$/ });
    await all.check();
    const count = await each.count();
    assert.equal(await page.getByRole('checkbox', { name: /^Tick (?!all)/, checked: true }).count(), count);
    await t.sees(page.getByRole('button', { name: `Delete ${count} versions` }));
    await each.first().uncheck();
    assert.equal(await all.isChecked(), false);
    await all.check();
    await all.uncheck();
    await t.gone(page.getByRole('group', { name: 'Ticked versions' }));
  },

  'platforms that only one has are said, and what is the same is said to be': async (t) => {
    const page = await t.signIn({ to: `/images/${image}/-/compare?a=v2&b=both` });
    await t.sees(page.getByRole('table', { name: '平台' }).getByRole('row', { name: 'both linux/arm64' }));
    await page.goto(`/images/${image}/-/compare?a=v1&b=v1`);
    await t.sees(page.getByText('两个版本指向同一摘要。'));
    await page.goto(`/images/${image}/-/compare`);
    await t.sees(page.getByRole('heading', { name: '选择两个镜像版本' }));
  },

  'several versions are deleted at once, after the name of the image was typed': async (t) => {
    for (const tag of ['old-1', 'old-2', 'old-3']) await t.server.push(image, tag);
    const page = await t.signIn({ to: `${list}?q=old-` });
    for (const tag of ['old-1', 'old-2']) await page.getByRole('checkbox', { name: `勾选${tag}` }).check();
    await page.getByRole('button', { name: '删除2个版本' }).click();
    const dialog = page.getByRole('dialog', { name: '删除2个版本' });
    await t.sees(dialog.getByText('old-1'));
    await t.accessible(page);
    await t.show(page, 'versions-delete');
    await dialog.getByRole('textbox').fill(image);
    await dialog.getByRole('button', { name: '删除2个版本' }).click();
    await t.gone(page.getByRole('link', { name: 'old-1', exact: true }));
    await t.sees(page.getByRole('link', { name: 'old-3', exact: true }));
    const { items } = await t.server.call('GET', `/repositories/${encodeURIComponent(image)}/tags?q=old-`);
    assert.deepEqual(items.map((tag) => tag.name), ['old-3']);
    await page.getByRole('button', { name: 'old-3的操作' }).click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    const one = page.getByRole('dialog', { name: '删除镜像版本old-3' });
    await one.getByRole('textbox').fill('old-3');
    await one.getByRole('button', { name: '删除1个版本' }).click();
    await t.sees(page.getByText('没有符合条件的结果'));
  },

  'the list is narrowed by platform and sorted by the server, and says how many there are': async (t) => {
    const page = await t.signIn({ language: 'en', to: list });
    await t.sees(page.getByRole('status').getByText('4', { exact: true }));
    await page.getByRole('combobox', { name: 'Platform' }).click();
    await page.getByRole('option', { name: 'linux/arm64' }).click();
    await t.gone(page.getByRole('link', { name: 'v1', exact: true }));
    await t.sees(page.getByText('2 / 4'));
    assert.equal(new URL(page.url()).searchParams.get('platform'), 'linux/arm64');
    await page.goto(`${list}?sort=-pushed`);
    await t.sees(page.getByRole('columnheader', { name: 'Pushed' }).and(page.locator('[aria-sort=descending]')));
    assert.equal(await page.getByRole('table', { name: 'Versions' }).getByRole('row').nth(1).getByRole('link').first().innerText(), 'both');
  },

  'on a phone the filters are in a drawer': async (t) => {
    const page = await t.signIn({ size: 'phone', to: list });
    await page.getByRole('button', { name: '筛选' }).click();
    const drawer = page.getByRole('dialog', { name: '筛选' });
    await drawer.getByRole('combobox', { name: '平台' }).click();
    await t.accessible(page);
    await t.show(page, 'versions-filter-phone');
    await page.getByRole('option', { name: 'linux/arm64' }).click();
    await drawer.getByRole('button', { name: '完成' }).click();
    await t.sees(page.getByRole('button', { name: '筛选（1）' }));
    await t.gone(page.getByRole('link', { name: 'v1', exact: true }));
  },

  'new versions wait behind a button, so that no row moves': async (t) => {
    const page = await t.signIn({ to: `${list}?sort=-pushed` });
    await t.sees(page.getByRole('link', { name: 'v1', exact: true }));
    await t.server.push(image, 'just-now');
    await page.getByRole('button', { name: '1个新版本 · 显示' }).click();
    await t.sees(page.getByRole('link', { name: 'just-now', exact: true }));
    await t.server.call('DELETE', `/repositories/${encodeURIComponent(image)}/tags/just-now`);
    await t.gone(page.getByRole('link', { name: 'just-now', exact: true }));
  },

  'what refers to a version is listed, and has a page of its own by its digest': async (t) => {
    const page = await t.signIn({ to: `/images/${image}/-/versions/v2?view=referrers` });
    const row = page.getByRole('table', { name: '关联制品' }).getByRole('row').filter({ hasText: 'cosign' });
    await row.getByRole('link').click();
    await t.sees(page.getByRole('heading', { level: 1, name: t.signature }));
    await t.sees(page.getByText(`docker pull ${t.server.host}/${image}@${t.signature}`));
    await page.goto(`/images/${image}/-/versions/${t.signed}`);
    await t.sees(page.getByRole('link', { name: 'v2', exact: true }));
    await page.goto(`/images/${image}/-/versions/arm?view=referrers`);
    await t.sees(page.getByText('没有关联制品'));
  },

  'whoever only reads compares, and has nothing to delete with': async (t) => {
    const page = await t.signIn({ login: t.reader, to: list });
    await page.getByRole('checkbox', { name: '勾选v1' }).check();
    await t.sees(page.getByRole('button', { name: '比较' }).and(page.locator('[aria-disabled=true][aria-describedby]')));
    await t.sees(page.getByText('勾选两个镜像版本即可比较。'));
    assert.equal(await page.getByRole('button', { name: /^删除/ }).count(), 0);
  },

  'a comparison in each variant': async (t) => {
    await t.inEveryVariant('compare', async (page) => {
      await page.goto(`/images/${image}/-/compare?a=v1&b=v2`);
      await t.sees(page.getByText('LEVEL'));
    });
  },

  'the versions with their toolbar in each variant': async (t) => {
    await t.inEveryVariant('versions-toolbar', async (page) => {
      await page.goto(list);
      await t.sees(page.getByRole('link', { name: 'both', exact: true }));
    });
  },
};
