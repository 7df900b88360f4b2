import { getCookie, setCookie } from 'hono/cookie';
import { isCoded, type LinkScope } from '../../../kernel/access.ts';
import { formatDate, formatWeekday, stockholmDate } from '../../../kernel/time.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { personalLinks } from '../../../platform/web/link.ts';
import { statusOf } from '../../../platform/web/reply.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { hasLinkSession } from '../../../platform/web/session.ts';
import { answerInvitation } from '../answer/commands.ts';
import { sendCode, tryCode } from '../code/commands.ts';
import { readCode } from '../code/input.ts';
import { readReply, readVotes } from '../input.ts';
import { invitationCalendar, invitationFacts } from '../mail.ts';
import { emptyForm, type Form } from '../page.ts';
import { askByLink, sendPreparation } from '../preparation/commands.ts';
import { readAdaptation, readPreparation } from '../preparation/input.ts';
import { type Posted, sendingPage } from '../preparation/page.ts';
import { readSigns } from '../preparation/store.ts';
import { renderDownload } from '../render.ts';
import { channelOf, hasTime } from '../rules.ts';
import { type HasCopy, type Linked, locateLinked, readInvited } from '../store.ts';
import { vote } from '../vote/commands.ts';
import { votePage } from '../vote/page.ts';
import { codeFormPage, linkPage } from './page.ts';

const scope: LinkScope = 'participant';
const codeCookie = 'kod';

/** The pages of what was released to the participant's party, and whether there is anything to read there. */
export type Copies = Record<'received' | 'show', (c: Ctx) => Promise<Response>> & {
  file(extension: 'pdf' | 'json'): (c: Ctx) => Promise<Response>;
  any: HasCopy;
};

/** How many measures from earlier meetings a meeting follows up. */
export type Going = (reads: Parameters<Copies['any']>[0], meeting: { caseId: string }) => Promise<number>;

/** What a participant reaches without signing in. Only POST changes anything. */
export function linkRoutes(house: House, copies: Copies, countGoing: Going): Route[] {
  const { config, contact, engine, reply, texts } = house;
  const today = () => stockholmDate(engine.clock.now());
  const secure = config.baseUrl.startsWith('https:');
  const { t } = texts;

  const { dead, byToken: opened } = personalLinks(house, scope, (id) => locateLinked(engine.database.reads, id));

  /** As the link lets in, and with the code too when this browser has given it. */
  const byToken = (c: Ctx, handle: (found: Linked, token: string) => Promise<Response>) =>
    opened(c, async (id, token, found) => {
      const given = getCookie(c, codeCookie);
      const link = { participantId: id, linkGeneration: found.linkGeneration };
      const coded = given && (await hasLinkSession(engine.database.reads, given, link, engine.clock.now()));
      if (coded) c.set('actor', { kind: 'link', scope, id, coded: true });
      return handle(found, token);
    });

  const open = (c: Ctx, found: Linked | null) =>
    view(engine, caller(c), {
      action: 'participation.open',
      locate: async () => found?.at ?? null,
      read: async (reads, invited) => {
        const { participant } = invited;
        const [released, signs, going, read] = await Promise.all([
          channelOf(participant) === 'mail' && copies.any(reads, participant.id),
          readSigns(reads, participant),
          countGoing(reads, invited.meeting),
          readInvited(reads, invited),
        ]);
        return { ...read, released, signs, going };
      },
    });

  async function page(
    c: Ctx,
    found: Linked | null,
    token: string,
    form: Form,
    status: 200 | 409 | 422,
  ): Promise<Response> {
    const seen = await open(c, found);
    if (!seen.ok) return dead(c);
    const { meeting, participant, poll, released, signs, going } = seen.value;
    const now = engine.clock.now();
    const path = `/svar/${token}`;
    const copiesAt = released ? `${path}/${isCoded(c.get('actor')) ? 'exemplar' : 'kod'}` : null;
    const model = linkPage(meeting, participant, {
      ...{ path, form, now, copiesAt, signs, going },
      ...{ changed: status === 409, signedIn: false, votes: votePage(poll, participant, form, now) },
    });
    const day = model.startsAt === null ? null : stockholmDate(model.startsAt);
    return reply.page(c, 'invitation/link', model, {
      titleKey: day === null ? 'inv.titleNoTime' : 'inv.title',
      titleParams: day === null ? {} : { weekday: formatWeekday(day), date: formatDate(day) },
      mood: model.isPerson ? 'person' : 'public',
      status,
      scripts: ['form.js'],
      noindex: true,
    });
  }

  async function answer(c: Ctx, found: Linked, token: string) {
    const id = found.at.subject.link?.id ?? '';
    const input = readReply(await readForm(c), engine.clock.now());
    if (!input.ok) return page(c, found, token, input, 422);
    const answered = await answerInvitation(engine, caller(c), id, input.value);
    if (answered.ok) return reply.see(c, `/svar/${token}`, input.value.answer ? 'svar' : 'tidsforslag');
    const now = await locateLinked(engine.database.reads, id);
    if (answered.code === 'changed_by_someone_else') {
      return page(c, now, token, { values: { comment: input.value.comment }, errors: {} }, 409);
    }
    if (answered.code !== 'not_now') return dead(c);
    return page(c, now, token, { values: {}, errors: { '': { code: answered.code } } }, 422);
  }

  async function voting(c: Ctx, found: Linked, token: string) {
    const body = await readForm(c);
    const id = found.at.subject.link?.id ?? '';
    let faults = emptyForm;
    const voted = await vote(engine, caller(c), id, (poll) => {
      const input = readVotes(
        body,
        poll.options.map((option) => option.id),
      );
      if (!input.ok) faults = input;
      return input.ok ? input.value : null;
    });
    if (voted.ok) return reply.see(c, `/svar/${token}`, 'tider');
    if (voted.code !== 'fields' && voted.code !== 'not_now') return dead(c);
    const form = voted.code === 'fields' ? faults : { values: {}, errors: { '': { code: voted.code } } };
    return page(c, await locateLinked(engine.database.reads, id), token, form, 422);
  }

  async function sending(c: Ctx, found: Linked, token: string, posted: Posted, status: 200 | 422) {
    const seen = await open(c, found);
    if (!seen.ok) return dead(c);
    const { meeting, participant, signs } = seen.value;
    const options = { path: `/svar/${token}`, own: null, sentAt: signs.sentAt, posted };
    const model = sendingPage(meeting, participant, options);
    return reply.page(c, 'invitation/preparation/send', model, {
      titleKey: model.isPerson ? 'prep.title' : 'inv.prep',
      mood: model.isPerson ? 'person' : 'public',
      ...{ status, noindex: true, scripts: ['form.js'] },
    });
  }

  async function prepare(c: Ctx, found: Linked, token: string) {
    const body = await readForm(c);
    const id = found.at.subject.link?.id ?? '';
    let faults = emptyForm;
    const sent = await sendPreparation(
      engine,
      caller(c),
      id,
      (typed) => typed,
      ({ party }, standing) => {
        const input = readPreparation(body, { party, readers: [], way: 'link', standing }, today());
        if (!input.ok) faults = input;
        return input.ok ? input.value : null;
      },
    );
    if (sent.ok) return reply.see(c, `/svar/${token}`, 'forberedelse-lank');
    if (statusOf(sent.code) === 404) return dead(c);
    const form = sent.code === 'fields' ? faults : { values: body, errors: { '': { code: sent.code } } };
    return sending(c, found, token, { of: 'text', form, changed: false }, 422);
  }

  async function ask(c: Ctx, found: Linked, token: string) {
    const input = readAdaptation(await readForm(c), today());
    if (!input.ok) return sending(c, found, token, { of: 'adaptation', form: input, changed: false }, 422);
    const asked = await askByLink(engine, caller(c), found.at.subject.link?.id ?? '', input.value);
    if (asked.ok) return reply.see(c, `/svar/${token}`, 'anpassning-lank');
    if (asked.code !== 'not_now') return dead(c);
    const form = { values: { adaptation: input.value }, errors: { '': { code: asked.code } } };
    return sending(c, found, token, { of: 'adaptation', form, changed: false }, 422);
  }

  async function codePage(c: Ctx, found: Linked, token: string, form: Form, status: 200 | 422) {
    const seen = await open(c, found);
    if (!seen.ok) return dead(c);
    const user = c.get('session')?.user ?? null;
    const { participant, released } = seen.value;
    const model = codeFormPage(participant, {
      path: `/svar/${token}`,
      coded: isCoded(c.get('actor')),
      released,
      user,
      form,
      phone: contact.phone,
    });
    return reply.page(c, 'invitation/code', model, {
      ...{ titleKey: 'code.title', mood: 'public', status, noindex: true, scripts: ['form.js'] },
    });
  }

  async function send(c: Ctx, found: Linked, token: string) {
    const sent = await sendCode(engine, caller(c), found.at.subject.link?.id ?? '');
    if (sent.ok) return reply.see(c, `/svar/${token}/kod`, 'kod');
    if (sent.code === 'not_found' || sent.code === 'forbidden') return dead(c);
    return codePage(c, found, token, { values: {}, errors: { '': { code: sent.code } } }, 422);
  }

  async function tryGiven(c: Ctx, found: Linked, token: string) {
    const { typed, code, claim } = readCode(await readForm(c));
    const user = claim ? (c.get('session')?.user ?? null) : null;
    const id = found.at.subject.link?.id ?? '';
    const tried = await tryCode(engine, caller(c), id, { code, key: config.linkKey, claim: user });
    if (!tried.ok) return statusOf(tried.code) === 404 ? dead(c) : reply.refused(c, tried.code);
    const { session, claimed } = tried.value;
    if (session === null)
      return codePage(c, found, token, { values: { code: typed }, errors: { code: { code: 'code' } } }, 422);
    // Only the pages of this very link are sent it.
    setCookie(c, codeCookie, session, { path: `/svar/${token}`, httpOnly: true, sameSite: 'Lax', secure });
    return reply.see(c, `/svar/${token}/kod`, claimed ? 'kod-konto' : 'kod-ratt');
  }

  async function calendar(c: Ctx, found: Linked, token: string) {
    const seen = await open(c, found);
    if (!seen.ok) return dead(c);
    const { meeting, participant } = seen.value;
    if (!hasTime(meeting) || meeting.state === 'cancelled' || meeting.individual.protectedIdentity) return dead(c);
    const now = engine.clock.now();
    const facts = invitationFacts(meeting, participant, participant.sentSequence ?? meeting.sequence, now);
    // An object without METHOD names nobody, so any address of ours will do where one is asked for.
    const ours = config.mailFrom;
    const link = `${config.baseUrl}/svar/${token}`;
    const object = invitationCalendar({ ...facts, to: ours }, { link, organizer: ours, dtstamp: now }, t);
    return c.body(renderDownload(object), 200, {
      'Content-Type': 'text/calendar; charset=utf-8',
      'Content-Disposition': 'attachment; filename="moten.ics"',
      'Cache-Control': 'no-store',
    });
  }

  const opens = (page: (c: Ctx) => Promise<Response>) => (c: Ctx) => byToken(c, () => page(c));
  const shown = 'participation.open';
  return [
    {
      method: 'get',
      path: '/svar/:token',
      action: shown,
      handle: (c) => byToken(c, (found, token) => page(c, found, token, emptyForm, 200)),
    },
    {
      method: 'post',
      path: '/svar/:token',
      action: 'participation.answer',
      handle: (c) => byToken(c, (found, token) => answer(c, found, token)),
    },
    {
      method: 'post',
      path: '/svar/:token/tider',
      action: 'participation.answer',
      handle: (c) => byToken(c, (found, token) => voting(c, found, token)),
    },
    {
      method: 'get',
      path: '/svar/:token/forberedelse',
      action: shown,
      handle: (c) => byToken(c, (found, token) => sending(c, found, token, null, 200)),
    },
    {
      method: 'post',
      path: '/svar/:token/forberedelse',
      action: 'participation.prepare',
      handle: (c) => byToken(c, (found, token) => prepare(c, found, token)),
    },
    {
      method: 'post',
      path: '/svar/:token/anpassning',
      action: 'participation.prepare',
      handle: (c) => byToken(c, (found, token) => ask(c, found, token)),
    },
    {
      method: 'get',
      path: '/svar/:token/kod',
      action: shown,
      handle: (c) => byToken(c, (found, token) => codePage(c, found, token, emptyForm, 200)),
    },
    {
      method: 'post',
      path: '/svar/:token/kod',
      action: 'participation.code',
      handle: (c) => byToken(c, (found, token) => send(c, found, token)),
    },
    {
      method: 'post',
      path: '/svar/:token/kod/svar',
      action: 'participation.code',
      handle: (c) => byToken(c, (found, token) => tryGiven(c, found, token)),
    },
    {
      method: 'get',
      path: '/svar/:token/mote.ics',
      action: shown,
      handle: (c) => byToken(c, (found, token) => calendar(c, found, token)),
    },
    { method: 'get', path: '/svar/:token/exemplar', action: 'release.list', handle: opens(copies.received) },
    { method: 'get', path: '/svar/:token/exemplar/:id', action: 'release.read', handle: opens(copies.show) },
    {
      method: 'get',
      path: '/svar/:token/exemplar/:id/exemplar.pdf',
      action: 'release.read',
      handle: opens(copies.file('pdf')),
    },
    {
      method: 'get',
      path: '/svar/:token/exemplar/:id/exemplar.json',
      action: 'release.read',
      handle: opens(copies.file('json')),
    },
  ];
}
