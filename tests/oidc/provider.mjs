// A real identity provider for the tests: whoever is named last by POST /control signs in without being asked.
// Prints its issuer as its first line. Ends with its standard input.

import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const people = new Map();
let next = null;

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(String(error));
  });
});
server.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      // A client on the person's own machine may come back to any port of it (RFC 8252, section 7.3).
      application_type: 'native',
      client_id: 'wharf',
      client_secret: 'a secret with %, + and &',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/auth/oidc/callback'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  cookies: { keys: ['a key of the tests'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
});
const answer = provider.callback();

async function handle(request, response) {
  if (request.url === '/control') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { sub, ...claims } = JSON.parse(Buffer.concat(chunks));
    people.set(sub, claims);
    next = sub;
    response.end('{}');
  } else if (request.url.startsWith('/interaction/')) {
    const details = await provider.interactionDetails(request, response);
    const { client_id: clientId, scope } = details.params;
    const grant = new provider.Grant({ accountId: next, clientId });
    grant.addOIDCScope(scope);
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(request, response, { login: { accountId: next }, consent });
  } else {
    await answer(request, response);
  }
}

console.log(issuer);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
