// A relying party on npm openid-client: one JSON request a line in, one JSON answer a line out.
// It checks what the library checks (iss, state, nonce, PKCE, every claim of the ID token) and nothing leniently.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// The packages are installed in tests/node, beside this folder and not above it.
const packages = createRequire(new URL('../node/package.json', import.meta.url));
const oidc = await import(pathToFileURL(packages.resolve('openid-client')));

let configuration;
let keyPair;
let decryptionKey;
let dpop;
let waiting;
const begun = new Map();

const AUTHENTICATION = {
  client_secret_basic: (client) => oidc.ClientSecretBasic(client.client_secret),
  client_secret_post: (client) => oidc.ClientSecretPost(client.client_secret),
  client_secret_jwt: (client) => oidc.ClientSecretJwt(client.client_secret),
  private_key_jwt: () => oidc.PrivateKeyJwt({ key: keyPair.privateKey, kid: 'relying-party' }),
  none: () => oidc.None(),
};

const DEEDS = {
  // Make a key pair of our own; the private half stays here.
  async make_key() {
    keyPair = await crypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'],
    );
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keyPair.publicKey);
    return { jwks: { keys: [{ kty, crv, x, y, kid: 'relying-party', use: 'sig', alg: 'ES256' }] } };
  },

  // Make the key pair that answers are encrypted to; the private half stays here.
  async make_decryption_key({ alg }) {
    const kind = alg === 'RSA-OAEP-256'
      ? { name: 'RSA-OAEP', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
      : { name: 'ECDH', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(kind, true, alg === 'RSA-OAEP-256' ? ['encrypt', 'decrypt'] : ['deriveBits']);
    decryptionKey = { key: pair.privateKey, alg, kid: 'decryption' };
    const { key_ops, ext, alg: _, ...jwk } = await crypto.subtle.exportKey('jwk', pair.publicKey);
    return { jwks: { keys: [{ ...jwk, kid: 'decryption', use: 'enc', alg }] } };
  },

  // Find the provider and become its client; what is signed and encrypted for it is checked as registered.
  async discover({ issuer, client }) {
    const { client_id, client_secret, token_endpoint_auth_method } = client;
    const algorithms = Object.fromEntries(Object.entries(client).filter(([name]) => name.endsWith('_signed_response_alg')));
    configuration = await oidc.discovery(
      new URL(issuer),
      client_id,
      { client_secret, id_token_signed_response_alg: 'RS256', ...algorithms },
      AUTHENTICATION[token_endpoint_auth_method](client),
      { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
    );
    if (decryptionKey) oidc.enableDecryptingResponses(configuration, ['A128CBC-HS256', 'A256GCM'], decryptionKey);
    dpop = undefined;
    return { metadata: configuration.serverMetadata() };
  },

  // Register as a client of the provider and become it (RFC 7591); the library checks the answer.
  async register({ issuer, metadata, initial_access_token }) {
    configuration = await oidc.dynamicClientRegistration(new URL(issuer), metadata, undefined, {
      initialAccessToken: initial_access_token,
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
    });
    return { client: configuration.clientMetadata() };
  },

  // From here on answers come as JWTs (JARM) and are checked as such.
  async expect_signed_answers() {
    oidc.useJwtResponseMode(configuration);
    return {};
  },

  // From here on every request proves possession of a new key (RFC 9449).
  async prove() {
    dpop = { DPoP: oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair('ES256')) };
    return {};
  },

  async client_credentials({ scope, resource }) {
    return { ...await oidc.clientCredentialsGrant(configuration, { scope, ...resource && { resource } }, dpop) };
  },

  // Ask for a device's codes; `redeem_device` waits for the person's answer.
  async begin_device({ scope }) {
    waiting = await oidc.initiateDeviceAuthorization(configuration, { scope });
    return waiting;
  },

  async redeem_device() {
    return tokens(await oidc.pollDeviceAuthorizationGrant(configuration, waiting, undefined, dpop));
  },

  // Build an authorization request; its state is the name of what `finish` then needs.
  // `way`: in the address, pushed (RFC 9126), signed (RFC 9101), or both.
  async begin({ redirect_uri, scope, parameters, way = '' }) {
    const code_verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    begun.set(state, { code_verifier, nonce });
    let asked = {
      redirect_uri,
      scope,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(code_verifier),
      code_challenge_method: 'S256',
      ...parameters,
    };
    let url = oidc.buildAuthorizationUrl(configuration, asked);
    if (way.includes('signed')) {
      url = await oidc.buildAuthorizationUrlWithJAR(configuration, asked, { key: keyPair.privateKey, kid: 'relying-party' });
      asked = Object.fromEntries(url.searchParams);
    }
    if (way.includes('pushed')) url = await oidc.buildAuthorizationUrlWithPAR(configuration, asked, dpop);
    return { url: url.href, state };
  },

  // Judge the authorization response and change its code for tokens.
  async finish({ callback, state, max_age }) {
    const { code_verifier, nonce } = begun.get(state);
    return tokens(await oidc.authorizationCodeGrant(configuration, new URL(callback), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: code_verifier,
      idTokenExpected: true,
      maxAge: max_age,
    }, undefined, dpop));
  },

  async userinfo({ access_token, sub }) {
    return oidc.fetchUserInfo(configuration, access_token, sub, dpop);
  },

  async refresh({ refresh_token }) {
    return tokens(await oidc.refreshTokenGrant(configuration, refresh_token, undefined, dpop));
  },

  async revoke({ token }) {
    await oidc.tokenRevocation(configuration, token);
    return {};
  },

  async introspect({ token }) {
    return oidc.tokenIntrospection(configuration, token);
  },

  async end_session(parameters) {
    return { url: oidc.buildEndSessionUrl(configuration, parameters).href };
  },
};

function tokens(response) {
  return { ...response, claims: response.claims() ?? null };
}

// What went wrong, down to the OAuth error code if there is one.
function refusal(error) {
  const { code, error: oauth, error_description, status, message } = error;
  return { refused: { code, error: oauth, error_description, status, message, cause: error.cause?.message } };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: deed, ...given } = JSON.parse(line);
  const answer = await DEEDS[deed](given).catch(refusal);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
