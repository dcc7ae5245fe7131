import assert from 'node:assert/strict';

const image = 'team/shop/web';

export async function prepare(server) {
  await server.call('POST', '/namespaces', { name: 'team' });
  server.digest = await server.push(image, 'v1.4.2', {
    history: [
      { created: '2026-11-22T07:31:26Z', created_by: 'COPY content.txt / # buildkit' },
      { created: '2026-11-22T07:31:27Z', created_by: '/bin/sh -c #(nop)  CMD ["/bin/true"]', empty_layer: true },
    ],
  });
}

const address = `/images/${image}/-/versions/v1.4.2`;

export const cases = {
  'the list leads to a version, which shows its steps, config and manifest, each with an address': async (t) => {
    const page = await t.signIn({ to: `/images/${image}/-/versions` });
    await page.getByRole('link', { name: 'v1.4.2' }).click();
    await t.sees(page.getByRole('heading', { level: 1, name: 'v1.4.2' }));
    assert.equal(new URL(page.url()).pathname, address);
    const steps = page.getByRole('table', { name: '层与历史' });
    await t.sees(steps.getByRole('cell', { name: 'COPY content.txt /', exact: true }));
    await t.sees(steps.getByRole('cell', { name: 'CMD ["/bin/true"]', exact: true }));
    await page.getByRole('button', { name: /^第1步/ }).click();
    await t.sees(steps.locator('[aria-current=true]').getByText('COPY content.txt /'));
    assert.equal(new URL(page.url()).searchParams.get('step'), '1');

    await page.getByRole('link', { name: '配置', exact: true }).click();
    await t.sees(page.getByRole('table', { name: '环境变量' }).getByRole('cell', { name: 'PATH', exact: true }));
    await t.sees(page.getByRole('table', { name: '标签' }).getByText('for a test'));
    await page.getByRole('link', { name: 'Manifest' }).click();
    await t.sees(page.getByRole('group', { name: 'Manifest' }).getByText(/"schemaVersion": 2/));
    assert.equal(new URL(page.url()).searchParams.get('view'), 'manifest');
    await page.reload();
    await t.sees(page.getByRole('group', { name: 'Manifest' }).getByText(/"schemaVersion": 2/));
  },

  'the commands name what is really there, for each tool': async (t) => {
    const page = await t.signIn({ language: 'en', to: `/images/${image}/-/usage` });
    await t.sees(page.getByText(`docker login ${t.server.host} -u admin`));
    await t.sees(page.getByText(`docker pull ${t.server.host}/${image}:v1.4.2`));
    await page.getByRole('link', { name: 'Kubernetes' }).click();
    await t.sees(page.getByText(/kubectl create secret docker-registry/));
    assert.equal(new URL(page.url()).searchParams.get('tool'), 'kubernetes');
    await page.getByRole('link', { name: 'Podman' }).click();
    await t.sees(page.getByText(`podman login --tls-verify=false ${t.server.host} -u admin`));
    await t.sees(page.getByText(`podman pull --tls-verify=false ${t.server.host}/${image}:v1.4.2`));
    await page.getByRole('link', { name: 'containerd' }).click();
    await t.sees(page.getByText(`ctr images pull --plain-http --user admin ${t.server.host}/${image}:v1.4.2`));
    await t.sees(page.getByText(`crictl pull --creds admin:<password> ${t.server.host}/${image}:v1.4.2`));
    assert.equal(new URL(page.url()).searchParams.get('tool'), 'containerd');
  },

  'the commands name the version that was pushed last, whatever it is called': async (t) => {
    await t.server.push('team/ordered', 'alpha');
    await t.server.push('team/ordered', 'beta');
    const page = await t.signIn({ to: '/images/team/ordered/-/usage' });
    await t.sees(page.getByText(`docker pull ${t.server.host}/team/ordered:beta`));
  },

  'a version that names something else from now on shows that, and an image that is made public elsewhere says so': async (t) => {
    const moving = 'team/moving';
    await t.server.push(moving, 'latest', { env: ['PATH=/bin', 'FIRST=1'] });
    const page = await t.signIn({ to: `/images/${moving}/-/versions/latest?view=config` });
    await t.sees(page.getByText('FIRST'));
    await t.server.push(moving, 'latest', { env: ['PATH=/bin', 'SECOND=1'] });
    await t.sees(page.getByText('SECOND'));
    await page.goto(`/images/${moving}/-/versions`);
    await t.sees(page.getByText('私有', { exact: true }));
    await t.server.call('PATCH', `/repositories/${encodeURIComponent(moving)}`, { public: true });
    await t.sees(page.getByText('公有', { exact: true }));
  },

  'an image is made public, and says so': async (t) => {
    const page = await t.signIn({ language: 'en', to: `/images/${image}/-/settings` });
    await page.getByRole('radio', { name: 'Public' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    // Beside the name too, once the server has taken it; the radio's own word is there all the time.
    await t.sees(page.getByText('Public', { exact: true }).nth(1));
    await t.sees(page.getByRole('main').getByText('Saved', { exact: true }));
    const { public: open } = await t.server.call('GET', `/repositories/${encodeURIComponent(image)}`);
    assert.equal(open, true);
  },

  'whoever only reads has no settings': async (t) => {
    await t.server.call('PATCH', `/repositories/${encodeURIComponent(image)}`, { public: true });
    const reader = await t.server.addUser('reader');
    const page = await t.signIn({ login: reader, to: `/images/${image}/-/usage` });
    await t.sees(page.getByText(`docker pull ${t.server.host}/${image}:v1.4.2`));
    assert.equal(await page.getByRole('link', { name: '设置', exact: true }).count(), 0);
    assert.equal(await page.getByText(/docker push/).count(), 0);
  },

  'a version in each variant': async (t) => {
    await t.inEveryVariant('version', async (page) => {
      await page.goto(address);
      await t.sees(page.getByText('COPY content.txt /'));
    });
  },

  'the usage guide in each variant': async (t) => {
    await t.inEveryVariant('usage', async (page) => {
      await page.goto(`/images/${image}/-/usage`);
      await t.sees(page.getByText(`docker pull ${t.server.host}/${image}:v1.4.2`));
    });
  },

  'settings in each variant': async (t) => {
    await t.inEveryVariant('settings', async (page) => {
      await page.goto(`/images/${image}/-/settings`);
      await t.sees(page.getByRole('radio').first());
      // The tab that is open is seen, also where all of them are wider than the window.
      const { width } = page.viewportSize();
      await page.waitForFunction((most) => document.querySelector('main nav [aria-current="page"]')?.getBoundingClientRect().right <= most, width);
    });
  },
};
