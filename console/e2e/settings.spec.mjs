// Settings that are tried before somebody depends on them.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { startMailbox } from './mailbox.mjs';

export const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1' };

/** The configuration and the keys of an identity provider, and nothing else of one; below `/other` it calls itself something else. */
async function startDiscovery() {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = createServer((request, response) => {
    const own = `http://${request.headers.host}`;
    const body = request.url === '/keys' ? { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1', use: 'sig' }] } : { issuer: own, authorization_endpoint: `${own}/a`, token_endpoint: `${own}/t`, jwks_uri: `${own}/keys` };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { issuer: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => server.close(resolve)) };
}

export async function prepare(server) {
  const [mailbox, provider] = await Promise.all([startMailbox(), startDiscovery()]);
  const stop = server.stop;
  server.stop = async () => {
    await stop();
    await mailbox.stop();
    await provider.stop();
  };
  return { mailbox, provider };
}

export const cases = {
  'a test mail goes by what is typed, to the own address or another, and says what was wrong': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/admin/settings?edit=smtp' });
    const form = page.getByRole('dialog', { name: 'Edit Mail (SMTP)' });
    const send = form.getByRole('button', { name: 'Send a test mail' });
    await send.click();
    await t.sees(form.getByRole('alert'));
    await form.getByRole('textbox', { name: 'SMTP server' }).fill('127.0.0.1');
    await form.getByRole('textbox', { name: 'Port' }).fill(String(t.mailbox.port));
    await form.getByRole('combobox', { name: 'Security' }).click();
    await page.getByRole('option', { name: 'none' }).click();
    await form.getByRole('textbox', { name: 'From', exact: true }).fill('wharf <wharf@example.cn>');
    await send.click();
    // Who has no address says where to.
    const recipient = form.getByRole('textbox', { name: 'Test mail recipient' });
    await page.waitForFunction(() => document.querySelector('input[type=email]')?.getAttribute('aria-invalid') === 'true');
    await recipient.fill('nobody@example.cn');
    await send.click();
    await t.sees(form.getByText('The test mail was not taken'));
    await t.sees(form.getByText(/no such mailbox/));
    await recipient.fill('ops@example.cn');
    await send.click();
    await t.sees(form.getByText('The test mail was sent to ops@example.cn'));
    await t.accessible(page);
    await t.show(page, 'settings-test-mail');
    assert.equal(t.mailbox.mails.length, 1);
    assert.match(t.mailbox.mails[0], /^To: ops@example\.cn$/m);
    // Nothing of it was kept but that it was done.
    const { settings: kept } = await t.server.call('GET', '/settings');
    assert.equal(kept.find(({ key }) => key === 'smtp.host').value, null);
    const { items } = await t.server.call('GET', '/audit?action=settings.test');
    assert.equal(items[0].target, 'smtp');
  },

  'a provider is checked by what is typed, and a wrong address is said': async (t) => {
    const page = await t.signIn({ to: '/admin/settings?edit=oidc' });
    const form = page.getByRole('dialog');
    const issuer = form.getByRole('textbox', { name: 'Issuer地址' });
    await issuer.fill(`${t.provider.issuer}/`);
    await form.getByRole('textbox', { name: 'Client ID' }).fill('wharf');
    const check = form.getByRole('button', { name: '检查身份提供方' });
    await check.click();
    await t.sees(form.getByText('身份提供方不可用'));
    await t.sees(form.getByText(/it calls itself/));
    await issuer.fill(t.provider.issuer);
    await t.gone(form.getByText('身份提供方不可用'));
    await check.click();
    await t.sees(form.getByText(/身份提供方可用/));
    await t.accessible(page);
    await t.show(page, 'settings-check-provider');
  },
};
