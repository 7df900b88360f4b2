import { getCookie, setCookie } from 'hono/cookie';
import type { LinkScope } from '../../../kernel/access.ts';
import { newTag } from '../../../kernel/ids.ts';
import { type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import { nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { personalLinks } from '../../../platform/web/link.ts';
import { statusOf } from '../../../platform/web/reply.ts';
import { type Ctx, caller, type FormBody, type Route, readForm, userOf } from '../../../platform/web/route.ts';
import { hasLinkSession } from '../../../platform/web/session.ts';
import { sendCode, tryCode } from '../../invitation/code/commands.ts';
import { decideDue, type Reported, reportMeasure } from './commands.ts';
import { readCode, readDecision, readReport } from './input.ts';
import { decidePage, emptyForm, type Form, ownMeasurePage, ownMeasuresPage, readAfter, watchPage } from './page.ts';
import { agendaOf } from './rules.ts';
import {
  countGoing,
  type Linked,
  listOwnMeasures,
  listWatched,
  locateCarried,
  locateOwner,
  measurePage,
  readAgenda,
} from './store.ts';

type Status = 200 | 409 | 422;
const scope: LinkScope = 'measure';
const codeCookie = 'kod';
const idOf = (c: Ctx): string => c.req.param('id') ?? '';

/** What came of a report that was not taken, as its page is shown again; null for what has no page. */
function again(code: string, body: FormBody, errors: Form['errors']): { form: Form; status: Status } | null {
  if (code === 'fields') return { form: { values: body, errors }, status: 422 };
  if (code === 'changed_by_someone_else') return { form: { values: body, errors: {} }, status: 409 };
  if (code === 'not_now') return { form: { values: body, errors: { '': { code } } }, status: 422 };
  return null;
}

/** The page of a measure for whoever carries it out, signed in; the plan's routes show it when a report was not taken. */
export function ownMeasure({ contact, engine, reply }: House) {
  return async (c: Ctx, id: string, form: Form, status: Status) => {
    const seen = await view(engine, caller(c), {
      action: 'measure.see',
      locate: async (reads) => (await locateCarried(reads, id))?.at ?? null,
      read: async (_reads, carried, now) =>
        ownMeasurePage(carried, {
          ...{ path: `/atgarder/${id}`, post: `/atgarder/${id}/status`, form, sendKey: newTag(), now },
          ...{ content: true, signedIn: true, changed: status === 409, codeAt: null, phone: contact.phone },
        }),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'plan/own-measure', seen.value, {
      ...{ titleKey: 'ownMeasure.title', titleParams: { number: seen.value.number }, mood: 'person', status },
      scripts: ['form.js'],
    });
  };
}

/** Posts a report by whoever may; `show` is the page of a form that was not taken. */
export async function postReport(
  { engine, reply }: House,
  c: Ctx,
  id: string,
  to: {
    done(reported: Reported): Response;
    show(form: Form, status: Status, by: Reported['by']): Promise<Response>;
    refused?(code: string, form: Form): Promise<Response>;
  },
): Promise<Response> {
  const body = await readForm(c);
  let errors: Form['errors'] = {};
  let by: Reported['by'] = 'owner';
  const done = await reportMeasure(engine, caller(c), id, (today, reporter) => {
    by = reporter;
    const input = readReport(body, today, by);
    if (!input.ok) errors = input.errors;
    return input;
  });
  if (done.ok) return to.done(done.value);
  const shown = again(done.code, body, errors);
  if (shown) return to.show(shown.form, shown.status, by);
  const form = { values: body, errors: { '': { code: 'not_now' } } };
  return to.refused?.(done.code, form) ?? reply.refused(c, done.code);
}

/** What stands on a meeting's agenda by itself, for its page; app.ts hands it over. */
export const meetingAgenda = async (
  reads: Parameters<typeof readAgenda>[0],
  meeting: { id: string; caseId: string },
  now: IsoInstant,
): Promise<ReturnType<typeof agendaOf>> => agendaOf(await readAgenda(reads, meeting), stockholmDate(now));

/** How many measures a meeting follows up, for who may know no more than that. */
export const goingMeasures = (reads: Parameters<typeof readAgenda>[0], meeting: { caseId: string }): Promise<number> =>
  countGoing(reads, meeting.caseId);

/** Carrying out what was agreed: each owner's pages, by link and signed in, and the officer's list of what needs them. */
export function ownerRoutes(house: House): Route[] {
  const { config, contact, engine, reply } = house;
  const secure = config.baseUrl.startsWith('https:');
  const { dead, byToken: opened } = personalLinks(house, scope, (id) => locateCarried(engine.database.reads, id));
  const showOwn = ownMeasure(house);

  /** As the link lets in, and with the code too when this browser has given it. */
  const byToken = (c: Ctx, handle: (id: string, token: string, found: Linked) => Promise<Response>) =>
    opened(c, async (id, token, found) => {
      const given = getCookie(c, codeCookie);
      const link = { participantId: found.ownerId ?? '', linkGeneration: found.linkGeneration };
      const coded = given && (await hasLinkSession(engine.database.reads, given, link, engine.clock.now()));
      if (coded) c.set('actor', { kind: 'link', scope, id, coded: true });
      return handle(id, token, found);
    });

  async function byLink(c: Ctx, id: string, token: string, found: Linked, form: Form, status: Status) {
    const actor = c.get('actor');
    const content = found.readsWithCode && actor.kind === 'link' && actor.coded === true;
    const path = `/atgard/${token}`;
    const seen = await view(engine, caller(c), {
      action: content ? 'measure.see' : 'measure.open',
      // Anew after a report that was not taken: something may have changed.
      locate: async (reads) => (status === 200 ? found : await locateCarried(reads, id))?.at ?? null,
      read: async (_reads, carried, now) =>
        ownMeasurePage(carried, {
          ...{ path, post: path, form, sendKey: newTag(), now, content, signedIn: false, changed: status === 409 },
          ...{ codeAt: found.readsWithCode && !content ? `${path}/kod` : null, phone: contact.phone },
        }),
    });
    if (!seen.ok) return dead(c);
    return reply.page(c, 'plan/own-measure', seen.value, {
      ...{ titleKey: 'ownMeasure.title', titleParams: { number: seen.value.number }, mood: 'public', status },
      ...{ noindex: true, scripts: ['form.js'] },
    });
  }

  const report = (c: Ctx) =>
    byToken(c, (id, token, found) =>
      postReport(house, c, id, {
        done: () => reply.see(c, `/atgard/${token}`, 'atgard-rapport'),
        show: (form, status) => byLink(c, id, token, found, form, status),
        // The case has been closed meanwhile: the link still opens the page, which says so and keeps what was typed.
        refused: (_code, form) => byLink(c, id, token, found, form, 422),
      }),
    );

  /** The link's own participant, who is mailed the code. */
  const codeFor = (id: string) => ({
    action: 'measure.code' as const,
    locate: (reads: Parameters<typeof locateOwner>[0]) => locateOwner(reads, id),
  });

  async function codePage(c: Ctx, id: string, token: string, form: Form, status: 200 | 422) {
    const seen = await view(engine, caller(c), {
      ...codeFor(id),
      read: async (_reads, { participant }) => participant,
    });
    if (!seen.ok) return dead(c);
    const actor = c.get('actor');
    const { person, verifiedAt } = seen.value;
    const model = {
      ...{ path: `/atgard/${token}`, form, phone: contact.phone, mailed: person.email !== '' && verifiedAt !== null },
      coded: actor.kind === 'link' && actor.coded === true,
    };
    return reply.page(c, 'plan/code', model, {
      ...{ titleKey: 'code.title', mood: 'public', status, noindex: true, scripts: ['form.js'] },
    });
  }

  async function send(c: Ctx, id: string, token: string, found: Linked) {
    const sent = await sendCode(engine, caller(c), found.ownerId ?? '', codeFor(id));
    if (sent.ok) return reply.see(c, `/atgard/${token}/kod`, 'kod');
    if (statusOf(sent.code) === 404) return dead(c);
    return codePage(c, id, token, { values: {}, errors: { '': { code: sent.code } } }, 422);
  }

  async function tryGiven(c: Ctx, id: string, token: string, found: Linked) {
    const { typed, code } = readCode(await readForm(c));
    const given = { code, key: config.linkKey, claim: null };
    const tried = await tryCode(engine, caller(c), found.ownerId ?? '', given, codeFor(id));
    if (!tried.ok) return statusOf(tried.code) === 404 ? dead(c) : reply.refused(c, tried.code);
    const { session } = tried.value;
    if (session === null)
      return codePage(c, id, token, { values: { code: typed }, errors: { code: { code: 'code' } } }, 422);
    // Only the pages of this very link are sent it.
    setCookie(c, codeCookie, session, { path: `/atgard/${token}`, httpOnly: true, sameSite: 'Lax', secure });
    return reply.see(c, `/atgard/${token}`, 'kod-ratt');
  }

  async function own(c: Ctx) {
    const user = userOf(c);
    const ended = c.req.query('visa') === 'avslutade';
    const seen = await view(engine, caller(c), {
      action: 'measure.list',
      locate: nothingYet,
      read: async (reads, _, now) => {
        const found = await listOwnMeasures(reads, user, { ended, after: readAfter(c.req.query('efter')) });
        return ownMeasuresPage(found, ended, measurePage, now);
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'plan/own-measures', seen.value, { titleKey: 'ownMeasures.title', mood: 'person' });
  }

  async function watch(c: Ctx) {
    const user = userOf(c);
    const seen = await view(engine, caller(c), {
      action: 'measure.watch',
      locate: nothingYet,
      read: async (reads, _, now) => {
        const found = await listWatched(reads, user, stockholmDate(now), readAfter(c.req.query('efter')));
        return watchPage(found, measurePage, now);
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'plan/watch', seen.value, { titleKey: 'watch.title', mood: 'officer' });
  }

  async function showDecide(c: Ctx, form: Form, status: Status) {
    const seen = await view(engine, caller(c), {
      action: 'measure.decide',
      locate: async (reads) => (await locateCarried(reads, idOf(c)))?.at ?? null,
      read: async (_reads, carried) => decidePage(carried, form, status === 409),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'plan/decide', seen.value, {
      ...{ titleKey: 'decideDue.title', titleParams: { number: seen.value.number }, mood: 'officer', status },
      scripts: ['form.js'],
    });
  }

  async function decide(c: Ctx) {
    const body = await readForm(c);
    const input = readDecision(body);
    const done = await decideDue(engine, caller(c), idOf(c), input.ok ? input.value : null);
    if (done.ok) {
      const { caseId, number, told } = done.value;
      return reply.see(c, `/arenden/${caseId}/plan#atgard-${number}`, told ? 'ny-dag' : 'ny-dag-ring');
    }
    const shown = again(done.code, body, input.ok ? {} : input.errors);
    return shown ? showDecide(c, shown.form, shown.status) : reply.refused(c, done.code);
  }

  const link = '/atgard/:token';
  return [
    {
      method: 'get',
      path: link,
      // What it says only with the code, and where the organisation has chosen that.
      action: ['measure.open', 'measure.see'],
      handle: (c) => byToken(c, (id, token, found) => byLink(c, id, token, found, emptyForm, 200)),
    },
    { method: 'post', path: link, action: 'measure.report', handle: report },
    {
      method: 'get',
      path: `${link}/kod`,
      action: 'measure.code',
      handle: (c) => byToken(c, (id, token) => codePage(c, id, token, emptyForm, 200)),
    },
    {
      method: 'post',
      path: `${link}/kod`,
      action: 'measure.code',
      handle: (c) => byToken(c, (id, token, found) => send(c, id, token, found)),
    },
    {
      method: 'post',
      path: `${link}/kod/svar`,
      action: 'measure.code',
      handle: (c) => byToken(c, (id, token, found) => tryGiven(c, id, token, found)),
    },
    { method: 'get', path: '/mina-atgarder', action: 'measure.list', handle: own },
    {
      method: 'get',
      path: '/atgarder/:id',
      action: 'measure.see',
      handle: (c) => showOwn(c, idOf(c), emptyForm, 200),
    },
    { method: 'get', path: '/forsenat', action: 'measure.watch', handle: watch },
    {
      method: 'get',
      path: '/atgarder/:id/datum',
      action: 'measure.decide',
      handle: (c) => showDecide(c, emptyForm, 200),
    },
    { method: 'post', path: '/atgarder/:id/datum', action: 'measure.decide', handle: decide },
  ];
}
