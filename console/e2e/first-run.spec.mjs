// A server that nobody has pushed to.

export async function prepare(server) {
  return { reader: await server.addUser('li.wei') };
}

export const cases = {
  'the first steps are whole in every variant': async (t) => {
    await t.inEveryVariant('first-image', (page) => t.sees(page.getByText(`docker login ${t.server.host} -u li.wei`)), { login: t.reader });
  },

  'somebody without an image learns the three commands': async (t) => {
    const page = await t.signIn({ login: t.reader });
    await t.sees(page.getByRole('heading', { name: '从第一个镜像开始' }));
    const push = `docker push ${t.server.host}/li.wei/hello:v1`;
    await t.sees(page.getByText(push));
    await t.sees(page.getByRole('button', { name: '复制推送命令' }));
    await t.sees(page.getByText('等待第一次推送…'));
  },
};
