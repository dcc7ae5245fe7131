import assert from 'node:assert/strict';
import { missingPrograms, startKube } from './kube.mjs';
import { until } from './server.mjs';

// The cluster is on this machine.
export const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1' };

const image = 'team/web';
const api = (path) => `/repositories/${encodeURIComponent(image)}${path}`;
const programs = missingPrograms();

/** Why the cases with a cluster are left out. */
export const missing = () => (programs.length > 0 ? `no cluster can be started without ${programs.join(', ')}` : '');

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  await server.push(image, 'v1');
  if (programs.length > 0) return {};
  const kube = await startKube();
  const stop = server.stop;
  server.stop = async () => {
    await stop();
    await kube.stop();
  };
  await kube.addNamespace('shop');
  await kube.addDeployment('shop', 'web', { app: 'hub.example.cn/team/web:v0', side: 'hub.example.cn/team/side:v0' });
  await kube.addDeployment('shop', 'queue', { worker: 'hub.example.cn/team/queue:v0' });
  return { kube };
}

const addCluster = async (t, name, region) => {
  await t.server.call('POST', '/clusters', { name, region, registry_host: 'hub.example.cn', kubeconfig: t.kube.kubeconfig() });
  await t.server.call('PUT', `/clusters/${name}/grants/team`, { cluster_namespaces: ['shop'] });
};

/** A cluster for pictures, once. */
const addLooks = async (t) => {
  const { items } = await t.server.call('GET', '/clusters');
  if (!items.some(({ name }) => name === 'looks')) await addCluster(t, 'looks', '深圳');
};

const withoutCluster = {
  'nobody but administrators adds clusters, and a broken kubeconfig is said at its field': async (t) => {
    const login = await t.server.addUser('member');
    const other = await t.signIn({ login, to: '/clusters' });
    await t.sees(other.getByRole('heading', { name: '还没有授权给您的集群' }));
    await t.gone(other.getByRole('link', { name: '添加集群' }));

    const page = await t.signIn({ language: 'en', to: '/clusters' });
    await t.sees(page.getByRole('heading', { name: 'No clusters yet' }));
    await page.getByRole('link', { name: 'Add cluster' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    const name = page.getByRole('textbox', { name: 'Name' });
    assert.equal(await name.evaluate((field) => field === document.activeElement), true, 'the first error has the focus');
    await name.fill('prod');
    await page.getByRole('textbox', { name: 'Registry address' }).fill('hub.example.cn');
    await page.getByRole('textbox', { name: 'kubeconfig' }).fill('users: [{name: a, user: {exec: {command: sh}}}]');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-path') === 'kubeconfig' && document.activeElement.getAttribute('aria-invalid') === 'true');
    await page.getByRole('radio', { name: /^Token/ }).check();
    await t.sees(page.getByRole('textbox', { name: 'API server' }));
    await t.sees(page.getByRole('textbox', { name: 'CA' }));
  },

  'a file that is no kubeconfig is said at its field, and a refused first grant on the page of the cluster': async (t) => {
    const page = await t.signIn({ language: 'en', to: '/clusters/-/new' });
    await page.getByRole('textbox', { name: 'Name' }).fill('half');
    await page.getByRole('textbox', { name: 'Registry address' }).fill('hub.example.cn');
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a file' }).click();
    await (await choosing).setFiles({ name: 'disk.img', mimeType: 'application/octet-stream', buffer: Buffer.alloc(300 * 1024) });
    await t.sees(page.getByText('disk.img has 300 KiB; a kubeconfig has at most 256 KiB.'));
    await page.getByRole('radio', { name: /^Token/ }).check();
    await page.getByRole('textbox', { name: 'API server' }).fill('https://127.0.0.1:1');
    await page.getByRole('textbox', { name: 'Token' }).fill('a-token');
    await page.getByRole('combobox', { name: 'Grant to' }).click();
    await page.getByRole('option', { name: 'team' }).click();
    // No name of a Kubernetes namespace.
    await page.getByRole('combobox', { name: 'Kubernetes namespaces' }).fill('Not_A_Name');
    await page.getByRole('button', { name: 'Save' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'half' }));
    await t.sees(page.getByText('The cluster was added, but not granted to team'));
    await t.show(page, 'cluster-refused-grant');
    await t.accessible(page);

    await t.server.call('PUT', '/clusters/half/grants/team', { cluster_namespaces: ['shop'] });
    await page.goto('/clusters/half');
    // A namespace that has a grant already is one that is changed.
    await page.getByRole('button', { name: 'Grant', exact: true }).click();
    const grant = page.getByRole('dialog', { name: 'Grant' });
    await grant.getByRole('combobox', { name: 'Grant to' }).click();
    await page.getByRole('option', { name: 'team', exact: true }).click();
    await t.sees(grant.getByText('team has a grant already'));
    await t.sees(grant.getByText('shop', { exact: true }));
    await page.reload();
    await grant.getByRole('button', { name: 'Cancel' }).click();
    await t.gone(grant);
    await page.goto('/clusters/half?edit=nobody');
    await page.getByRole('dialog', { name: 'What the link names is not there' }).getByRole('button', { name: 'Back to the list' }).click();
    await page.getByRole('button', { name: 'Edit grant of team' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke grant' }).click();
    const asked = page.getByRole('dialog', { name: 'Revoke the grant of team' });
    await t.sees(asked.getByText('shop', { exact: true }));
    assert.equal((await t.server.call('GET', '/clusters/half')).grants.length, 1, 'nothing happens before the answer');
    await asked.getByRole('button', { name: 'Revoke grant' }).click();
    await t.sees(page.getByRole('heading', { name: 'Nothing granted yet' }));
    // Why a cluster does not answer is there to be read.
    await page.goto('/clusters');
    const { message } = await t.server.call('GET', '/clusters/half');
    await t.sees(page.getByRole('row').filter({ hasText: 'half' }).getByText(message));
    await t.server.call('DELETE', '/clusters/half');
  },

  'the form in every variant': (t) =>
    t.inEveryVariant('cluster-new', async (page, { language }) => {
      await page.goto('/clusters/-/new');
      await page.getByRole('radio', { name: /^Token/ }).check();
      await t.sees(page.getByRole('textbox', { name: language === 'zh' ? 'API服务器' : 'API server' }));
    }),
};

const withCluster = {
  'a cluster is added by kubeconfig, granted, checked, and has its rights to copy': async (t) => {
    const page = await t.signIn({ to: '/clusters/-/new' });
    await page.getByRole('textbox', { name: '名称' }).fill('first');
    await page.getByRole('textbox', { name: '地域' }).fill('广州');
    await page.getByRole('textbox', { name: '仓库地址' }).fill('hub.example.cn');
    await page.getByRole('textbox', { name: 'kubeconfig' }).fill(t.kube.kubeconfig());
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'first' }));
    await t.sees(page.getByText('可连接', { exact: true }));
    await t.sees(page.getByText(/^v1\.\d+/));

    await page.getByRole('button', { name: '授权', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: '授权' });
    await dialog.getByRole('combobox', { name: '授权给' }).click();
    await page.getByRole('option', { name: 'team' }).click();
    await dialog.getByRole('combobox', { name: 'Kubernetes Namespace' }).fill('shop');
    await page.keyboard.press('Enter');
    await t.accessible(page);
    await dialog.getByRole('button', { name: '保存' }).click();
    await t.gone(dialog);
    await t.sees(page.getByRole('table', { name: '授权' }).getByText('shop'));
    await t.sees(page.getByRole('group', { name: 'RBAC' }).getByText('deployments'));
    await t.sees(page.getByRole('button', { name: '复制RBAC' }));
    await page.getByRole('button', { name: '检查' }).click();
    await t.sees(page.getByText('可连接，权限齐全'));
    assert.ok(!(await page.content()).includes('client-key-data'), 'the credential is not shown');

    await page.getByRole('button', { name: 'first的操作' }).click();
    await page.getByRole('menuitem', { name: '编辑' }).click();
    await page.getByRole('textbox', { name: '名称' }).fill('renamed');
    await page.getByRole('button', { name: '保存' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'renamed' }));

    await page.goto('/clusters');
    const row = page.getByRole('row').filter({ hasText: 'renamed' });
    await t.sees(row.getByText('1个命名空间'));
    await row.getByRole('link', { name: 'renamed' }).click();
    await page.getByRole('button', { name: 'renamed的操作' }).click();
    await page.getByRole('menuitem', { name: '删除集群' }).click();
    const confirm = page.getByRole('dialog', { name: '删除renamed' });
    await t.sees(confirm.getByText('1个命名空间的授权'));
    await confirm.getByRole('textbox').fill('renamed');
    await confirm.getByRole('button', { name: '删除集群' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: '集群' }));
    await t.gone(page.getByRole('link', { name: 'renamed' }));
  },

  'five lists choose a container, the push updates it, and its rollout is seen': async (t) => {
    await addCluster(t, 'prod', '广州');
    await addCluster(t, 'edge', '上海');
    const page = await t.signIn({ to: `/images/${image}/-/triggers/-/new` });
    await page.getByRole('textbox', { name: '触发器名称' }).fill('prod-web');
    const pick = async (list, option) => {
      await page.getByRole('combobox', { name: list }).click();
      await page.getByRole('option', { name: option, exact: true }).click();
    };
    await pick('地域', '广州');
    // Lists of one are chosen by themselves.
    await page.waitForFunction(() => [...document.querySelectorAll('input')].some((field) => field.value === 'shop'));
    await pick('服务', 'web');
    await pick('容器镜像', 'app');
    await t.sees(page.getByText('hub.example.cn/team/web:v0'));
    await t.accessible(page);
    await page.getByRole('checkbox', { name: '失败时回滚' }).check();
    await page.getByRole('button', { name: '保存' }).click();
    // Nothing lets the pods pull the private image: it is said at once, and mended there.
    const warned = page.getByRole('dialog', { name: '已保存，但有需要处理的问题' });
    await t.sees(warned.getByText('prod/shop/deployment/web/app'));
    await t.accessible(page);
    await t.show(page, 'trigger-warning');
    await warned.getByRole('button', { name: '写入拉取密钥' }).click();
    await t.sees(warned.getByText(/^已将.+写入shop/));
    await warned.getByRole('button', { name: '关闭' }).click();
    await t.sees(page.getByRole('row').filter({ hasText: 'prod-web' }).getByText('prod/shop/deployment/web/app'));

    await page.getByRole('button', { name: 'prod-web的操作' }).click();
    await page.getByRole('menuitem', { name: '立即执行' }).click();
    const dialog = page.getByRole('dialog', { name: '立即执行prod-web' });
    await dialog.getByRole('combobox', { name: '镜像版本' }).click();
    await page.getByRole('option', { name: 'v1', exact: true }).click();
    await dialog.getByRole('button', { name: /^预览更新/ }).click();
    await t.sees(dialog.getByText(/hub\.example\.cn\/team\/web:v1@sha256:/));
    await dialog.getByRole('button', { name: '取消' }).click();

    const digest = await t.server.push(image, 'v2');
    await until(async () => (await t.kube.readImage('shop', 'web')).endsWith(`:v2@${digest}`), 30_000, () => 'the workload got no new image');
    await t.kube.setRollout('shop', 'web', { updated: 2, available: 1 });
    await page.goto(`/images/${image}/-/triggers/deliveries`);
    await page.getByRole('link', { name: 'prod-web' }).click();
    await t.sees(page.getByText('更新中'));
    // The page follows by itself.
    await page.getByText('2/3已更新').first().waitFor({ timeout: 60_000 });
    await t.show(page, 'rollout');
    await t.accessible(page);
    await t.kube.setRollout('shop', 'web', { updated: 3, available: 3 });
    await page.getByText('更新成功').first().waitFor({ timeout: 60_000 });
    assert.equal((await t.server.call('GET', api('/trigger-deliveries?trigger=prod-web'))).items[0].state, 'succeeded');
  },

  'a workload that vanished stays chosen and says so': async (t) => {
    await addCluster(t, 'gone', '北京');
    await t.kube.addDeployment('shop', 'brief', { app: 'hub.example.cn/team/web:v0' });
    await t.server.call('POST', api('/triggers'), {
      name: 'brief',
      condition: { kind: 'tags', text: 'never' },
      actions: [{ kind: 'workload', cluster: 'gone', cluster_namespace: 'shop', workload_kind: 'deployment', workload: 'brief', container: 'app' }],
    });
    await t.kube.call('DELETE', '/apis/apps/v1/namespaces/shop/deployments/brief');
    const page = await t.signIn({ language: 'en', to: `/images/${image}/-/triggers/brief` });
    await t.sees(page.getByText('Gone'));
    assert.equal(await page.getByRole('combobox', { name: 'Workload' }).inputValue(), 'brief');
  },

  'a cluster that does not answer is said where its workloads would be, and asked again': async (t) => {
    await addCluster(t, 'lost', '西安');
    const page = await t.signIn({ language: 'en', to: `/images/${image}/-/triggers/-/new` });
    await page.route('**/workloads', (route) => route.abort());
    await page.getByRole('combobox', { name: 'Region' }).click();
    await page.getByRole('option', { name: '西安' }).click();
    await t.sees(page.getByRole('button', { name: 'Retry', exact: true }));
    await page.unroute('**/workloads');
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.getByRole('combobox', { name: 'Workload' }).click();
    await t.sees(page.getByRole('option', { name: 'queue' }));
  },

  'clusters in every variant': async (t) => {
    await addLooks(t);
    await t.inEveryVariant('clusters', async (page) => {
      await page.goto('/clusters');
      await t.sees(page.getByRole('link', { name: 'looks' }));
    });
  },

  'a cluster in every variant': async (t) => {
    await addLooks(t);
    await t.inEveryVariant('cluster', async (page) => {
      await page.goto('/clusters/looks');
      await t.sees(page.getByRole('group', { name: 'RBAC' }));
    });
  },

  'the pickers in every variant': async (t) => {
    await addLooks(t);
    await t.inEveryVariant('workload-picker', async (page, { language }) => {
      await page.goto(`/images/${image}/-/triggers/-/new`);
      await page.getByRole('combobox', { name: language === 'zh' ? '地域' : 'Region' }).click();
      await page.getByRole('option', { name: '深圳' }).click();
      await page.waitForFunction(() => [...document.querySelectorAll('input')].some((field) => field.value === 'shop'));
    });
  },
};

export const cases = { ...withoutCluster, ...(programs.length === 0 && withCluster) };
