// What people see of a network that fails for a moment: as little as can be.
import assert from 'node:assert/strict';

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push('team/web', 'v1.4.2');
}

/** The first `times` requests for `glob` fail; answers how many did. */
async function breakOff(page, glob, times) {
  const counted = { failed: 0 };
  await page.route(glob, (route) => {
    if (counted.failed >= times) return route.continue();
    counted.failed += 1;
    return route.abort('failed');
  });
  return counted;
}

/** Where the list of an image's versions is made. */
const versions = '**/assets/*versions.index-*';

export const cases = {
  'a page whose program does not arrive is loaded again by itself': async (t) => {
    const page = await t.open();
    const broken = await breakOff(page, '**/assets/index-*.js', 2);
    await page.goto('/sign-in');
    await t.sees(page.getByRole('textbox', { name: '用户名' }));
    assert.equal(broken.failed, 2);
  },

  'a page whose program never arrives says what to do': async (t) => {
    const page = await t.open();
    await breakOff(page, '**/assets/index-*.js', Number.POSITIVE_INFINITY);
    await page.goto('/sign-in');
    await t.sees(page.getByRole('alert').getByText('请检查网络后刷新'));
    await page.unroute('**/assets/index-*.js');
    await page.reload();
    await t.sees(page.getByRole('textbox', { name: '用户名' }));
  },

  'a part that does not arrive is asked for again, sentences and styles too': async (t) => {
    const page = await t.signIn();
    await page.evaluate(() => (window.stayed = true));
    const broken = await breakOff(page, /\/assets\/.+\.(js|css)$/, 8);
    await page.getByRole('link', { name: 'team/web' }).click();
    await page.getByRole('link', { name: '使用指引' }).click();
    await t.sees(page.getByText(`docker pull ${t.server.host}/team/web:v1.4.2`));
    assert.equal(broken.failed, 8);
    assert.ok(await page.evaluate(() => window.stayed), 'the page was not loaded again');
    const links = await page.evaluate(() => [...document.querySelectorAll('link[rel=stylesheet]')].filter((link) => !link.sheet).map((link) => link.href));
    assert.deepEqual(links, [], 'each style sheet is there');
  },

  'a part that is gone is said, and trying again brings the page': async (t) => {
    const page = await t.signIn();
    await breakOff(page, versions, Number.POSITIVE_INFINITY);
    await page.getByRole('link', { name: 'team/web' }).click();
    const again = page.getByRole('button', { name: '重试' });
    await t.sees(again);
    await t.accessible(page);
    await page.unroute(versions);
    await again.click();
    await t.sees(page.getByRole('table', { name: '镜像版本' }).getByText('v1.4.2'));
  },

  'a question that gets no answer is asked again': async (t) => {
    const page = await t.open({ language: 'en' });
    await t.begin(page, t.server.admin);
    const broken = await breakOff(page, /\/api\/v1\/(session|repositories)\b/, 2);
    await page.goto('/images');
    await t.sees(page.getByRole('link', { name: 'team/web' }));
    assert.equal(broken.failed, 2);
  },
};
