// Receives what triggers send: keeps each request, and answers what a case tells it to.
import { createServer } from 'node:http';

/** Starts one on a free port of loopback. `answer(status, body)` is what it says from then on; `requests` is what came. */
export async function startReceiver() {
  const requests = [];
  let says = { status: 200, body: '{"ok":true}' };
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(says.status, { 'Content-Type': 'application/json' });
      response.end(says.body);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    host: `127.0.0.1:${server.address().port}`,
    requests,
    answer: (status, body = '') => {
      says = { status, body };
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
