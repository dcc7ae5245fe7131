// The console over plain http as another machine has it: a name that is no loopback, and an address that a proxy tells.
import assert from 'node:assert/strict';
import { startServer } from './server.mjs';

// The browser says what a proxy would say.
export const settings = { WHARF_SERVER_TRUSTED_PROXIES: '127.0.0.1' };
const elsewhere = { 'X-Forwarded-For': '192.0.2.7' };

const at = (server, path) => `http://hub.test:${new URL(server.url).port}${path}`;

export const cases = {
  'the sign-in page says why nobody can sign in, and offers both remedies': async (t) => {
    await t.inEveryVariant(
      'sign-in-plain',
      async (page, { language }) => {
        await page.setExtraHTTPHeaders(elsewhere);
        await page.goto(at(t.server, '/sign-in'));
        await t.sees(page.getByText(language === 'zh' ? '连接未加密' : 'Connection not encrypted'));
        await t.sees(page.getByText('tls_cert_file'));
        await t.sees(page.getByText('insecure_login = true'));
        assert.equal(await page.getByRole('textbox').count(), 0);
      },
      { login: null },
    );
  },

  'where the operator allows it people sign in, are warned on each page, and copy what they see': async (t) => {
    const server = await startServer({ ...settings, WHARF_SERVER_INSECURE_LOGIN: 'true' });
    try {
      await server.push('team/api', 'v1');
      const page = await t.open({ server });
      await page.setExtraHTTPHeaders(elsewhere);
      await page.goto(at(server, '/sign-in'));
      assert.equal(await page.evaluate(() => window.isSecureContext), false);
      await page.getByRole('textbox', { name: '用户名' }).fill(server.admin.username);
      await page.getByRole('textbox', { name: '密码', exact: true }).fill(server.admin.password);
      await page.getByRole('button', { name: '登录', exact: true }).click();
      await t.sees(page.getByRole('heading', { level: 1, name: '我的镜像' }));
      await t.sees(page.getByText('连接未加密'));
      await t.show(page, 'images-plain');
      await page.getByRole('button', { name: '复制team/api的镜像地址' }).click();
      await t.sees(page.getByText('已复制'));
      // Such a page may not read the clipboard; what is pasted is what was copied.
      const filter = page.getByRole('searchbox', { name: '筛选镜像' });
      await filter.focus();
      await page.keyboard.press('Control+V');
      assert.equal(await filter.inputValue(), `${new URL(at(server, '')).host}/team/api`);
      await page.getByRole('link', { name: '命名空间' }).click();
      await t.sees(page.getByRole('heading', { level: 1, name: '命名空间' }));
      await t.sees(page.getByText('连接未加密'));
    } finally {
      await server.stop();
    }
  },
};
