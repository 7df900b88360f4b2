import type { LinkScope } from '../../../kernel/access.ts';
import { claimedId, tokenOpens } from '../../../kernel/links.ts';
import { formatDate, formatWeekday, stockholmDate } from '../../../kernel/time.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { answerInvitation } from '../commands.ts';
import { readReply } from '../input.ts';
import { invitationCalendar, invitationFacts } from '../mail.ts';
import { emptyForm, type Form } from '../page.ts';
import { renderDownload } from '../render.ts';
import { hasTime, linkLives } from '../rules.ts';
import { type Linked, locateLinked, readInvited } from '../store.ts';
import { voteByLink } from '../vote/commands.ts';
import { readVotes } from '../vote/input.ts';
import { votePage } from '../vote/page.ts';
import { linkPage } from './page.ts';

const scope: LinkScope = 'participant';

/** What a participant reaches without signing in. Only POST changes anything. */
export function linkRoutes(house: House): Route[] {
  const { config, contact, engine, reply, texts } = house;
  const { t } = texts;

  const dead = (c: Ctx) =>
    reply.page(
      c,
      'public/dead',
      { ...contact, reference: c.get('reference') },
      {
        titleKey: 'link.dead.title',
        mood: 'public',
        status: 404,
        noindex: true,
      },
    );

  /** Lets the participant through whom a token opens, with the link as the actor, and nobody else. */
  async function byToken(c: Ctx, handle: (found: Linked, token: string) => Promise<Response>): Promise<Response> {
    const token = c.req.param('token') ?? '';
    const id = claimedId(token);
    const found = id === null ? null : await locateLinked(engine.database.reads, id);
    if (id === null || !found || !tokenOpens(token, config.linkKey, scope, id, found.linkGeneration)) return dead(c);
    if (!linkLives(found.endsAt, engine.clock.now())) return dead(c);
    c.set('actor', { kind: 'link', scope, id });
    return handle(found, token);
  }

  const open = (c: Ctx, found: Linked | null) =>
    view(engine, caller(c), {
      action: 'participation.open',
      locate: async () => found?.at ?? null,
      read: readInvited,
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
    const { meeting, participant, poll } = seen.value;
    const now = engine.clock.now();
    const votes = votePage(poll, participant, form, now);
    const model = linkPage(meeting, participant, { token, form, now, changed: status === 409, votes });
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

  async function vote(c: Ctx, found: Linked, token: string) {
    const body = await readForm(c);
    const id = found.at.subject.link?.id ?? '';
    let faults = emptyForm;
    const voted = await voteByLink(engine, caller(c), id, (poll) => {
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

  async function calendar(c: Ctx, found: Linked, token: string) {
    const seen = await open(c, found);
    if (!seen.ok) return dead(c);
    const { meeting, participant } = seen.value;
    if (!hasTime(meeting) || meeting.state === 'cancelled') return dead(c);
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
      handle: (c) => byToken(c, (found, token) => vote(c, found, token)),
    },
    {
      method: 'get',
      path: '/svar/:token/mote.ics',
      action: shown,
      handle: (c) => byToken(c, (found, token) => calendar(c, found, token)),
    },
  ];
}
