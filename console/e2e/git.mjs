// A git server over http with repositories of its own, answered by git itself (git-http-backend(1)).
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const environment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Li Wei',
  GIT_AUTHOR_EMAIL: 'li.wei@example.cn',
  GIT_COMMITTER_NAME: 'Li Wei',
  GIT_COMMITTER_EMAIL: 'li.wei@example.cn',
};

/** Starts it on a free port; it does not keep the process alive. What is not git's is answered by `others`, where one is given. */
export async function startGit(others) {
  const folder = await mkdtemp(join(tmpdir(), 'wharf-console-git-'));
  const server = createServer((request, response) => {
    if (!others || /\.git\//.test(request.url)) return answer(folder, request, response);
    others(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return new Git(folder, `127.0.0.1:${server.address().port}`);
}

class Git {
  constructor(folder, host) {
    this.folder = folder;
    this.host = host;
    this.url = `http://${host}`;
  }

  /** A commit with these files on a branch of `name` (`team/shop.git`), and a tag on it where one is given. Answers its id. */
  async commit(name, files, { branch = 'master', tag, message = 'Change' } = {}) {
    const bare = join(this.folder, name);
    const git = (...args) => run('git', args, { env: environment, cwd: this.folder });
    await mkdir(dirname(bare), { recursive: true });
    await git('init', '-q', '--bare', '-b', 'master', bare);
    const work = await mkdtemp(join(tmpdir(), 'wharf-console-work-'));
    const at = (...args) => run('git', ['-C', work, ...args], { env: environment });
    await git('clone', '-q', bare, work);
    const there = await at('ls-remote', 'origin', branch);
    await at('checkout', '-q', ...(there.stdout ? [branch] : ['-B', branch]));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(work, path)), { recursive: true });
      await writeFile(join(work, path), content);
    }
    await at('add', '-A');
    await at('commit', '-q', '--allow-empty', '-m', message);
    if (tag) await at('tag', tag);
    await at('push', '-q', 'origin', branch, ...(tag ? [tag] : []));
    const { stdout } = await at('rev-parse', 'HEAD');
    await rm(work, { recursive: true });
    return stdout.trim();
  }
}

function answer(folder, request, response) {
  const url = new URL(request.url, 'http://git');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...environment,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
      ...(request.headers['content-length'] && { CONTENT_LENGTH: request.headers['content-length'] }),
    },
    // It complains about requests that are refused, as some are on purpose.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // It may answer before it has read everything.
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  const parts = [];
  child.stdout.on('data', (part) => parts.push(part));
  child.on('close', () => {
    const output = Buffer.concat(parts);
    const end = output.indexOf('\r\n\r\n');
    let status = 200;
    for (const line of output.subarray(0, Math.max(0, end)).toString().split('\r\n')) {
      const [name, value = ''] = line.split(/: (.*)/s);
      if (name === 'Status') status = Number.parseInt(value, 10);
      else if (name) response.setHeader(name, value);
    }
    response.writeHead(end < 0 ? 500 : status).end(output.subarray(end + 4));
  });
}
