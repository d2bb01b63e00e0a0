// The peer: npm oidc-provider with Redis, one sign-in form, no password hashing and no consent page.
// Started with one JSON argument: {"port", "redis", "jwks", "clients"}.
import { createServer } from "node:http";
import { Redis } from "ioredis";
import { Provider } from "oidc-provider";
import { redisAdapter } from "./redis-adapter.mjs";

const given = JSON.parse(process.argv[2]);
const redis = new Redis(given.redis, { keyPrefix: "oidc:" });

const HOUR = 3600;

/** Grant at once all that is asked: the benchmark's clients are first-party. */
async function loadExistingGrant({ oidc }) {
  const known = oidc.session.grantIdFor(oidc.client.clientId);
  if (known) return oidc.provider.Grant.find(known);
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope("openid profile email offline_access");
  await grant.save();
  return grant;
}

const provider = new Provider(`http://localhost:${given.port}`, {
  adapter: redisAdapter(redis),
  clients: given.clients,
  jwks: given.jwks,
  cookies: { keys: ["a cookie key of a benchmark"] },
  claims: { openid: ["sub"], profile: ["name", "given_name", "family_name", "preferred_username"], email: ["email", "email_verified"] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    requestObjects: { enabled: true },
    // Ours asks for a nonce always.
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, "a nonce key of a benchmark"), requireNonce: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: (_, resource, client) => ({
        scope: "",
        audience: resource,
        accessTokenTTL: HOUR,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: client.idTokenSignedResponseAlg } },
      }),
    },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, username) => ({
    accountId: username,
    claims: () => ({
      sub: username,
      name: "Bench Person",
      given_name: "Bench",
      family_name: "Person",
      preferred_username: username,
      email: `${username}@example.com`,
      email_verified: true,
    }),
  }),
  loadExistingGrant,
  pkce: { required: () => true },
  // The two rules as they ship, but asking the client's grant types where they ask for the scope offline_access:
  // that scope would bring a consent page.
  issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  expiresWithSession: ({ oidc }) => !oidc.client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  ttl: { AccessToken: HOUR, AuthorizationCode: 60, Grant: 24 * HOUR, IdToken: HOUR, Interaction: HOUR, RefreshToken: 24 * HOUR, Session: 24 * HOUR },
});

const PAGE = `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1><form method="post">
<label>Username <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button>Sign in</button></form></html>`;

async function formOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function signIn(request, response) {
  if (request.method === "POST") {
    const form = await formOf(request);
    return provider.interactionFinished(request, response, { login: { accountId: form.get("username") } });
  }
  await provider.interactionDetails(request, response);
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(PAGE);
}

const serve = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return serve(request, response);
  signIn(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(given.port, "127.0.0.1");
