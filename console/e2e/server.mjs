// A real `wharf serve` on a free port with data of its own, and pushes into it as clients make them.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { startProgram } from './programs.mjs';

/** A server that is not ready within this (ms) does not start at all. */
const START_LIMIT = 30_000;

/** So many of the last lines that a server printed help with a case that failed; more hide what the case itself says. */
const PRINTED = 20;

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Requests at a time where many of a kind are sent. */
const PUSHERS = 16;

/** What was built here is what is tested, whatever the program was built with. */
const built = fileURLToPath(new URL('../dist', import.meta.url));

/**
 * Starts it; `stop()` ends it and removes its data. `settings` are environment variables, such as WHARF_SERVER_…. The administrator
 * has set a password already, unless `printed`: then it is the one that the server made. `toml` is the text of its `wharf.toml`. With
 * `told` code hosts of this machine know where to reach it.
 */
export async function startServer(settings = {}, { printed = false, toml = '', told = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'wharf-console-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const data = join(folder, 'data');
  const config = join(folder, 'wharf.toml');
  await writeFile(config, toml);
  const child = startProgram(process.env.WHARF_BIN ?? 'wharf', ['serve', '--config', config, '--listen', `127.0.0.1:${port}`, '--data-dir', data], {
    env: { ...process.env, WHARF_CONSOLE_DIR: built, ...(told && { WHARF_SERVER_PUBLIC_URL: url }), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  child.on('error', (error) => (output += error.message));
  await until(async () => (await fetch(`${url}/readyz`)).ok, START_LIMIT, () => `wharf did not start:\n${output}`);
  const password = (await readFile(join(data, 'admin-password'), 'utf8')).trim();
  const stop = async () => {
    child.kill('SIGTERM');
    await child.ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  const server = new Server(url, password, stop);
  server.countLines = () => output.split('\n').length;
  server.readLines = (from) => {
    // Answered requests are what the page said already.
    const lines = output.split('\n').slice(from - 1).filter((line) => line !== '' && !line.includes('"level":"INFO"'));
    return lines.slice(-PRINTED).join('\n');
  };
  if (!printed) {
    const chosen = 'a password of my own';
    await server.call('POST', '/me/password', { current_password: password, new_password: chosen });
    server.admin.password = chosen;
  }
  return server;
}

/** Asks again and again until it holds; throws after `limit` (ms). */
export async function until(holds, limit, explain = () => 'it never held') {
  const end = Date.now() + limit;
  let last;
  while (Date.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(explain(), { cause: last });
}

export class Server {
  constructor(url, password, stop) {
    this.url = url;
    this.host = new URL(url).host;
    this.admin = { username: 'admin', password };
    this.stop = stop;
  }

  /** The management API as the administrator, or as `login`. Answers the body; throws where it is refused. */
  async call(method, path, body, login = this.admin) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { Authorization: basic(login), ...(body && { 'Content-Type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** A user with a password that was not made by the server. */
  async addUser(username, password = 'a long enough pass') {
    await this.call('POST', '/users', { username, password });
    return { username, password };
  }

  /** Pushes an image of one small layer as `name:tag` for linux/amd64; answers its digest. */
  async push(name, tag, { login = this.admin, text = `${name}:${tag}`, architecture = 'amd64', history, env = ['PATH=/bin'], labels = { made: 'for a test' }, annotations } = {}) {
    const token = await this.#token(`repository:${name}:pull,push`, login);
    const tar = tarOf('content.txt', text);
    const layer = gzipSync(tar);
    const config = Buffer.from(
      JSON.stringify({
        architecture,
        os: 'linux',
        config: { Env: env, Cmd: ['/bin/true'], Labels: labels },
        rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
        history: history ?? [{ created: '2026-11-22T07:31:26Z', created_by: 'COPY content.txt / # buildkit' }],
      }),
    );
    for (const blob of [layer, config]) await this.#putBlob(name, blob, token);
    return this.#putManifest(name, tag, token, {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(layer), size: layer.length }],
      ...(annotations && { annotations }),
    });
  }

  /** Puts more tags, `PUSHERS` at a time, on an image that is there. */
  async tagMany(name, reference, tags) {
    const token = await this.#token(`repository:${name}:pull,push`, this.admin);
    const response = await this.#send(`/v2/${name}/manifests/${reference}`, token, { method: 'GET' });
    const manifest = await response.json();
    const left = tags.values();
    const put = async () => {
      for (const tag of left) await this.#putManifest(name, tag, token, manifest);
    };
    await Promise.all(Array.from({ length: PUSHERS }, put));
  }

  /** Pushes an index of images that are there, by `{ 'linux/amd64': digest }`; answers its digest. */
  async pushIndex(name, tag, images) {
    const token = await this.#token(`repository:${name}:pull,push`, this.admin);
    const manifests = Object.entries(images).map(([platform, { digest, size }]) => {
      const [os, architecture] = platform.split('/');
      return { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size, platform: { os, architecture } };
    });
    return this.#putManifest(name, tag, token, { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests });
  }

  /** Attaches an artifact without content to a version, such as a signature; answers its digest. */
  async attach(name, subject, artifactType) {
    const token = await this.#token(`repository:${name}:pull,push`, this.admin);
    const empty = Buffer.from('{}');
    await this.#putBlob(name, empty, token);
    const descriptor = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(empty), size: empty.length };
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType,
      config: descriptor,
      layers: [descriptor],
      subject: { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...(await this.#describe(name, subject, token)) },
    };
    return this.#putManifest(name, digestOf(Buffer.from(JSON.stringify(manifest))), token, manifest);
  }

  /** Signs in and reads a manifest, as a client that pulls does; answers its digest, throws where either is refused. */
  async pull(name, reference, login) {
    const token = await this.#token(`repository:${name}:pull`, login);
    const { digest } = await this.#describe(name, reference, token);
    return digest;
  }

  /** What a descriptor says of a manifest that is there. */
  async describe(name, reference) {
    return this.#describe(name, reference, await this.#token(`repository:${name}:pull`, this.admin));
  }

  async #describe(name, reference, token) {
    const response = await this.#send(`/v2/${name}/manifests/${reference}`, token, { method: 'HEAD' });
    return { digest: response.headers.get('docker-content-digest'), size: Number(response.headers.get('content-length')) };
  }

  async #putManifest(name, reference, token, manifest) {
    const body = Buffer.from(JSON.stringify(manifest));
    await this.#send(`/v2/${name}/manifests/${reference}`, token, { method: 'PUT', body, type: manifest.mediaType });
    return digestOf(body);
  }

  async #putBlob(name, blob, token) {
    const begun = await this.#send(`/v2/${name}/blobs/uploads/`, token, { method: 'POST' });
    const place = new URL(begun.headers.get('location'), this.url);
    place.searchParams.set('digest', digestOf(blob));
    await this.#send(place.pathname + place.search, token, { method: 'PUT', body: blob, type: 'application/octet-stream' });
  }

  async #send(path, token, { method, body, type }) {
    const response = await fetch(this.url + path, {
      method,
      body,
      headers: { Authorization: `Bearer ${token}`, ...(type && { 'Content-Type': type }) },
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** As clients do it: the address of the token is in the challenge. */
  async #token(scope, login) {
    const challenge = (await fetch(`${this.url}/v2/`)).headers.get('www-authenticate') ?? '';
    const { realm, service } = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    const query = new URLSearchParams({ service, scope });
    const response = await fetch(`${realm}?${query}`, { headers: { Authorization: basic(login) } });
    if (!response.ok) throw new Error(`no token for ${scope}: ${response.status} ${await response.text()}`);
    const answer = await response.json();
    return answer.token ?? answer.access_token;
  }
}

const basic = ({ username, password }) => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

export const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** An archive of one file (POSIX ustar). */
export function tarOf(name, text) {
  const content = Buffer.from(text);
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write('00000000000\0', 136);
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\u000000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([head, content, padding, Buffer.alloc(1024)]);
}
