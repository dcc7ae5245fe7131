// From the printed password to a rollout, as somebody goes who has never seen a command line: everything by clicks and typing.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { startGit } from './git.mjs';
import { missingPrograms, startKube } from './kube.mjs';
import { startServer, until } from './server.mjs';
import { speak } from './words.mjs';

/** The one program in the image that is built. */
const BUSYBOX = '/usr/bin/busybox';

/** What takes builds and clusters seconds (ms) takes them many where the machine is busy. */
const PATIENCE = 90_000;

/** Why nothing here can be tried. */
export const missing = () => {
  const programs = [...missingPrograms(), ...(existsSync(BUSYBOX) ? [] : [BUSYBOX])];
  return programs.length > 0 ? `the whole way needs ${programs.join(', ')} (make test-deps)` : '';
};

/** Code and cluster are on this machine; a server of plain Git says nothing of pushes and is asked each second. */
const settings = { WHARF_EGRESS_ALLOW: '127.0.0.1', WHARF_BUILD_POLL_SECONDS: '1' };

export async function prepare(server) {
  const git = await startGit();
  const kube = await startKube();
  const stop = server.stop;
  server.stop = async () => {
    await stop();
    await kube.stop();
  };
  return { git, kube };
}

/** What nodes call the registry: this machine's own address means each of them itself. */
const registry = 'hub.example.cn';

const lines = 20;
const dockerfile = `FROM scratch
COPY --chmod=755 busybox /bin/sh
RUN --network=none i=1; while [ $i -le ${lines} ]; do echo "line $i of the build"; sleep 0.3; i=$((i+1)); done
`;

/** What one person has: a page and its language, a part of the cluster and a repository of their own. */
async function travel(t, language, region) {
  // A password is printed once for each server.
  const server = await startServer(settings, { printed: true });
  const part = `shop-${language}`;
  const remote = `${language}/shop.git`;
  try {
    await t.kube.addNamespace(part);
    await t.kube.addDeployment(part, 'web', { app: `${registry}/shop/web:v0` });
    await t.git.commit(remote, { 'README.md': '# Shop\n' }, { message: 'Begin' });
    const trip = { t, page: await t.open({ language, server }), say: speak(language), server, part, remote, region };
    await signIn(trip);
    await makeNamespace(trip);
    await addCluster(trip);
    await connectSource(trip);
    await makeImage(trip);
    await addTrigger(trip);
    await watchBuild(trip);
    await watchRollout(trip);
    await followTrace(trip);
  } finally {
    await server.stop();
  }
}

const field = ({ page }, name) => page.getByRole('textbox', { name, exact: true });
const press = ({ page }, name) => page.getByRole('button', { name, exact: true }).click();
const follow = ({ page }, name) => page.getByRole('link', { name, exact: true }).first().click();
const sees = ({ t, page }, name) => t.sees(page.getByRole('heading', { level: 1, name, exact: true }));

/** A place of the sidebar. */
const goTo = ({ page, say }, place) => page.getByRole('navigation', { name: say('core.navigation') }).getByRole('link', { name: say(`core.nav.${place}`), exact: true }).click();

/** A tab of the image. */
const openTab = ({ page, say }, tab) => page.getByRole('navigation', { name: 'shop/web' }).getByRole('link', { name: say(`images.tab.${tab}`), exact: true }).click();

async function pick({ page }, list, option) {
  await page.getByRole('combobox', { name: list, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

async function signIn(trip) {
  const { page, say, server, t } = trip;
  const own = 'a password of my own';
  await page.goto('/');
  await field(trip, say('core.username')).fill(server.admin.username);
  await t.show(page, `journey-${trip.part}-01-start`);
  await field(trip, say('core.password')).fill(server.admin.password);
  await press(trip, say('core.sign_in'));
  await sees(trip, say('core.set_password'));
  await field(trip, say('core.current_password')).fill(server.admin.password);
  await field(trip, say('core.new_password')).fill(own);
  await field(trip, say('core.password_again')).fill(own);
  await press(trip, say('core.save'));
  await sees(trip, say('core.nav.images'));
  await t.show(page, `journey-${trip.part}-02-images`);
}

async function makeNamespace(trip) {
  const { say } = trip;
  await goTo(trip, 'namespaces');
  await follow(trip, say('core.create_namespace'));
  await field(trip, say('core.name')).fill('shop');
  await press(trip, say('core.save'));
  await sees(trip, 'shop');
  await trip.t.show(trip.page, `journey-${trip.part}-03-namespace`);
}

/** What an administrator does beforehand. */
async function addCluster(trip) {
  const { page, say, t, part, region } = trip;
  await goTo(trip, 'clusters');
  await follow(trip, say('clusters.add'));
  await field(trip, say('clusters.name')).fill('prod');
  await field(trip, say('clusters.region')).fill(region);
  await field(trip, say('clusters.registry_host')).fill(registry);
  await field(trip, 'kubeconfig').fill(t.kube.kubeconfig());
  await pick(trip, say('clusters.grant_to'), 'shop');
  await page.getByRole('combobox', { name: say('clusters.kube_namespaces') }).fill(part);
  await press(trip, say('core.save'));
  await sees(trip, 'prod');
  await t.sees(page.getByText(say('core.state.reachable'), { exact: true }));
  await t.sees(page.getByRole('table', { name: say('clusters.grants') }).getByText(part));
  await t.show(page, `journey-${trip.part}-04-cluster`);
}

async function connectSource(trip) {
  const { page, say, t } = trip;
  await goTo(trip, 'sources');
  await follow(trip, say('sources.add'));
  await page.getByRole('radio', { name: say('sources.plain_git') }).check();
  await field(trip, say('sources.server')).fill(t.git.url);
  await press(trip, say('sources.connect'));
  await t.sees(page.getByText(say('sources.connected', { name: t.git.host })));
  await t.show(page, `journey-${trip.part}-05-source`);
}

async function makeImage(trip) {
  const { page, say, t } = trip;
  await follow(trip, say('sources.build_image'));
  await sees(trip, say('images.new'));
  await pick(trip, say('core.namespace'), 'shop');
  await field(trip, say('images.name')).fill('web');
  await field(trip, say('rules.git_path')).fill(trip.remote);
  await page.getByRole('combobox', { name: say('rules.branch_patterns') }).fill('master');
  await t.sees(page.getByRole('table', { name: say('rules.preview') }).getByText('master').first());
  await t.show(page, `journey-${trip.part}-06-image`);
  await press(trip, say('core.save'));
  await sees(trip, 'shop/web');
  await t.sees(page.getByText(`${t.git.host}/${trip.remote}`));
  await t.sees(page.getByText(say('builds.empty')));
  await t.show(page, `journey-${trip.part}-07-rule`);
}

async function addTrigger(trip) {
  const { page, say, t, part, region } = trip;
  await openTab(trip, 'triggers');
  await follow(trip, say('triggers.add'));
  await field(trip, say('triggers.name')).fill('prod-web');
  await pick(trip, say('triggers.region'), region);
  // Lists of one are chosen by themselves: the cluster and the part of it.
  await pick(trip, say('triggers.workload'), 'web');
  await t.sees(page.getByText(`${registry}/shop/web:v0`));
  await t.show(page, `journey-${trip.part}-08-trigger`);
  await press(trip, say('core.save'));
  // Nothing lets the pods pull the private image yet: it is said at once, and mended there.
  const warned = page.getByRole('dialog', { name: say('triggers.saved_but') });
  await warned.getByRole('button', { name: say('triggers.write_pull_secret') }).click();
  await t.sees(warned.getByText(say('triggers.pull_secret_written', { name: 'wharf-pull-shop', kube: part, user: 'shop+shop-pull' })));
  await t.show(page, `journey-${trip.part}-09-pull-secret`);
  await warned.getByRole('button', { name: say('core.close'), exact: true }).first().click();
  await t.sees(page.getByRole('row').filter({ hasText: 'prod-web' }).getByText(`prod/${part}/deployment/web/app`));
  await t.show(page, `journey-${trip.part}-10-triggers`);
}

/** A developer pushes; the build is there by itself, and its log is watched to the end. */
async function watchBuild(trip) {
  const { page, say, t } = trip;
  await openTab(trip, 'builds');
  await t.sees(page.getByText(say('builds.empty')));
  await t.git.commit(trip.remote, { Dockerfile: dockerfile, busybox: await readFile(BUSYBOX) }, { message: 'Open the shop' });
  const record = page.getByRole('table', { name: say('builds.records') }).getByRole('link', { name: say('builds.title', { number: 1 }) });
  await record.waitFor({ timeout: PATIENCE });
  await t.show(page, `journey-${trip.part}-11-build`);
  await record.click();
  await sees(trip, say('builds.title', { number: 1 }));
  const log = page.getByRole('region', { name: say('builds.log') });
  const fifth = log.getByText('line 5 of the build', { exact: true });
  // Where the machine is slow the build is over before its page is there, and a log that is over is folded.
  await fifth.or(page.getByText(say('core.state.succeeded'), { exact: true })).first().waitFor({ timeout: PATIENCE });
  await t.show(page, `journey-${trip.part}-12-log`);
  const expand = page.getByRole('button', { name: say('builds.expand_all') });
  if (await expand.isVisible()) await expand.click();
  await t.sees(fifth);
  await log.getByText(`line ${lines} of the build`, { exact: true }).waitFor({ timeout: PATIENCE });
  await page.getByText(say('core.state.succeeded'), { exact: true }).first().waitFor({ timeout: PATIENCE });
  await t.sees(page.getByText('Open the shop'));
  await t.show(page, `journey-${trip.part}-13-built`);
}

/** The version is there, and its delivery tells of the rollout as it goes. The case plays the cluster's controllers. */
async function watchRollout(trip) {
  const { page, say, t, part } = trip;
  await follow(trip, 'web');
  await t.sees(page.getByRole('link', { name: 'master', exact: true }));
  await t.show(page, `journey-${trip.part}-14-versions`);
  await until(async () => (await t.kube.readImage(part, 'web')).includes('/shop/web:master@'), PATIENCE, () => 'the workload got no new image');
  await openTab(trip, 'triggers');
  await page.getByRole('row').filter({ hasText: 'prod-web' }).getByRole('link', { name: say('core.state.rolling_out') }).click();
  await sees(trip, 'prod-web · master');
  await t.kube.setRollout(part, 'web', { updated: 2, available: 1 });
  await page.getByText(say('triggers.updated', { updated: 2, desired: 3 })).waitFor({ timeout: PATIENCE });
  await t.show(page, `journey-${trip.part}-15-rollout`);
  await t.kube.addPods(part, 'web');
  await t.kube.setRollout(part, 'web', { updated: 3, available: 3 });
  await page.getByText(say('core.state.rolled_out'), { exact: true }).first().waitFor({ timeout: PATIENCE });
  await t.show(page, `journey-${trip.part}-16-rolled-out`);
}

/** Where the version came from and where it runs, in one picture. */
async function followTrace(trip) {
  const { page, say, t } = trip;
  await follow(trip, 'master');
  await sees(trip, 'master');
  await follow(trip, say('trace.title'));
  const way = page.getByRole('region', { name: say('trace.title') });
  const stage = (name) => way.getByRole('list', { name: say(name) });
  await t.sees(stage('trace.commit').getByText('Open the shop'));
  await t.sees(stage('trace.build').getByRole('link', { name: '#1' }));
  await t.sees(stage('trace.versions').getByRole('link', { name: 'master', exact: true }));
  await t.sees(stage('trace.triggers').getByRole('link', { name: 'prod-web' }));
  await t.sees(stage('trace.rollout').getByText('prod/web'));
  await t.sees(stage('trace.rollout').getByText(say('core.state.in_sync')));
  await t.sees(stage('trace.rollout').getByText('3/3'));
  await t.show(page, `journey-${trip.part}-17-trace`);
  await t.accessible(page);
}

export const cases = {
  'a person goes from the printed password to the rollout in Chinese': (t) => travel(t, 'zh', '广州'),
  'a person goes from the printed password to the rollout in English': (t) => travel(t, 'en', 'eu-west'),
};
