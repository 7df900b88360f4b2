import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../platform/web/route.ts';
import { accessRoutes } from './access/routes.ts';
import { answerRoutes } from './answer/routes.ts';
import { cancelMeeting, fixTime, removeParticipant, renewLink, sendInvitations } from './commands.ts';
import { readReason, readTime } from './input.ts';
import { letterRoutes } from './letter/routes.ts';
import { type Copies, type Going, linkRoutes } from './link/routes.ts';
import { answersHow, invitationFacts, invitationMail, newsMail } from './mail.ts';
import { ownMeetingRoutes } from './own/routes.ts';
import { bookingPage, cancelPage, emptyForm, type Form, removePage, sendPage, timePage } from './page.ts';
import { preparationRoutes } from './preparation/routes.ts';
import { hasTime, isUnsent } from './rules.ts';
import { type Arrangement, locateArranged, locateParticipant, readArrangement } from './store.ts';
import { voteRoutes } from './vote/routes.ts';

const scripts = ['form.js'];

/** Everything about when, where and who comes: the officer's pages, the letter, and the participants' own links. */
export function invitationRoutes(house: House, copies: Copies, going: Going): Route[] {
  const { config, engine, reply, texts } = house;
  const { t } = texts;
  const now = () => engine.clock.now();
  const meetingIdOf = (c: Ctx) => c.req.param('id') ?? '';
  const at = (c: Ctx) => ({ meetingId: meetingIdOf(c), id: c.req.param('pid') ?? '' });
  const toMeeting = (c: Ctx, done?: string) => reply.see(c, `/moten/${meetingIdOf(c)}`, done);

  function arrangement(c: Ctx) {
    const id = meetingIdOf(c);
    return view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (reads) => locateArranged(reads, id),
      read: readArrangement,
    });
  }

  function participant(c: Ctx) {
    const { meetingId, id } = at(c);
    return view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (reads) => locateParticipant(reads, meetingId, id),
      read: async (_reads, { meeting, participant: one }) => ({ meeting, one }),
    });
  }

  /** A page of the officer's; where there is nothing to do any more it leads back to the meeting. */
  function page(c: Ctx, name: string, model: { open: boolean }, status: 200 | 409 | 422) {
    if (!model.open && status === 200) return toMeeting(c);
    return reply.page(c, `invitation/${name}`, model, { titleKey: `invite.${name}`, mood: 'officer', status, scripts });
  }

  async function time(c: Ctx, form: Form | null, status: 200 | 409 | 422) {
    const seen = await arrangement(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    const chosen = form ? form.values.option : c.req.query('tid');
    const booking = bookingPage(seen.value, typeof chosen === 'string' ? chosen : '');
    return page(c, 'time', timePage(seen.value, form, booking), status);
  }

  async function setTime(c: Ctx) {
    const body = await readForm(c);
    const input = readTime(body, now());
    if (!input.ok) return time(c, { ...input, values: { ...body, ...input.values } }, 422);
    const fixed = await fixTime(engine, caller(c), meetingIdOf(c), input.value, config.videoUrlTemplate);
    if (fixed.ok && input.value.optionId) {
      // Whoever books a proposed time has asked everybody: the invitation leaves at once, unless something is missing.
      const sent = await sendInvitations(engine, caller(c), meetingIdOf(c));
      return toMeeting(c, sent.ok ? 'bokad' : 'bokad-inte-inbjudna');
    }
    if (fixed.ok) {
      const [notice] = fixed.value.notices;
      return toMeeting(c, notice ? `tid-${notice.code}` : 'tid');
    }
    if (fixed.code === 'not_found' || fixed.code === 'forbidden') return reply.refused(c, fixed.code);
    const [field, code] = fixed.code === 'reason' ? ['reason', 'required'] : ['', fixed.code];
    return time(c, { values: body, errors: { [field]: { code } } }, code === 'changed_by_someone_else' ? 409 : 422);
  }

  /** The mail as everybody reads it, with words where each has their own link. */
  function preview({ meeting, participants }: Arrangement) {
    const first = participants.find((one) => isUnsent(one, meeting.sequence));
    if (!first || !hasTime(meeting)) return null;
    const facts = invitationFacts(meeting, first, meeting.sequence, now());
    const ownLink = t('invite.ownLink');
    if (meeting.individual.protectedIdentity) return newsMail(facts, ownLink, t);
    return invitationMail('invitation.request', facts, ownLink, answersHow(config.imapUrl !== null, t), t);
  }

  async function sending(c: Ctx, status: 200 | 422) {
    const seen = await arrangement(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    return page(c, 'send', sendPage(seen.value, preview(seen.value)), status);
  }

  async function send(c: Ctx) {
    const sent = await sendInvitations(engine, caller(c), meetingIdOf(c));
    if (sent.ok) return toMeeting(c, sent.value.sent > 0 ? 'inbjudna' : 'inga-nya');
    return sent.code === 'gates' ? sending(c, 422) : reply.refused(c, sent.code);
  }

  async function cancelling(c: Ctx, form: Form, status: 200 | 422) {
    const seen = await arrangement(c);
    return seen.ok ? page(c, 'cancel', cancelPage(seen.value, form), status) : reply.refused(c, seen.code);
  }

  async function cancel(c: Ctx) {
    const reason = readReason(await readForm(c), now());
    if (!reason.ok) return cancelling(c, reason, 422);
    const cancelled = await cancelMeeting(engine, caller(c), meetingIdOf(c), reason.value);
    return cancelled.ok ? toMeeting(c, 'installt') : reply.refused(c, cancelled.code);
  }

  async function removing(c: Ctx) {
    const seen = await participant(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    return page(c, 'remove', removePage(seen.value.meeting, seen.value.one), 200);
  }

  async function remove(c: Ctx) {
    const removed = await removeParticipant(engine, caller(c), at(c));
    return removed.ok ? toMeeting(c, 'borttagen') : reply.refused(c, removed.code);
  }

  async function newLink(c: Ctx) {
    const renewed = await renewLink(engine, caller(c), at(c));
    return renewed.ok ? toMeeting(c, 'ny-lank') : reply.refused(c, renewed.code);
  }

  const arrange = 'meeting.arrange';
  const one = '/moten/:id/deltagare/:pid';
  return [
    { method: 'get', path: '/moten/:id/tid', action: arrange, handle: (c) => time(c, null, 200) },
    { method: 'post', path: '/moten/:id/tid', action: arrange, handle: setTime },
    { method: 'get', path: '/moten/:id/kallelse', action: arrange, handle: (c) => sending(c, 200) },
    { method: 'post', path: '/moten/:id/kallelse', action: arrange, handle: send },
    { method: 'get', path: '/moten/:id/installd', action: arrange, handle: (c) => cancelling(c, emptyForm, 200) },
    { method: 'post', path: '/moten/:id/installd', action: arrange, handle: cancel },
    { method: 'get', path: `${one}/bort`, action: arrange, handle: removing },
    { method: 'post', path: `${one}/bort`, action: arrange, handle: remove },
    { method: 'post', path: `${one}/ny-lank`, action: arrange, handle: newLink },
    ...accessRoutes(house),
    ...answerRoutes(house),
    ...letterRoutes(house),
    ...linkRoutes(house, copies, going),
    ...ownMeetingRoutes(house, going),
    ...preparationRoutes(house),
    ...voteRoutes(house),
  ];
}
