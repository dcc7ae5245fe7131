// Lists and choices of more than one page of the server's.
import assert from 'node:assert/strict';

/** More than are drawn, and than one page of the server's has, by far. */
const VERSIONS = 3000;

/** Reading all pages of them (ms), one after the other. */
const SCROLL_LIMIT = 120_000;

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
    // What its making told of is heard by then.
    await t.server.call('PATCH', `/repositories/${encodeURIComponent('holder/image-100')}`, { short_description: '听到了' });
    await t.sees(table.getByText('听到了'));
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

  'what is chosen among found things is one of them, also when fewer arrive meanwhile': async (t) => {
    const login = await t.server.addUser('seeker');
    for (const name of ['apple', 'apple-pie', 'apple-tree']) await t.server.call('POST', '/repositories', { name: `seeker/${name}` }, login);
    const page = await t.signIn({ login });
    await t.sees(page.getByRole('table', { name: '我的镜像' }));
    await page.keyboard.press('/');
    const field = page.getByRole('combobox', { name: '搜索' });
    await field.fill('apple');
    await t.sees(page.getByRole('option', { name: 'seeker/apple-tree' }));
    // Those that were found before stand in for the next ones until these are here.
    let answer;
    const answered = new Promise((resolve) => (answer = resolve));
    await page.route(/\/api\/v1\/search\?.*pie/, async (route) => {
      await answered;
      await route.continue();
    });
    const asked = page.waitForRequest(/\/api\/v1\/search\?.*pie/);
    await field.fill('apple-pie');
    await asked;
    await field.press('ArrowDown');
    await field.press('ArrowDown');
    answer();
    await t.gone(page.getByRole('option', { name: 'seeker/apple-tree' }));
    const chosen = await field.getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`[id="${chosen}"]`).getAttribute('aria-selected'), 'true');
    await field.press('Enter');
    await t.sees(page.getByRole('heading', { level: 1, name: 'seeker/apple-pie' }));
  },

  'of thousands of versions those near the window are drawn, and they are ordered, filtered and ticked': async (t) => {
    await t.server.call('POST', '/namespaces', { name: 'depot' });
    await t.server.push('depot/many', 'v0000');
    const tags = Array.from({ length: VERSIONS - 1 }, (_, index) => `v${String(index + 1).padStart(4, '0')}`);
    await t.server.tagMany('depot/many', 'v0000', tags);
    const page = await t.signIn({ to: '/images/depot/many/-/versions' });
    const table = page.getByRole('table', { name: '镜像版本' });
    const named = (name) => table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
    await t.sees(named('v0000'));
    assert.equal(await table.getAttribute('aria-rowcount'), String(VERSIONS + 1));
    // Each page of rows is fetched before its beginning is in sight.
    await page.waitForFunction((last) => {
      window.scrollTo(0, document.body.scrollHeight);
      return [...document.querySelectorAll('tbody a')].some((link) => link.textContent === last);
    }, tags.at(-1), { timeout: SCROLL_LIMIT });
    assert.equal(await named(tags.at(-1)).getAttribute('aria-rowindex'), String(VERSIONS + 1));
    const rows = await table.getByRole('row').count();
    assert.ok(rows < 80, `${rows} rows are drawn`);
    // What was ticked far down is ticked when it comes back.
    await page.getByRole('checkbox', { name: `勾选${tags.at(-1)}` }).check();
    await page.evaluate(() => window.scrollTo(0, 0));
    await t.sees(named('v0000'));
    await page.getByRole('checkbox', { name: '勾选v0001' }).check();
    await t.sees(page.getByRole('button', { name: '删除2个版本' }));
    await page.getByRole('button', { name: '镜像版本', exact: true }).click();
    await t.sees(page.getByRole('columnheader', { name: '镜像版本' }).and(page.locator('[aria-sort=descending]')));
    await t.sees(named(tags.at(-1)));
    assert.ok(await page.getByRole('checkbox', { name: `勾选${tags.at(-1)}` }).isChecked());
    await page.getByRole('searchbox', { name: '筛选镜像版本' }).fill('v199');
    await t.sees(page.getByRole('status').getByText(`10 / ${VERSIONS.toLocaleString('en-US')}`));
    await t.sees(named('v1990'));
    assert.equal(await table.getByRole('row').count(), 11);
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
