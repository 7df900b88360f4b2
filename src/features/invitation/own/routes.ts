import { looksLikeId } from '../../../kernel/ids.ts';
import { keepRemovals, removalWords } from '../../../kernel/removal.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm, userOf } from '../../../platform/web/route.ts';
import { answerInvitation, standsFor } from '../answer/commands.ts';
import { readReply, readVotes } from '../input.ts';
import { linkPage } from '../link/page.ts';
import type { Going } from '../link/routes.ts';
import { emptyForm, type Form } from '../page.ts';
import { sendPreparation } from '../preparation/commands.ts';
import { readPreparation } from '../preparation/input.ts';
import { type Posted, sendingPage } from '../preparation/page.ts';
import { listOwn, listShared, readSigns } from '../preparation/store.ts';
import { locateLinked, readInvited } from '../store.ts';
import { vote } from '../vote/commands.ts';
import { votePage } from '../vote/page.ts';
import { ownMeetingsPage } from './page.ts';
import { listOwnMeetings, ownPage } from './store.ts';

/** What a participant sees signed in, once the officer has said that the account is theirs. */
export function ownMeetingRoutes(house: House, countGoing: Going): Route[] {
  const { engine, reply, texts } = house;
  const words = removalWords(texts.t);
  const keep = (typed: string, standing: string) => keepRemovals(typed, standing, words);
  const idOf = (c: Ctx) => c.req.param('pid') ?? '';

  async function list(c: Ctx) {
    const user = userOf(c);
    const after = c.req.query('efter');
    const seen = await view(engine, caller(c), {
      action: 'participation.list',
      locate: nothingYet,
      read: (reads) => listOwnMeetings(reads, user, after && looksLikeId(after) ? after : null),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'invitation/own', ownMeetingsPage(seen.value, ownPage), {
      titleKey: 'own.title',
      mood: 'public',
    });
  }

  async function page(c: Ctx, form: Form, status: 200 | 409 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'participation.see',
      locate: async (reads) => (await locateLinked(reads, idOf(c)))?.at ?? null,
      read: async (reads, invited, now) => {
        const { meeting, participant, poll } = await readInvited(reads, invited);
        const path = `/mina-moten/${participant.id}`;
        const represents = standsFor(caller(c).actor, meeting, participant) !== null;
        const votes = votePage(poll, participant, form, now);
        const [signs, shared, going] = await Promise.all([
          readSigns(reads, participant),
          listShared(reads, meeting.state, participant),
          countGoing(reads, meeting),
        ]);
        const page = {
          path,
          form,
          now,
          changed: status === 409,
          signedIn: true,
          represents,
          votes,
          signs,
          shared,
          going,
        };
        return linkPage(meeting, participant, page);
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'invitation/link', seen.value, {
      titleKey: 'own.meeting',
      mood: 'public',
      status,
      scripts: ['form.js'],
    });
  }

  async function answer(c: Ctx) {
    const body = await readForm(c);
    const input = readReply(body, engine.clock.now());
    if (!input.ok) return page(c, input, 422);
    const answered = await answerInvitation(engine, caller(c), idOf(c), input.value);
    if (answered.ok) return reply.see(c, `/mina-moten/${idOf(c)}`, input.value.answer ? 'svar' : 'tidsforslag');
    if (answered.code === 'changed_by_someone_else') return page(c, { values: body, errors: {} }, 409);
    if (answered.code !== 'not_now') return reply.refused(c, answered.code);
    return page(c, { values: body, errors: { '': { code: answered.code } } }, 422);
  }

  async function voting(c: Ctx) {
    const body = await readForm(c);
    let faults = emptyForm;
    const voted = await vote(engine, caller(c), idOf(c), (poll) => {
      const input = readVotes(
        body,
        poll.options.map(({ id }) => id),
      );
      if (!input.ok) faults = input;
      return input.ok ? input.value : null;
    });
    if (voted.ok) return reply.see(c, `/mina-moten/${idOf(c)}`, 'tider');
    if (voted.code === 'fields') return page(c, faults, 422);
    if (voted.code !== 'not_now') return reply.refused(c, voted.code);
    return page(c, { values: {}, errors: { '': { code: voted.code } } }, 422);
  }

  async function sending(c: Ctx, posted: Posted, status: 200 | 409 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'participation.see',
      locate: async (reads) => (await locateLinked(reads, idOf(c)))?.at ?? null,
      read: async (reads, { meeting, participant }) => {
        const own = await listOwn(reads, participant);
        return sendingPage(meeting, participant, { path: `/mina-moten/${participant.id}`, own, sentAt: null, posted });
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'invitation/preparation/send', seen.value, {
      ...{ titleKey: 'inv.prep', mood: 'public', status, scripts: ['form.js'] },
    });
  }

  async function prepare(c: Ctx) {
    const body = await readForm(c);
    const today = stockholmDate(engine.clock.now());
    let faults = emptyForm;
    const sent = await sendPreparation(engine, caller(c), idOf(c), keep, ({ party }, standing) => {
      const input = readPreparation(body, { party, readers: [], way: 'own', standing }, today);
      if (!input.ok) faults = input;
      return input.ok ? input.value : null;
    });
    if (sent.ok) return reply.see(c, `/mina-moten/${idOf(c)}/forberedelse`, 'forberedelse');
    if (sent.code === 'fields') return sending(c, { of: 'text', form: faults, changed: false }, 422);
    const changed = sent.code === 'changed_by_someone_else';
    if (!changed && sent.code !== 'not_now') return reply.refused(c, sent.code);
    const errors: Form['errors'] = changed ? {} : { '': { code: sent.code } };
    const form = { values: body, errors };
    return sending(c, { of: 'text', form, changed }, changed ? 409 : 422);
  }

  const write = '/mina-moten/:pid/forberedelse';
  return [
    { method: 'get', path: write, action: 'participation.see', handle: (c) => sending(c, null, 200) },
    { method: 'post', path: write, action: 'participation.write', handle: prepare },
    { method: 'get', path: '/mina-moten', action: 'participation.list', handle: list },
    { method: 'get', path: '/mina-moten/:pid', action: 'participation.see', handle: (c) => page(c, emptyForm, 200) },
    { method: 'post', path: '/mina-moten/:pid', action: 'participation.reply', handle: answer },
    { method: 'post', path: '/mina-moten/:pid/tider', action: 'participation.reply', handle: voting },
  ];
}
