// A GitHub Enterprise Server as far as connecting an account and choosing a repository need one: whoever comes agrees, unless they are to refuse.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** Starts it on a free port; it does not keep the process alive. */
export async function startGithub() {
  const github = new Github();
  const server = createServer((request, response) => {
    github.answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  github.host = `127.0.0.1:${server.address().port}`;
  github.url = `http://${github.host}`;
  return github;
}

class Github {
  id = 'Iv1.0123456789abcdef';
  secret = '0123456789abcdef0123456789abcdef01234567';
  refuses = false;
  codes = new Map();
  /** Who is signed in there. */
  account = 'li-wei';
  /** Tokens that are good no longer. */
  revoked = new Set();
  granted = 0;
  /** Codes that a person types, and whether they did. */
  devices = new Map();
  organizations = ['acme'];
  repositories = [];

  async answer(request, response) {
    const url = new URL(request.url, this.url);
    if (url.pathname === '/login/oauth/authorize') return this.authorize(url.searchParams, response);
    if (url.pathname === '/login/oauth/access_token') return this.redeem(new URLSearchParams(await read(request)), response);
    if (url.pathname === '/login/device/code') return this.startDevice(response);
    if (this.revoked.has(request.headers.authorization?.split(' ')[1])) return response.writeHead(401, { 'Content-Type': 'application/json' }).end('{"message":"Bad credentials"}');
    const headers = { 'Content-Type': 'application/json', 'X-OAuth-Scopes': 'repo, read:org' };
    const found = this.find(url.pathname.replace(/^\/api\/v3/, ''), url.searchParams);
    if (!found) return response.writeHead(404, headers).end('{"message":"Not Found"}');
    response.writeHead(200, headers).end(JSON.stringify(found));
  }

  /** What the API has there. */
  find(path, asked) {
    const shown = (owner) => this.repositories.filter((each) => (!owner || each.full_name.startsWith(`${owner}/`)) && this.isVisible(each, asked));
    const [, organization] = /^\/orgs\/([^/]+)\/repos$/.exec(path) ?? [];
    if (path === '/user') return { id: 1, login: this.account, name: '李伟' };
    if (path === '/user/orgs') return this.organizations.map((login, index) => ({ id: 10 + index, login }));
    if (path === '/user/repos') return shown(asked.get('affiliation') === 'owner' ? 'li-wei' : undefined);
    if (organization) return shown(organization);
    return undefined;
  }

  isVisible({ private: closed }, asked) {
    const wanted = asked.get('visibility') ?? asked.get('type') ?? 'all';
    return wanted === 'all' || (wanted === 'private') === closed;
  }

  addRepository(path, { closed = false } = {}) {
    const id = 100 + this.repositories.length;
    this.repositories.push({ id, full_name: path, private: closed, default_branch: 'main', clone_url: `${this.url}/${path}.git`, permissions: { admin: true } });
  }

  authorize(asked, response) {
    const back = new URL(asked.get('redirect_uri'));
    if (this.refuses) back.searchParams.set('error', 'access_denied');
    else {
      // One that a reader of addresses would take for a number.
      const code = `${this.codes.size + 1}234567890123456789e5`;
      this.codes.set(code, asked);
      back.searchParams.set('code', code);
    }
    back.searchParams.set('state', asked.get('state'));
    response.writeHead(302, { Location: back.href }).end();
  }

  startDevice(response) {
    const number = this.devices.size + 1;
    const [device_code, user_code] = [`device-${number}`, `WDJB-000${number}`];
    this.devices.set(device_code, { user_code, approved: false });
    const told = { device_code, user_code, verification_uri: `${this.url}/login/device`, expires_in: 900, interval: 1 };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(told));
  }

  /** The person types the code there and agrees. */
  approve(user_code) {
    for (const device of this.devices.values()) device.approved ||= device.user_code === user_code;
  }

  /** The person takes back what the app was allowed. */
  revoke() {
    for (let number = 1; number <= this.granted; number += 1) this.revoked.add(`gho_${number}`);
  }

  grant() {
    this.granted += 1;
    return { access_token: `gho_${this.granted}`, token_type: 'bearer', scope: 'repo,read:org' };
  }

  redeem(form, response) {
    const told = (answer) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    const device = this.devices.get(form.get('device_code'));
    if (device) return told(device.approved ? this.grant() : { error: 'authorization_pending' });
    const asked = this.codes.get(form.get('code'));
    this.codes.delete(form.get('code'));
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    const own =
      form.get('client_secret') === this.secret &&
      asked?.get('client_id') === form.get('client_id') &&
      asked.get('redirect_uri') === form.get('redirect_uri') &&
      asked.get('code_challenge') === challenge;
    told(own ? this.grant() : { error: 'bad_verification_code' });
  }
}

async function read(request) {
  let text = '';
  for await (const part of request) text += part;
  return text;
}
