import assert from 'node:assert/strict';
import { startGit } from './git.mjs';

const git = await startGit();
export const settings = { WHARF_EGRESS_ALLOW: git.host };

export async function prepare(server) {
  await git.commit('team/shop.git', { Dockerfile: 'FROM scratch\nLABEL a=b\n' }, { tag: 'v1.0.0' });
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.call('POST', '/repositories', { name: 'team/shop/web' });
}

const rules = '/images/team/shop/web/-/rules';

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
