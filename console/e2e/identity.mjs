// The identity provider of tests/oidc: a real one, which signs in whoever it was told of last.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startProgram } from './programs.mjs';

const folder = fileURLToPath(new URL('../../tests/oidc', import.meta.url));

/** Starts it; nothing where `make test-deps` did not install it. */
export async function startIdentityProvider() {
  if (!existsSync(`${folder}/node_modules/oidc-provider`)) return undefined;
  const child = startProgram('node', ['provider.mjs'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
  const issuer = await new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    child.ended.then(() => reject(new Error('the identity provider did not start')));
  });
  for (const part of [child, child.stdin, child.stdout]) part.unref();
  return {
    issuer,
    settings: {
      WHARF_EGRESS_ALLOW: new URL(issuer).host,
      WHARF_OIDC_ISSUER: issuer,
      WHARF_OIDC_CLIENT_ID: 'wharf',
      WHARF_OIDC_CLIENT_SECRET: 'a secret with %, + and &',
      WHARF_OIDC_NAME: 'Example',
      WHARF_OIDC_SCOPES: 'openid, profile, email, groups',
      WHARF_OIDC_ROLES: 'shop-dev=shop:developer',
    },
    /** Says who signs in next, and what is told of them. */
    name: (person) => fetch(`${issuer}/control`, { method: 'POST', body: JSON.stringify(person) }),
  };
}
