// A GitLab or a Gitea as far as connecting an account and registering a webhook need one, over real git. Whatever else is asked for is
// written down in `unknown`. Shapes are from docs.gitlab.com/api and docs.gitea.com/api.
import { startGit } from './git.mjs';

const bases = { gitlab: '/api/v4', gitea: '/api/v1' };

/** Starts it on a free port; it does not keep the process alive. */
export async function startForge(kind) {
  const forge = new Forge(kind);
  forge.git = await startGit((request, response) => forge.answer(request, response));
  forge.host = forge.git.host;
  forge.url = forge.git.url;
  return forge;
}

class Forge {
  token = 'the-token-of-li-wei';
  repositories = [];
  hooks = [];
  attempts = [];
  unknown = [];
  /** Whether the token is good. */
  accepts = true;
  /** Whether webhooks can be removed. */
  removes = true;

  constructor(kind) {
    this.kind = kind;
  }

  /** A repository with a first commit on `master`. */
  async addRepository(path) {
    this.repositories.push({ id: 100 + this.repositories.length, path });
    return this.git.commit(`${path}.git`, { Dockerfile: 'FROM scratch\nLABEL a=b\n' });
  }

  async answer(request, response) {
    const { pathname } = new URL(request.url, this.url);
    const body = await read(request);
    const told = (status, value) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(value === undefined ? '' : JSON.stringify(value));
    const given = request.headers['private-token'] ?? request.headers.authorization?.split(' ')[1];
    if (given !== this.token || !this.accepts) return told(401, { message: '401 Unauthorized' });
    const parts = pathname.slice(bases[this.kind].length + 1).split('/').map(decodeURIComponent);
    const found = pathname.startsWith(`${bases[this.kind]}/`) ? this.find(request.method, parts, body) : undefined;
    if (found) return told(...found);
    this.unknown.push(`${request.method} ${request.url}`);
    return told(404, { message: '404 Not Found' });
  }

  /** Status and body of what is there. */
  find(method, parts, body) {
    const [first, ...rest] = parts;
    const own = { id: 1, username: 'li-wei', login: 'li-wei', name: '李伟', full_name: '李伟' };
    if (parts.join('/') === 'user') return [200, own];
    if (parts.join('/') === 'personal_access_tokens/self') return [200, { id: 4, scopes: ['api', 'read_user'], active: true, expires_at: null }];
    if (parts.join('/') === 'user/orgs' || first === 'groups') return [200, []];
    if (parts.join('/') === 'user/repos' || (first === 'projects' && rest.length === 0)) return [200, this.repositories.map((each) => this.show(each))];
    const gitlab = this.kind === 'gitlab';
    if (first !== (gitlab ? 'projects' : 'repos')) return undefined;
    const path = gitlab ? rest.shift() : rest.splice(0, 2).join('/');
    const repository = this.repositories.find((each) => each.path === path || String(each.id) === path);
    if (!repository) return undefined;
    if (rest.length === 0) return [200, this.show(repository)];
    return rest[0] === 'hooks' ? this.findHook(method, rest.slice(1), repository, body) : undefined;
  }

  findHook(method, [id, more], repository, body) {
    const hook = this.hooks.find((each) => each.repository === repository && String(each.id) === id);
    switch (`${method} ${id ? 'one' : 'all'}${more ? ` ${more}` : ''}`) {
      case 'GET all':
        return [200, this.hooks.filter((each) => each.repository === repository).map(show)];
      case 'POST all':
        this.hooks.push({ repository, id: 7 + this.hooks.length, url: body.url ?? body.config?.url, secret: body.token ?? body.config?.secret, said: body });
        return [201, show(this.hooks.at(-1))];
      case 'GET one':
        return hook && [200, show(hook)];
      case 'PUT one':
      case 'PATCH one':
        Object.assign(hook, { url: body.url ?? body.config?.url ?? hook.url, secret: body.token ?? body.config?.secret ?? hook.secret, said: { ...hook.said, ...body } });
        return [200, show(hook)];
      case 'DELETE one':
        if (!this.removes) return [503, { message: 'maintenance' }];
        this.hooks = this.hooks.filter((each) => each !== hook);
        return [204];
      case 'GET one events':
        return [200, this.attempts.filter((each) => each.hook === hook?.id).map(({ attempt }) => attempt)];
      default:
        return undefined;
    }
  }

  show({ id, path }) {
    const url = `${this.url}/${path}`;
    return {
      id,
      path_with_namespace: path,
      full_name: path,
      default_branch: 'master',
      http_url_to_repo: `${url}.git`,
      clone_url: `${url}.git`,
      html_url: url,
      web_url: url,
      visibility: 'private',
      private: true,
      permissions: this.kind === 'gitlab' ? { project_access: { access_level: 40 } } : { admin: true, push: true, pull: true },
    };
  }

  /** GitLab: tells a webhook of a push to `master`, and keeps what came back; answers its status. */
  async deliver(hook, commit) {
    const { id, path } = hook.repository;
    const body = {
      object_kind: 'push',
      event_name: 'push',
      ref: 'refs/heads/master',
      before: '0'.repeat(40),
      after: commit,
      checkout_sha: commit,
      user_username: 'li-wei',
      project_id: id,
      project: { id, path_with_namespace: path, git_http_url: `${this.url}/${path}.git`, default_branch: 'master' },
      commits: [],
      total_commits_count: 1,
    };
    const number = this.attempts.length + 1;
    const headers = { 'Content-Type': 'application/json', 'X-Gitlab-Event': 'Push Hook', 'X-Gitlab-Token': hook.secret ?? '', 'Idempotency-Key': `delivery-${number}` };
    const { status } = await fetch(hook.url, { method: 'POST', headers, body: JSON.stringify(body) });
    this.attempts.unshift({ hook: hook.id, attempt: { id: number, url: hook.url, trigger: 'push_hooks', response_headers: { Date: new Date().toUTCString() }, execution_duration: 0.1, response_status: String(status) } });
    return status;
  }
}

/** A webhook as either of them shows it: without its secret. */
const show = ({ id, url, said }) => ({
  ...said,
  token: undefined,
  signing_token: undefined,
  id,
  url,
  alert_status: 'executable',
  type: 'gitea',
  config: said.config && { url, content_type: said.config.content_type },
});

async function read(request) {
  let text = '';
  for await (const part of request) text += part;
  return text ? JSON.parse(text) : {};
}
