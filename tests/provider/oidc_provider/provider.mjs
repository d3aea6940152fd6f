// An OpenID Connect provider as anybody would run it: `oidc-provider` on loopback, told by JSON on standard input.
//
// {
//   "port": where it listens, "keys": private keys (JWK), the first of its kind signs, "algorithm": of access tokens,
//   "audience": of access tokens, "clients": [{"id", "redirect_uri"}],
//   "people": {login: claims that name them}, "seconds": how long an access token counts,
//   "clock": seconds that its clock is ahead
// }
//
// It writes one line when it listens. Whoever knows a login may sign in as that person: its pages are the library's own.

import { text } from "node:stream/consumers";

const given = JSON.parse(await text(process.stdin));
if (given.clock) {
  const now = Date.now;
  Date.now = () => now() + given.clock * 1000;
}
const { Provider } = await import("oidc-provider");

const issuer = `http://127.0.0.1:${given.port}`;
const api = "https://keyaccount.example/api";

const provider = new Provider(issuer, {
  clients: given.clients.map(({ id, redirect_uri }) => ({
    client_id: id,
    redirect_uris: [redirect_uri],
    application_type: "native",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code"],
    response_types: ["code"],
  })),
  jwks: { keys: given.keys },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "Ed25519"] },
  clientDefaults: { id_token_signed_response_alg: given.algorithm },
  scopes: ["openid", "email"],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["for tests"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...given.people[id] }) }),
  extraTokenClaims: (_, token) => given.people[token.accountId],
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => api,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: "openid",
        audience: resource === api ? given.audience : resource,
        accessTokenTTL: given.seconds,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: given.algorithm } },
      }),
    },
  },
});

provider.listen(given.port, "127.0.0.1", () => console.log(`listening at ${issuer}`));
