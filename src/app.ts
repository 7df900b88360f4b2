import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import { administrationRoutes } from './features/account/administration/routes.ts';
import { coverRoutes } from './features/account/cover/routes.ts';
import { needsSession, safeReturn } from './features/account/rules.ts';
import { sessionCookie, signInRoutes } from './features/account/sign-in/routes.ts';
import { amendmentRoutes } from './features/approval/amendment/routes.ts';
import { tellReaders } from './features/approval/commands.ts';
import { approvalPages, approvalRoutes } from './features/approval/routes.ts';
import { calendarRoutes } from './features/calendar/routes.ts';
import { personRoutes } from './features/case/person/routes.ts';
import { printClosing } from './features/closing/render.ts';
import { closingRoutes } from './features/closing/routes.ts';
import type { ClosingContent } from './features/closing/rules.ts';
import { printCopy } from './features/consent/release/render.ts';
import { linkedCopies, partyCopy } from './features/consent/release/routes.ts';
import { consentRoutes } from './features/consent/routes.ts';
import { correctionRoutes } from './features/correction/routes.ts';
import { deskRoutes } from './features/desk/routes.ts';
import { documentRoutes } from './features/filing/document/routes.ts';
import type { MinutesContent, Sealed, Translate } from './features/filing/document/rules.ts';
import { followUpRoutes } from './features/followup/routes.ts';
import { reminderRoutes } from './features/invitation/reminder/routes.ts';
import { replyRoutes } from './features/invitation/reply/routes.ts';
import { invitationRoutes } from './features/invitation/routes.ts';
import { emergencyRoutes } from './features/log/emergency/routes.ts';
import { reviewRoutes } from './features/log/review/routes.ts';
import { logRoutes } from './features/log/routes.ts';
import { pollRoutes } from './features/meeting/poll/routes.ts';
import { meetingRoutes } from './features/meeting/routes.ts';
import { plainMinutesRoutes } from './features/minutes/plain/routes.ts';
import { printMinutes } from './features/minutes/render.ts';
import { minutesRoutes } from './features/minutes/routes.ts';
import { clockRoutes } from './features/plan/clock/routes.ts';
import { goingMeasures, meetingAgenda, ownerRoutes } from './features/plan/owner/routes.ts';
import { planRoutes } from './features/plan/routes.ts';
import { answerRoutes } from './features/request/answer/routes.ts';
import { endingRoutes } from './features/request/ending/routes.ts';
import { requestRoutes } from './features/request/routes.ts';
import { structuralRoutes } from './features/structural/routes.ts';
import { surveyRoutes } from './features/survey/routes.ts';
import { newReference } from './kernel/ids.ts';
import type { IsoInstant } from './kernel/time.ts';
import { renderAgain } from './messages.ts';
import { databaseIsAway } from './platform/db/portable.ts';
import type { House } from './platform/house.ts';
import { faultOf } from './platform/log.ts';
import { safetyHeaders, takesGzip } from './platform/web/headers.ts';
import { originAllows } from './platform/web/origin.ts';
import { addressOf, createRateLimit } from './platform/web/rate.ts';
import { type Ctx, type Route, readForm, serve, type Web } from './platform/web/route.ts';
import { findSession, touchSession } from './platform/web/session.ts';

const bodyCap = 512 * 1024;

/** Every route of the product; each names its action. */
export function allRoutes(house: House): Route[] {
  return [
    ...publicRoutes(house),
    ...signInRoutes(house),
    ...administrationRoutes(house),
    ...coverRoutes(house),
    ...requestRoutes(house),
    ...deskRoutes(house),
    ...personRoutes(house),
    ...followUpRoutes(house),
    ...closingRoutes(house),
    ...surveyRoutes(house),
    ...calendarRoutes(house),
    ...meetingRoutes(house, meetingAgenda),
    ...pollRoutes(house),
    ...invitationRoutes(house, linkedCopies(house), goingMeasures),
    ...replyRoutes(house, renderAgain(house)),
    ...reminderRoutes(house),
    ...minutesRoutes(house, {
      ...approvalPages(house),
      told: (work, found, number) => tellReaders(work, found, 'final', number),
    }),
    ...approvalRoutes(house),
    ...amendmentRoutes(house, {
      document: (content, at) => printMinutes(content, house.texts.t, at),
      copy: (copy) => printCopy(copy, house.texts.t),
    }),
    ...plainMinutesRoutes(house),
    ...planRoutes(house),
    ...ownerRoutes(house),
    ...structuralRoutes(house),
    ...clockRoutes(house),
    ...correctionRoutes(house, {
      document: (content, at) => printFiled(content, house.texts.t, at),
      release: (copy) => printCopy(copy, house.texts.t),
    }),
    ...endingRoutes(house),
    ...answerRoutes(house),
    ...consentRoutes(house),
    ...documentRoutes(house, partyCopy(house)),
    ...logRoutes(house),
    ...emergencyRoutes(house),
    ...reviewRoutes(house),
  ];
}

/** The file of any document of a case, by its kind. */
function printFiled(content: Sealed<object>, t: Translate, at: IsoInstant): Promise<Uint8Array> {
  const { document } = content as Sealed<MinutesContent | ClosingContent>;
  return document.kind === 'closing'
    ? printClosing(content as Sealed<ClosingContent>, t, at)
    : printMinutes(content as Sealed<MinutesContent>, t, at);
}

/** Pages that hold nothing of anybody's. */
function publicRoutes({ reply, contact }: House): Route[] {
  const page = (path: string, view: string): Route => ({
    method: 'get',
    path,
    action: 'public.read',
    handle: (c) => reply.page(c, `public/${view}`, contact, { titleKey: `${view}.title`, mood: 'public', sameBut: '' }),
  });
  return [
    page('/', 'start'),
    page('/aktorer', 'actors'),
    page('/ordlista', 'words'),
    page('/tillganglighet', 'accessibility'),
    page('/integritet', 'privacy'),
  ];
}

export function createApp(house: House): Hono<Web> {
  const { config, engine, log, metrics, reply } = house;
  const app = new Hono<Web>();
  const safety = safetyHeaders(config.baseUrl.startsWith('https:'));

  app.use(async (c, next) => {
    const reference = newReference();
    const started = performance.now();
    c.set('reference', reference);
    c.set('address', addressOf(c, config.trustProxy));
    c.set('session', null);
    c.set('actor', { kind: 'public' });
    c.set('headers', { ...safety, 'X-Request-Id': reference });
    await next();
    if (!c.get('framed')) {
      for (const [name, value] of Object.entries(c.get('headers'))) c.res.headers.set(name, value);
    }
    const { method, routePath: route } = c.req;
    const { status } = c.res;
    const ms = performance.now() - started;
    metrics.request(route, method, status, ms / 1000);
    // No news is asked for each second.
    log[status === 204 ? 'debug' : 'info']({ event: 'request', reference, method, route, status, ms: Math.round(ms) });
  });
  app.get('/healthz', (c) => c.text('ok'));
  app.get('/readyz', async (c) => ((await engine.database.ready()) ? c.text('ready') : c.text('not ready', 503)));
  app.get('/metrics', async (c) => {
    c.header('Content-Type', metrics.contentType);
    return c.body(await metrics.text(engine.database.reads, engine.clock.now()));
  });
  app.get('/assets/:name', (c) => {
    const asset = house.renderer.assets.get(c.req.param('name'));
    if (!asset) return reply.error(c, 404);
    c.header('Cache-Control', c.req.query('v') === asset.version ? 'public, max-age=31536000, immutable' : 'no-cache');
    c.header('Content-Type', asset.type);
    c.header('Vary', 'Accept-Encoding');
    if (!takesGzip(c.req.header('accept-encoding'))) return c.body(asset.body);
    c.header('Content-Encoding', 'gzip');
    return c.body(asset.zipped());
  });

  const capped = bodyLimit({
    maxSize: bodyCap,
    async onError(c: Ctx) {
      await drain(c.req.raw.body);
      c.set('headers', { ...c.get('headers'), Connection: 'close' });
      return reply.error(c, 413);
    },
  });
  // What has no body is not asked for one: making the whole Request costs as much as the routing.
  app.use((c, next) => (c.req.method === 'GET' || c.req.method === 'HEAD' ? next() : capped(c, next)));
  app.use(async (c, next) => {
    const cookie = getCookie(c, sessionCookie);
    if (cookie) {
      const now = engine.clock.now();
      const session = await findSession(engine.database.reads, cookie, now);
      if (session) {
        c.set('session', session);
        c.set('actor', session.user);
        // A page that asks for news by itself keeps nobody signed in.
        if (!c.req.path.endsWith('/protokoll/andringar')) await touchSession(engine.database, session, now);
      }
    }
    const allowed = originAllows({
      method: c.req.method,
      origin: c.req.header('origin'),
      fetchSite: c.req.header('sec-fetch-site'),
      signedIn: c.get('session') !== null,
      baseUrl: config.baseUrl,
    });
    if (!allowed) return reply.error(c, 403);
    await next();
  });
  const limited = createRateLimit(house);
  const routes = allRoutes(house).map((route) => {
    const byLink = route.path.includes('/:token');
    const closed = !byLink && [route.action].flat().every(needsSession);
    return { ...route, handle: closed ? signedInOnly(route) : limited(route) };
  });
  serve(app, routes);

  /** A signed-in page without a session asks to sign in; a post says so without losing what the browser still holds. */
  function signedInOnly(route: Route): Route['handle'] {
    return (c) => {
      if (c.get('session')) return route.handle(c);
      if (c.req.method === 'GET' || c.req.method === 'HEAD') {
        const back = safeReturn(c.req.path);
        return reply.see(c, back ? `/logga-in?till=${back}` : '/logga-in');
      }
      return reply.expired(c);
    };
  }

  app.notFound((c) => reply.error(c, 404));
  app.onError(async (error, c) => {
    if (error instanceof HTTPException) return reply.error(c, error.status);
    if (hungUp(error, c.req.raw)) return reply.error(c, 400);
    log.error({ event: 'fault', reference: c.get('reference'), route: c.req.routePath, ...faultOf(error) });
    const typed = c.req.method === 'POST' ? await readForm(c).catch(() => ({})) : {};
    return reply.error(c, databaseIsAway(error) ? 503 : 500, typed);
  });
  return app;
}

/** Whether the visitor went away while still sending, which is no fault of ours and answered to nobody. */
const hungUp = (error: Error, request: Request): boolean =>
  (error as { code?: unknown }).code === 'ECONNRESET' && request.signal.aborted;

/** Reads on for a while, so that a browser that is still sending gets to read the answer. */
async function drain(body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (!body || body.locked) return;
  const reader = body.getReader();
  const end = Date.now() + 3_000;
  for (let bytes = 0; bytes < 32 * 1024 * 1024 && Date.now() < end; ) {
    const chunk = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (chunk.done) return;
    bytes += chunk.value?.length ?? 0;
  }
}
