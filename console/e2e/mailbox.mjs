// A mail server of this machine: as much of SMTP (RFC 5321) as one sender needs, without TLS.
import { createServer } from 'node:net';

/** Starts it. `mails` are those that came, as they were sent; who writes to `nobody@…` is refused. */
export async function startMailbox() {
  const mails = [];
  const server = createServer((socket) => {
    const say = (line) => socket.write(`${line}\r\n`);
    let read = '';
    let data;
    say('220 mailbox');
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      read += bytes;
      for (let end = read.indexOf('\r\n'); end >= 0; end = read.indexOf('\r\n')) {
        const line = read.slice(0, end);
        read = read.slice(end + 2);
        if (data) {
          if (line !== '.') {
            data.push(line);
            continue;
          }
          mails.push(data.join('\n'));
          data = undefined;
          say('250 taken');
        } else if (/^RCPT TO:<nobody@/i.test(line)) say('550 no such mailbox');
        else if (/^DATA/i.test(line)) {
          data = [];
          say('354 go on');
        } else if (/^QUIT/i.test(line)) {
          say('221 bye');
          socket.end();
        } else say('250 well');
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, mails, stop: () => new Promise((resolve) => server.close(resolve)) };
}
