import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import Provider, { interactionPolicy } from 'oidc-provider';

/** Somebody whom the provider can vouch for: their claims beside `sub`, and the assurance they sign in with. */
export type ProviderUser = { sub: string; acr?: string; claims: Record<string, unknown> };

export const loa2 = 'http://id.elegnamnden.se/loa/1.0/loa2';
export const loa3 = 'http://id.elegnamnden.se/loa/1.0/loa3';
export const loa4 = 'http://id.elegnamnden.se/loa/1.0/loa4';
export const claim = (name: string) => `https://id.oidc.se/claim/${name}`;
const names = ['personalIdentityNumber', 'coordinationNumber', 'previousCoordinationNumber', 'orgAffiliation'];
const released = [...names.map(claim), 'employeeHsaId', 'name'];

export type TestProvider = Awaited<ReturnType<typeof startProvider>>;

/**
 * A real OpenID provider (`oidc-provider`) on a socket of its own. Whoever comes is signed in as `user`, or where it is
 * null asked on a page. What it answers can be spoilt on its way.
 */
export async function startProvider(client: { origin: string; fetch?: typeof fetch }) {
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const clientId = 'samsyn-test';
  const users = new Map<string, ProviderUser>();
  const state = {
    user: null as ProviderUser | null,
    /** Changes an ID token before it is signed again, with the provider's own key unless another is given. */
    tamper: null as ((claims: JWTPayload) => { claims?: JWTPayload; key?: JWK; kid?: string }) | null,
    /** Answers every request with this status instead. */
    down: 0,
    endedSessions: 0,
    asked: [] as string[],
  };
  let key: JWK;
  let provider: Provider;
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;

  const newKey = async (kid: string): Promise<JWK> => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    return { ...(await exportJWK(pair.privateKey)), kid, alg: 'ES256', use: 'sig' };
  };

  /** New keys, as after a rotation: the old ones are gone at once. */
  async function rotate(kid = `key-${Date.now()}`): Promise<void> {
    key = await newKey(kid);
    const policy = interactionPolicy.base();
    // So that somebody with too weak an e-ID can be sent back with what they have.
    policy.get('login')?.checks.remove('essential_acrs');
    provider = new Provider(issuer, {
      jwks: { keys: [key] },
      clients: [
        {
          ...{ client_id: clientId, client_secret: 'a secret of sixty-four characters at the very least, for tests' },
          redirect_uris: [`${client.origin}/logga-in/oidc/svar`],
          post_logout_redirect_uris: [`${client.origin}/logga-ut/klar`],
          ...{ id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'client_secret_basic' },
          backchannel_logout_uri: `${client.origin}/logga-in/oidc/utloggad`,
          backchannel_logout_session_required: true,
        },
      ],
      acrValues: [loa2, loa3, loa4],
      claims: { acr: null, sid: null, iss: null, openid: ['sub'], person: released },
      scopes: ['openid', 'person'],
      cookies: { keys: ['only for tests'] },
      pkce: { required: () => true },
      features: {
        devInteractions: { enabled: false },
        claimsParameter: { enabled: true },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true, logoutSource },
      },
      interactions: { policy, url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ sub, ...users.get(sub)?.claims }) }),
      async loadExistingGrant(ctx) {
        const { oidc } = ctx;
        const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session?.accountId as string });
        grant.addOIDCScope('openid person');
        grant.addOIDCClaims(released);
        await grant.save();
        return grant;
      },
      fetch: (url: string | URL | Request, init?: RequestInit) => (client.fetch ?? fetch)(String(url), init),
      ttl: { Session: 3_600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    } as ConstructorParameters<typeof Provider>[1]);
    provider.on('end_session.success', () => state.endedSessions++);
    handle = provider.callback() as typeof handle;
  }

  /** Signs out at once, as a provider without a page of its own for it does. */
  async function logoutSource(ctx: { body?: unknown; type?: string }, form: string) {
    ctx.type = 'html';
    ctx.body = `<!DOCTYPE html><html lang="en"><title>Sign out</title><h1>Sign out of the e-ID service?</h1>${form}
      <button form="op.logoutForm" name="logout" value="yes">Yes</button></html>`;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    state.asked.push(path.split('?')[0] ?? '');
    if (state.down > 0) {
      response.writeHead(state.down, { 'content-type': 'text/html' }).end('<p>Closed</p>');
      return;
    }
    if (path.startsWith('/interaction/')) return interact(request, response, path);
    if (path === '/token' && state.tamper) spoil(response, state.tamper);
    await handle(request, response);
  }

  async function interact(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const picked = new URL(path, issuer).searchParams.get('sub');
    const user = state.user ?? users.get(picked ?? '');
    if (!user) {
      const links = [...users.keys()].map((sub) => `<a href="?sub=${sub}">${sub}</a>`).join(' ');
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(
          `<!DOCTYPE html><html lang="en"><title>e-ID</title><main><h1>Who are you?</h1><p>${links}</p></main></html>`,
        );
      return;
    }
    const { prompt } = await provider.interactionDetails(request, response);
    const result =
      prompt.name === 'login' ? { login: { accountId: user.sub, acr: user.acr ?? loa3 } } : { consent: {} };
    await provider.interactionFinished(request, response, result);
  }

  /** Takes the ID token out of what the token endpoint answers, and puts another in its place. */
  function spoil(response: ServerResponse, tamper: NonNullable<typeof state.tamper>): void {
    const end = response.end.bind(response) as (chunk: string) => ServerResponse;
    response.end = ((chunk: string | Buffer) => {
      void (async () => {
        const answer = JSON.parse(String(chunk));
        const [, payload = ''] = String(answer.id_token ?? '').split('.');
        if (payload) {
          const { claims, ...by } = tamper(JSON.parse(Buffer.from(payload, 'base64url').toString()));
          answer.id_token = await sign(claims ?? {}, by.key ?? key, by.kid ?? (by.key ?? key).kid);
        }
        const text = JSON.stringify(answer);
        response.setHeader('content-length', Buffer.byteLength(text));
        end(text);
      })();
      return response;
    }) as typeof response.end;
  }

  const sign = async (claims: JWTPayload, by = key, kid = by.kid, typ = 'JWT') =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid, typ }).sign(await importJWK(by, 'ES256'));

  await rotate('first');
  return {
    issuer,
    clientId,
    users,
    state,
    rotate,
    newKey,
    sign,
    keyId: () => String(key.kid),
    env: {
      ...{ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_ACR: loa3 },
      OIDC_CLIENT_SECRET: 'a secret of sixty-four characters at the very least, for tests',
    },
    /** Signs in as `user`, like a browser that follows every redirect; the path it is sent back to. */
    async follow(url: string, user: ProviderUser, jar = new Map<string, string>()): Promise<string> {
      users.set(user.sub, user);
      state.user = user;
      for (let at = url, hops = 0; hops < 12; hops++) {
        if (at.startsWith(client.origin)) return at.slice(client.origin.length);
        const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
        const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
        for (const set of response.headers.getSetCookie()) {
          const [name = '', value = ''] = (set.split(';')[0] ?? '').split(/=(.*)/s);
          if (value === '') jar.delete(name);
          else jar.set(name, value);
        }
        const next = response.headers.get('location');
        if (!next) throw new Error(`the provider stopped: ${response.status} ${await response.text()}`);
        at = new URL(next, at).href;
      }
      throw new Error('the provider goes round in circles');
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => {});
    },
  };
}
