import { randomBytes } from 'node:crypto';
import type { Configuration, ServerMetadata } from 'openid-client';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import type { Clock } from '../clock.ts';
import { faultOf, type Log } from '../log.ts';

/** What a browser carries from the start of a sign-in to its end, sealed; all three are 256 random bits. */
export type Begun = { state: string; nonce: string; verifier: string };

/** What the provider vouches for. `issuer` is the configured one, which the token was checked against. */
export type Vouched = {
  issuer: string;
  claims: Readonly<Record<string, unknown>>;
  /** The ID token, wanted back at sign-out, where it stands in an address; empty when it tells who somebody is. */
  hint: string;
  sub: string;
  sid: string | null;
};

/**
 * An OpenID provider, by the Swedish profile (oidc-sweden 1.0): code flow, PKCE with S256, state, nonce, essential `acr`.
 * Refusal codes: `away` (it does not answer, or not as it should), `declined` (the visitor broke off), `expired` (the code
 * was used or too old), `assurance` (a weaker e-ID than is asked for), `clock` (its clock and ours differ), `untrusted`.
 */
export type IdentityProvider = {
  begin(): Promise<Decision<{ url: string; begun: Begun }>>;
  /** `query` is what the provider sent the browser back with. */
  finish(query: string, begun: Begun): Promise<Decision<Vouched>>;
  /** Where to sign out there too; null when it offers none. */
  signOutUrl(hint: string): Promise<string | null>;
  /** Whose sessions a back-channel logout token ends (OpenID Connect Back-Channel Logout 1.0 2.6). */
  readLogout(token: string): Promise<Decision<{ issuer: string; sub: string | null; sid: string | null }>>;
};

export type ProviderOptions = {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  /** Values of `acr` that are strong enough; any is when the list is empty. */
  acrValues: readonly string[];
  redirectUri: string;
  signedOutUri: string;
  scopes: readonly string[];
  claims: readonly string[];
  clock: Clock;
  log: Log;
};

const timeoutSeconds = 5;
const metadataMs = 3_600_000;
/** How far the provider's clock may be from ours. */
const toleranceSeconds = 30;
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const secret = () => randomBytes(32).toString('base64url');

/** Loads its library and asks the provider at the first sign-in: nothing else waits for either. */
export function createIdentityProvider(options: ProviderOptions): IdentityProvider {
  const { issuer, clientId, clientSecret, clock, log } = options;
  let known: { at: number; metadata: ServerMetadata; keys: ReturnType<typeof remoteKeys> } | null = null;

  const nowSeconds = () => Date.parse(clock.now()) / 1_000;
  const loaded = async () => ({ client: await import('openid-client'), jose: await import('jose') });
  const remoteKeys = (jose: typeof import('jose'), url: string) => jose.createRemoteJWKSet(new URL(url));

  async function discovered() {
    const { client, jose } = await loaded();
    if (!known || performance.now() - known.at > metadataMs) {
      const execute = insecure(client);
      const found = await client.discovery(new URL(issuer), clientId, {}, undefined, {
        timeout: timeoutSeconds,
        execute,
      });
      const metadata = found.serverMetadata();
      known = { at: performance.now(), metadata, keys: remoteKeys(jose, metadata.jwks_uri ?? issuer) };
    }
    return { client, jose, ...known };
  }

  const insecure = (client: typeof import('openid-client')) =>
    issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];

  /** Made for one sign-in, and with it the provider's keys are fetched: a key that was just rotated in is known. */
  async function configured() {
    const { client, metadata, jose, keys } = await discovered();
    const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const auth = !clientSecret
      ? client.None()
      : methods.includes('client_secret_basic')
        ? client.ClientSecretBasic(clientSecret)
        : client.ClientSecretPost(clientSecret);
    const config: Configuration = new client.Configuration(
      metadata,
      clientId,
      // Our own clock judges.
      {
        [client.clockSkew]: Math.round(nowSeconds() - Date.now() / 1_000),
        [client.clockTolerance]: toleranceSeconds,
        id_token_signed_response_alg: undefined,
      },
      auth,
    );
    config.timeout = timeoutSeconds;
    client.enableNonRepudiationChecks(config);
    for (const allow of insecure(client)) allow(config);
    return { client, jose, metadata, keys, config };
  }

  async function guarded<T>(step: string, work: () => Promise<Decision<T>>): Promise<Decision<T>> {
    try {
      return await work();
    } catch (error) {
      const code = codeOf(error);
      const { fault, code: cause } = faultOf(error);
      if (code !== 'declined') log.warn({ event: 'sign_in', step, code, fault, cause });
      if (code === 'away') known = null;
      return refuse(code);
    }
  }

  return {
    begin: () =>
      guarded('begin', async () => {
        const { client, metadata, config } = await configured();
        const begun = { state: secret(), nonce: secret(), verifier: secret() };
        const { acrValues, scopes, claims } = options;
        const asked = Object.fromEntries(claims.map((claim) => [claim, null]));
        const acr = acrValues.length > 0 && { acr: { essential: true, values: acrValues } };
        const supported = (scope: string) => metadata.scopes_supported?.includes(scope) ?? true;
        const url = client.buildAuthorizationUrl(config, {
          redirect_uri: options.redirectUri,
          scope: ['openid', ...scopes.filter(supported)].join(' '),
          state: begun.state,
          nonce: begun.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
          code_challenge_method: 'S256',
          // Told apart from the ID token, which comes to stand in an address at sign-out.
          claims: JSON.stringify(
            metadata.userinfo_endpoint ? { id_token: acr || {}, userinfo: asked } : { id_token: { ...asked, ...acr } },
          ),
        });
        return accept({ url: url.href, begun });
      }),

    finish: (query, begun) =>
      guarded('finish', async () => {
        const { client, config, metadata } = await configured();
        const url = new URL(options.redirectUri);
        url.search = query;
        const tokens = await client.authorizationCodeGrant(config, url, {
          expectedState: begun.state,
          expectedNonce: begun.nonce,
          pkceCodeVerifier: begun.verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims || !tokens.id_token) return refuse('untrusted');
        if (Math.abs(claims.iat - nowSeconds()) > 2 * toleranceSeconds) return refuse('clock');
        const { acrValues } = options;
        if (acrValues.length > 0 && !acrValues.includes(String(claims.acr ?? ''))) return refuse('assurance');
        const personal = /\d{10}/.test(claims.sub) || options.claims.some((claim) => claim in claims);
        const told = metadata.userinfo_endpoint
          ? await client.fetchUserInfo(config, tokens.access_token, claims.sub)
          : {};
        return accept({
          issuer,
          claims: { ...told, ...claims },
          hint: personal ? '' : tokens.id_token,
          sub: claims.sub,
          sid: typeof claims.sid === 'string' ? claims.sid : null,
        });
      }),

    async signOutUrl(hint) {
      const built = await guarded('sign_out', async () => {
        const { client, config, metadata } = await configured();
        if (!metadata.end_session_endpoint) return refuse('none');
        const url = client.buildEndSessionUrl(config, {
          ...(hint !== '' && { id_token_hint: hint }),
          post_logout_redirect_uri: options.signedOutUri,
        });
        return accept(url.href);
      });
      return built.ok ? built.value : null;
    },

    readLogout: (token) =>
      guarded('logout_token', async () => {
        const { jose, keys, metadata } = await discovered();
        const { payload } = await jose.jwtVerify(token, keys, {
          issuer: metadata.issuer,
          audience: clientId,
          clockTolerance: toleranceSeconds,
          currentDate: new Date(clock.now()),
          maxTokenAge: 2 * 60,
        });
        const { sub, sid, events } = payload;
        const named = typeof sub === 'string' || typeof sid === 'string';
        const asked = typeof events === 'object' && events !== null && logoutEvent in events;
        if (!named || !asked || 'nonce' in payload) return refuse('untrusted');
        return accept({ issuer, sub: sub ?? null, sid: typeof sid === 'string' ? sid : null });
      }),
  };
}

/** What the library throws, by what the visitor can do about it. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'untrusted';
  const { code, error: word, status } = error as { code?: unknown; error?: unknown; status?: unknown };
  if (error.name === 'AuthorizationResponseError') {
    if (word === 'unmet_authentication_requirements') return 'assurance';
    return word === 'access_denied' ? 'declined' : word === 'temporarily_unavailable' ? 'away' : 'untrusted';
  }
  if (error.name === 'ResponseBodyError') {
    return word === 'invalid_grant' ? 'expired' : Number(status) >= 500 ? 'away' : 'untrusted';
  }
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' || code === 'ERR_JWT_EXPIRED') return 'clock';
  if (['OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_JSON'].includes(String(code)))
    return 'away';
  // What fetch says when nobody answers.
  return error instanceof TypeError && error.message === 'fetch failed' ? 'away' : 'untrusted';
}
