// Lists and choices of more than one page of the server's.
import assert from 'node:assert/strict';

/** Somebody who has more images than one page of the list takes. */
async function fillLongList(t, name) {
  const login = await t.server.addUser(name);
  for (let n = 100; n < 240; n += 1) await t.server.call('POST', '/repositories', { name: `${name}/image-${n}` }, login);
  return login;
}

export const cases = {
  'of a long list those pages are read again that something happened in': async (t) => {
    const login = await fillLongList(t, 'holder');
    const page = await t.signIn({ login });
    // The next page is fetched before the end comes into sight.
    await page.getByRole('link', { name: 'holder/image-199' }).scrollIntoViewIfNeeded().catch(() => {});
    const table = page.getByRole('table', { name: '我的镜像' });
    await page.mouse.wheel(0, 2000);
    await page.waitForFunction((name) => document.querySelector(`table[aria-label="${name}"]`)?.getAttribute('aria-rowcount') === '141', '我的镜像');
    await page.evaluate(() => window.scrollTo(0, 0));
    const asked = [];
    page.on('request', (request) => request.url().includes('/api/v1/repositories?') && asked.push(request.url()));
    await t.server.push('holder/image-100', 'v1', { login });
    await t.sees(table.getByRole('row').filter({ hasText: 'image-100' }).getByRole('cell', { name: '1', exact: true }));
    assert.deepEqual(asked.filter((url) => url.includes('after=')), []);
  },

  'on a phone a long list draws what is near the window, and is ordered among its filters': async (t) => {
    const login = await fillLongList(t, 'walker');
    const page = await t.signIn({ login, size: 'phone' });
    const cards = page.getByRole('list', { name: '我的镜像' }).getByRole('listitem');
    await t.sees(cards.first());
    // The second page comes before its beginning is in sight; the last card is drawn once it is near.
    await page.waitForFunction(() => {
      window.scrollBy(0, 4000);
      return [...document.querySelectorAll('li[aria-setsize="140"]')].some((card) => card.textContent.includes('image-239'));
    });
    assert.ok((await cards.count()) < 60, `${await cards.count()} cards are drawn`);
    await page.evaluate(() => window.scrollTo(0, 0));
    await t.sees(cards.filter({ hasText: 'image-100' }));
    await page.getByRole('button', { name: '筛选', exact: true }).click();
    const drawer = page.getByRole('dialog', { name: '筛选' });
    await t.sees(drawer.getByRole('radiogroup', { name: '类型' }));
    await drawer.getByRole('combobox', { name: '排序' }).click();
    await page.getByRole('option', { name: '名称：降序' }).click();
    await t.accessible(page);
    await t.show(page, 'images-filters-phone');
    await drawer.getByRole('button', { name: '完成' }).click();
    await t.sees(cards.first().getByText('image-239'));
    assert.equal(new URL(page.url()).searchParams.get('sort'), '-name');
  },

  'a namespace beyond the first hundred is found as it is typed': async (t) => {
    for (let n = 100; n < 205; n += 1) await t.server.call('POST', '/namespaces', { name: `many-${n}` });
    await t.server.call('POST', '/namespaces', { name: 'zz-last' });
    const page = await t.signIn({ to: '/images/-/new' });
    await page.getByRole('combobox', { name: '命名空间' }).fill('zz-l');
    await page.getByRole('option', { name: 'zz-last' }).click();
    await page.getByRole('textbox', { name: '名称' }).fill('found');
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'zz-last/found' }));
  },
};
