import assert from 'node:assert/strict';
import { startGit } from './git.mjs';
import { until } from './server.mjs';

const git = await startGit();
export const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1' };

export async function prepare(server) {
  await git.commit('team/shop.git', { Dockerfile: 'FROM scratch\nLABEL a=b\n' }, { tag: 'v1.0.0' });
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.call('POST', '/repositories', { name: 'team/shop/web' });
}

const rules = '/images/team/shop/web/-/rules';
const pathOf = (image) => `/repositories/${encodeURIComponent(`team/${image}`)}`;
const ownRules = (image) => `/images/team/${image}/-/rules`;

/** An image of a case's own with a rule `default`; the source is the one that is there. */
async function addRule(t, image) {
  const { items } = await t.server.call('GET', '/sources');
  const source = items[0] ?? (await t.server.call('POST', '/sources', { kind: 'git', address: git.url }));
  await t.server.call('POST', '/repositories', { name: `team/${image}` });
  await t.server.call('POST', `${pathOf(image)}/rules`, { name: 'default', source: source.id, remote: 'team/shop.git', definition: {} });
}

export const cases = {
  'without a source the way to one is shown': async (t) => {
    const page = await t.signIn({ to: '/images/team/shop/web/-/builds' });
    await t.sees(page.getByText('先授权代码源'));
    await page.getByRole('link', { name: '添加代码源' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '添加代码源' }));
  },

  'each kind asks for what it needs, and what is wrong is said at its field': async (t) => {
    const page = await t.signIn({ to: '/sources/-/new?kind=gitlab' });
    await t.sees(page.getByRole('textbox', { name: '服务地址' }));
    await t.sees(page.getByRole('textbox', { name: '用户名' }));
    await t.sees(page.getByText('read_user'));
    await page.getByRole('button', { name: '连接' }).click();
    await t.sees(page.getByText('请填写此项'));
    await page.getByRole('radio', { name: 'GitHub' }).click();
    await t.sees(page.getByRole('button', { name: '授权同步Github代码源' }));
    await page.waitForURL((url) => url.searchParams.get('kind') === 'github');
  },

  'a git server is connected, a rule is tried and made, edited, and the source says who uses it': async (t) => {
    const page = await t.signIn({ to: '/sources/-/new?kind=git' });
    await page.getByRole('textbox', { name: '服务地址' }).fill(`${git.url}/team/shop.git`);
    await page.getByRole('button', { name: '连接' }).click();
    await t.sees(page.getByText(`已连接${git.host}`));

    await page.goto(`${rules}/-/new`);
    const path = page.getByRole('textbox', { name: '仓库路径' });
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
    await path.fill('team/shop.git');
    await page.getByRole('textbox', { name: '前缀' }).fill('v');
    const preview = page.getByRole('table', { name: '版本预览' });
    await t.sees(preview.getByText('v-master'));
    await page.getByRole('checkbox', { name: '添加新Tag时触发' }).check();
    await page.getByRole('button', { name: '试运行' }).click();
    await t.sees(page.getByText('2个分支和Tag中，2个会被构建'));
    await t.sees(page.getByRole('table', { name: '试运行' }).getByText('v-v1.0.0'));
    await page.getByRole('button', { name: '新增变量' }).click();
    await page.getByRole('textbox', { name: '第1个变量名' }).fill('VERSION');
    await page.getByRole('textbox', { name: '第1个变量值' }).fill('1.0.0');
    await t.sees(page.getByText('--build-arg VERSION=1.0.0'));
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForURL(/\/-\/builds$/);
    await t.sees(page.getByText('提交代码到任意分支时触发；添加新Tag时触发'));

    await page.getByRole('link', { name: '编辑规则default' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '规则default' }));
    await page.getByText('密文', { exact: true }).click();
    await page.getByRole('button', { name: '新增密文' }).click();
    await page.getByRole('textbox', { name: '第1个密文的id' }).fill('npm');
    await page.getByRole('textbox', { name: '第1个密文的值' }).fill('top secret');
    await page.getByRole('checkbox', { name: '添加新Tag时触发' }).uncheck();
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForURL(/\/-\/builds$/);
    await t.sees(page.getByText('提交代码到任意分支时触发', { exact: true }));
    const [rule] = (await t.server.call('GET', `/repositories/${encodeURIComponent('team/shop/web')}/rules`)).items;
    assert.deepEqual(rule.definition.build_args, { VERSION: '1.0.0' });
    assert.deepEqual(rule.secrets.map((secret) => secret.name), ['npm']);

    await page.goto('/sources');
    const row = page.getByRole('table', { name: '源代码授权' }).getByRole('row').filter({ hasText: git.host });
    await t.sees(row.getByText('正常'));
    await t.sees(row.getByRole('cell', { name: '1', exact: true }));
    await row.getByRole('button', { name: `取消授权${git.host}` }).click();
    const dialog = page.getByRole('dialog', { name: `取消授权${git.host}` });
    await t.sees(dialog.getByText('1条规则将停止构建：'));
    await t.sees(dialog.getByText('team/shop/web'));
    await t.accessible(page);
    await dialog.getByRole('button', { name: '取消', exact: true }).click();
    await t.gone(dialog);
  },

  'an image and its rule are made from a Git repository in one step': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/images/-/new?from=git' });
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('from-git');
    await page.getByRole('textbox', { name: 'Path of the repository' }).fill('team/shop.git');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL(/from-git\/-\/builds$/);
    await t.sees(page.getByText('On push to any branch'));
  },

  'versions are named by templates, or by lines as Docker Hub has them': async (t) => {
    await addRule(t, 'named');
    const page = await t.signIn({ to: `${ownRules('named')}/default` });
    const preview = page.getByRole('table', { name: '版本预览' });
    await page.getByRole('radiogroup', { name: '镜像版本命名规则' }).getByText('模板', { exact: true }).click();
    await page.getByRole('combobox', { name: '模板' }).or(page.getByRole('textbox', { name: '模板' })).first().fill('{branch}-{sha:8}');
    await page.keyboard.press('Enter');
    await t.sees(preview.getByText('master-3f9c21d8'));
    await page.getByRole('radiogroup', { name: '镜像版本命名规则' }).getByText('正则', { exact: true }).click();
    await page.getByRole('button', { name: '新增规则行' }).click();
    await page.getByRole('textbox', { name: '第1行的分支或Tag，可用/正则/' }).fill('/^feature.(.*)$/');
    await page.getByRole('textbox', { name: '第1行的镜像版本' }).fill('try-{\\1},latest');
    await t.sees(preview.getByText('try-a, latest'));
    await t.sees(page.getByText('采用正则规则时，由各行决定构建哪些分支和Tag。'));
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForURL(/\/-\/builds$/);
    const { definition } = await t.server.call('GET', `${pathOf('named')}/rules/default`);
    assert.deepEqual(definition.naming.lines, [{ source_type: 'branch', source: '/^feature.(.*)$/', tags: 'try-{\\1},latest', automatic: true }]);
  },

  'what is typed stays when a secret is refused, and what somebody else saved is not written over': async (t) => {
    await addRule(t, 'kept');
    const page = await t.signIn({ language: 'en', to: `${ownRules('kept')}/default` });
    const dockerfile = page.getByRole('textbox', { name: 'Dockerfile path' });
    await dockerfile.fill('deploy/Dockerfile');
    await page.getByText('Secrets', { exact: true }).click();
    await page.getByRole('button', { name: 'Add secret' }).click();
    await page.getByRole('textbox', { name: 'Id of secret 1' }).fill('not an id');
    await page.getByRole('textbox', { name: 'Value of secret 1' }).fill('top secret');
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByText(/is no id of a secret/));
    assert.equal(await dockerfile.inputValue(), 'deploy/Dockerfile');
    await page.getByRole('textbox', { name: 'Id of secret 1' }).fill('npm');

    await t.server.call('PATCH', `${pathOf('kept')}/rules/default`, { definition: { target: 'release' } });
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByText('Changed by admin'));
    assert.equal((await t.server.call('GET', `${pathOf('kept')}/rules/default`)).definition.target, 'release');
    await t.show(page, 'rule-changed');
    await page.getByRole('button', { name: 'Load', exact: true }).click();
    await t.gone(page.getByText('Changed by admin'));
    await page.getByText('Advanced', { exact: true }).click();
    assert.equal(await page.getByRole('textbox', { name: 'Target stage' }).inputValue(), 'release');
  },

  'a source is checked, gets another token, and has the line that tells of pushes': async (t) => {
    await addRule(t, 'told');
    const [source] = (await t.server.call('GET', '/sources')).items;
    const page = await t.signIn({ language: 'en', to: `/sources/${source.id}` });
    await t.sees(page.getByRole('table', { name: 'Rules that use this source' }).getByText('team/told'));
    await page.getByRole('button', { name: 'Check' }).click();
    await until(async () => (await t.server.call('GET', `/sources/${source.id}`)).checked_at !== source.checked_at, 20_000);
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByText('Fill this in'));
    await page.getByLabel('Replace the token', { exact: true }).fill('another');
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByText('Token replaced'));
    const webhooks = page.getByRole('table', { name: 'Webhooks' });
    const row = webhooks.getByRole('row').filter({ hasText: 'team/shop.git' });
    await t.sees(row.getByText('Set up by hand'));
    await row.getByRole('button', { name: 'Actions for team/shop.git' }).click();
    await page.getByRole('menuitem', { name: 'Make hook line' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make hook line' }).click();
    const line = page.getByRole('dialog').getByRole('group', { name: 'hook line' });
    await t.sees(line);
    await t.accessible(page);
    await t.show(page, 'hook-line');
    const [, bearer, url] = /Bearer (\S+)'.* (http\S+)$/.exec(await line.innerText()) ?? [];
    await page.getByRole('button', { name: 'Done' }).click();
    const told = await fetch(url, { method: 'POST', headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'text/plain' }, body: `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/master\n` });
    assert.ok(told.ok, `the line is refused: ${told.status}`);
    await row.getByRole('button', { name: 'Actions for team/shop.git' }).click();
    await page.getByRole('menuitem', { name: 'Last deliveries' }).click();
    const deliveries = page.getByRole('dialog', { name: 'Last deliveries of team/shop.git' });
    await t.sees(deliveries.getByRole('table', { name: 'Received here' }));
    // It has an address, and Back closes it.
    await page.reload();
    await t.sees(deliveries.getByRole('table', { name: 'Received here' }));
    await page.goBack();
    await t.gone(deliveries);
    await page.goForward();
    await t.sees(deliveries.getByRole('table', { name: 'Received here' }));
    await t.accessible(page);
    await t.show(page, 'hook-deliveries');
  },

  'an ssh server has its keys with their fingerprints, and rules that cannot be read are not said to be none': async (t) => {
    const { id } = await t.server.call('POST', '/sources', { kind: 'git', address: 'ssh://127.0.0.1:2222/srv/git' });
    const keys = '[127.0.0.1]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    await t.server.call('PATCH', `/sources/${id}`, { host_keys: keys });
    const page = await t.open();
    await t.begin(page, t.server.admin);
    await page.route('**/sources/*/rules', (route) => route.fulfill({ status: 500, contentType: 'text/plain', body: 'broken' }));
    await page.goto(`/sources/${id}`);
    await t.sees(page.getByRole('list', { name: '主机密钥指纹' }).getByText('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU'));
    await t.sees(page.getByRole('alert').getByText(/HTTP 500/));
    assert.equal(await page.getByText('没有规则使用此代码源。').count(), 0);
    await page.unroute('**/sources/*/rules');
    await page.getByRole('alert').getByRole('button', { name: '重试' }).click();
    await t.sees(page.getByText('没有规则使用此代码源。'));
    await t.server.call('DELETE', `/sources/${id}`);
  },

  'a source is whole in every variant': async (t) => {
    await addRule(t, 'looked-at');
    const [source] = (await t.server.call('GET', '/sources')).items;
    await t.inEveryVariant('source', async (page) => {
      await page.goto(`/sources/${source.id}`);
      await t.sees(page.getByText('team/looked-at'));
      await t.sees(page.getByText('team/shop.git').first());
    });
  },

  'deleting a rule wants its name': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/images/admin/from-git/-/rules/default' });
    await page.getByRole('button', { name: 'Delete rule' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete rule default' });
    await t.sees(dialog.getByText('Builds that wait or run are canceled'));
    await dialog.getByRole('textbox').fill('default');
    await dialog.getByRole('button', { name: 'Delete rule' }).click();
    await page.waitForURL(/\/-\/builds$/);
    await t.sees(page.getByText('No build rule yet'));
  },

  'the form of a rule is whole in every variant': async (t) => {
    await t.inEveryVariant('rule', async (page) => {
      await page.goto(`${rules}/default`);
      await t.sees(page.getByText('feature/a', { exact: true }));
    });
  },

  'sources are whole in every variant': async (t) => {
    await t.inEveryVariant('sources', async (page) => {
      await page.goto('/sources');
      await t.sees(page.getByText(git.host).first());
    });
  },

  'adding a source is whole in every variant': async (t) => {
    await t.inEveryVariant('new-source', async (page, { language }) => {
      await page.goto('/sources/-/new?kind=gitlab');
      await t.sees(page.getByRole('textbox', { name: language === 'zh' ? '服务地址' : 'Server address' }));
    });
  },
};
