// A real Kubernetes API: etcd and kube-apiserver as child processes. No controllers: a case writes what they would write.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startProgram } from './programs.mjs';
import { until } from './server.mjs';

/** It starts in seconds on an idle machine; builds beside it can make that a minute. */
const START_LIMIT = 120_000;

/** Where `make test-deps` keeps programs, then the path. */
function findProgram(name) {
  const folders = [join(process.env.WHARF_CACHE ?? join(homedir(), '.cache/wharf'), 'tools/bin'), ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

const encode = (bytes) => bytes.toString('base64');

/** Which programs are missing; nothing when a cluster can be started. */
export const missingPrograms = () => ['etcd', 'kube-apiserver', 'openssl'].filter((name) => !findProgram(name));

/** Starts one; `stop()` ends it and removes its data. */
export async function startKube() {
  const folder = await mkdtemp(join(tmpdir(), 'wharf-console-kube-'));
  const file = (name) => join(folder, name);
  makeCertificates(folder);
  const [etcdPort, peerPort, port] = await findPorts(3);
  const [etcdUrl, peerUrl] = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`];
  const children = [];
  const run = (name, flags) => {
    children.push(startProgram(findProgram(name), flags, { cwd: folder, stdio: 'ignore' }));
  };
  run('etcd', [
    `--data-dir=${file('etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
  ]);
  run('kube-apiserver', [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--tls-cert-file=${file('server.crt')}`,
    `--tls-private-key-file=${file('server.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('accounts.pub')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    '--enable-priority-and-fairness=false',
  ]);
  const [ca, certificate, key] = await Promise.all(['ca.crt', 'admin.crt', 'admin.key'].map((name) => readFile(file(name))));
  const kube = new Kube(port, { ca, cert: certificate, key });
  kube.stop = async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.ended));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(async () => (await kube.call('GET', '/readyz')) === 'ok', START_LIMIT, () => 'kube-apiserver did not start');
  } catch (error) {
    await kube.stop();
    throw error;
  }
  return kube;
}

export class Kube {
  constructor(port, identity) {
    this.url = `https://127.0.0.1:${port}`;
    this.identity = identity;
  }

  /** The administrator's kubeconfig with everything inline. It is JSON, which is YAML. */
  kubeconfig() {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server: this.url, 'certificate-authority-data': encode(this.identity.ca) } }],
      users: [{ name: 'admin', user: { 'client-certificate-data': encode(this.identity.cert), 'client-key-data': encode(this.identity.key) } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    });
  }

  /** One request as the administrator. Answers JSON or text; throws where it is refused. */
  call(method, path, body, type = 'application/json') {
    return new Promise((resolve, reject) => {
      const asked = request(`${this.url}${path}`, { method, ...this.identity, headers: body && { 'Content-Type': type } }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => {
          if (response.statusCode >= 300) reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
          else resolve(response.headers['content-type']?.includes('json') ? JSON.parse(text) : text);
        });
      });
      asked.on('error', reject);
      asked.end(body && JSON.stringify(body));
    });
  }

  addNamespace(name) {
    return this.call('POST', '/api/v1/namespaces', { metadata: { name } });
  }

  /** A Deployment of three pods whose rollout is over. */
  async addDeployment(namespace, name, containers) {
    const labels = { app: name };
    await this.call('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata: { name },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: Object.entries(containers).map(([each, image]) => ({ name: each, image })) } },
      },
    });
    await this.setRollout(namespace, name, { updated: 3, available: 3 });
  }

  /** The Deployment's three pods, ready, with the image it is told to run: what its controllers and the nodes would make. */
  async addPods(namespace, name) {
    const { spec } = await this.call('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    const { containers } = spec.template.spec;
    const hash = '7c5d8f';
    await this.call('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
    for (const number of [1, 2, 3]) {
      const pod = `${name}-${hash}-${number}`;
      await this.call('POST', `/api/v1/namespaces/${namespace}/pods`, {
        metadata: {
          name: pod,
          labels: { ...spec.template.metadata.labels, 'pod-template-hash': hash },
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-${hash}`, uid: '00000000-0000-4000-8000-000000000001', controller: true }],
        },
        spec: { containers: containers.map(({ name: container, image }) => ({ name: container, image })) },
      });
      const containerStatuses = containers.map(({ name: container, image }) => ({ name: container, ready: true, restartCount: 0, image, imageID: image }));
      const status = { phase: 'Running', startTime: new Date().toISOString(), containerStatuses };
      await this.call('PATCH', `/api/v1/namespaces/${namespace}/pods/${pod}/status`, { status }, 'application/merge-patch+json');
    }
  }

  async readImage(namespace, name) {
    const { spec } = await this.call('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    return spec.template.spec.containers[0].image;
  }

  /** What the Deployment's controller would say: so many of three pods are new, so many of those can be used. */
  async setRollout(namespace, name, { updated, available, total = 3 }) {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
    const { metadata } = await this.call('GET', path);
    const status = {
      observedGeneration: metadata.generation,
      replicas: total,
      updatedReplicas: updated,
      readyReplicas: available,
      availableReplicas: available,
      conditions: [{ type: 'Progressing', status: 'True', reason: updated === 3 && available === 3 ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated', lastUpdateTime: new Date().toISOString() }],
    };
    await this.call('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
  }
}

async function findPorts(count) {
  const probes = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve, reject) => {
      const probe = createServer().on('error', reject);
      probe.listen(0, '127.0.0.1', () => resolve(probe));
    })),
  );
  const ports = probes.map((probe) => probe.address().port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}

/** An authority, the API server's certificate, the administrator's, and the key that signs tokens of accounts. */
function makeCertificates(folder) {
  const openssl = (...flags) => execFileSync(findProgram('openssl'), flags, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=kubernetes of a test');
  const issue = (name, subject, extensions) => {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${name}.crt`, '-days', '2', '-extfile', extensions);
  };
  execFileSync('sh', ['-c', 'printf "subjectAltName=IP:127.0.0.1,DNS:localhost\\nextendedKeyUsage=serverAuth\\n" > server.ext; printf "extendedKeyUsage=clientAuth\\n" > admin.ext'], { cwd: folder });
  issue('server', '/CN=kube-apiserver', 'server.ext');
  issue('admin', '/CN=admin/O=system:masters', 'admin.ext');
  openssl('genrsa', '-out', 'accounts.key', '2048');
  openssl('rsa', '-in', 'accounts.key', '-pubout', '-out', 'accounts.pub');
}
