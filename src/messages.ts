import { type ReviewFacts, reviewMail, reviewMailKinds } from './features/approval/mail.ts';
import { reviewStands } from './features/approval/store.ts';
import { type ReleaseFacts, releaseMail } from './features/consent/release/mail.ts';
import { type CorrectionFacts, correctionMail } from './features/correction/mail.ts';
import { noteRefused } from './features/correction/store.ts';
import { type CodeFacts, codeMail } from './features/invitation/code/mail.ts';
import {
  answersHow,
  type DeclinedFacts,
  declinedMail,
  type InvitationFacts,
  invitationCalendar,
  invitationMail,
  type NewsFacts,
  newsMail,
} from './features/invitation/mail.ts';
import { reminderStands } from './features/invitation/reminder/store.ts';
import {
  type CalendarFacts,
  renderCancel,
  renderDeclineCounter,
  renderHold,
  renderRequest,
} from './features/invitation/render.ts';
import { plusAddress } from './features/invitation/rules.ts';
import { recordDelivery } from './features/invitation/store.ts';
import { type HoldFacts, holdCalendar, holdMail, type PollFacts, pollMail } from './features/meeting/poll/mail.ts';
import { questionStands, recordAskedDelivery } from './features/meeting/poll/store.ts';
import type { RenderedMessage, StoredMessage } from './features/meeting/post/rules.ts';
import { type AnsweredFacts, answeredMail, digestMail } from './features/plan/reminder/mail.ts';
import { answerKind, type DigestFacts, digestKind } from './features/plan/reminder/rules.ts';
import { answerStands, digestStands, noteUnreached } from './features/plan/reminder/store.ts';
import { reminderKinds } from './features/reminder/rules.ts';
import { type RequesterFacts, requesterMail } from './features/request/mail.ts';
import { noteUndelivered } from './features/request/store.ts';
import { type SurveyFacts, surveyMail } from './features/survey/mail.ts';
import type { LinkScope } from './kernel/access.ts';
import { sha256 } from './kernel/digest.ts';
import { newId } from './kernel/ids.ts';
import { linkCode, linkPath } from './kernel/links.ts';
import type { MailText } from './kernel/mail.ts';
import { stockholmDate } from './kernel/time.ts';
import type { House } from './platform/house.ts';
import { buildMail, type OutgoingMail } from './platform/mail/transport.ts';
import { forgetFacts, type OutboxRow } from './platform/outbox/outbox.ts';
import type { MessageKind } from './platform/outbox/worker.ts';

/** The calendar object of each kind of invitation that is no REQUEST. */
const objects: Record<string, (facts: CalendarFacts) => OutgoingMail['calendar']> = {
  'invitation.cancel': (facts) => ({ method: 'CANCEL', content: renderCancel(facts, 'meeting') }),
  'invitation.removed': (facts) => ({ method: 'CANCEL', content: renderCancel(facts, 'one') }),
  'invitation.address': (facts) => ({ method: 'CANCEL', content: renderCancel(facts, 'one') }),
  'invitation.counter_declined': (facts) => ({ method: 'DECLINECOUNTER', content: renderDeclineCounter(facts) }),
};

/** Every kind of mail that can be in the outbox, and how it is made when it leaves. */
export function messageKinds(house: House): Record<string, MessageKind> {
  const { config, renderer } = house;
  const { t } = house.texts;
  const how = answersHow(config.imapUrl !== null, t);

  const link = (scope: LinkScope, id: string, generation: number) =>
    config.baseUrl + linkPath(config.linkKey, scope, id, generation);

  function mail(
    row: OutboxRow,
    to: string,
    from: string,
    text: MailText,
    calendar?: OutgoingMail['calendar'],
  ): OutgoingMail {
    const footer = [
      text.officerName === null
        ? t('mail.footer.safeNoName')
        : t('mail.footer.safe', { officerName: text.officerName }),
      t('mail.footer.reply'),
    ];
    const paragraphs = text.paragraphs.map((line) => ({
      text: line,
      isLink: line === text.link || text.links?.includes(line) === true,
    }));
    return {
      messageId: row.messageId,
      date: row.createdAt,
      from,
      envelopeFrom: from,
      to,
      subject: text.subject,
      text: `${[...text.paragraphs, '--', ...footer].join('\n\n')}\n`,
      html: renderer.body('mail/message', { subject: text.subject, paragraphs, footer }),
      calendar,
    };
  }

  const toRequester: MessageKind = {
    render(row) {
      const facts = row.facts as RequesterFacts;
      const url = link('receipt', facts.requestId, facts.linkGeneration);
      return mail(row, facts.to, config.mailFrom, requesterMail(row.kind, facts, url, t));
    },
    async settled(writes, rows, outcome, at) {
      if (outcome === 'sent') return;
      for (const { facts } of rows) {
        const { requestId } = facts as RequesterFacts;
        await noteUndelivered(writes, { id: newId(at), requestId, at });
      }
    },
  };

  const delivered: MessageKind['settled'] = (writes, rows, outcome) =>
    recordDelivery(
      writes,
      rows.map(({ facts }) => facts as NewsFacts),
      outcome,
    );

  const toParticipant: MessageKind = {
    render(row) {
      const facts = row.facts as InvitationFacts;
      const url = link('participant', facts.participantId, facts.linkGeneration);
      const organizer = plusAddress(config.mailFrom, facts.mailTag);
      const object = invitationCalendar(facts, { link: url, organizer, dtstamp: row.createdAt }, t);
      const calendar = objects[row.kind]?.(object) ?? { method: 'REQUEST', content: renderRequest(object) };
      return mail(row, facts.to, organizer, invitationMail(row.kind, facts, url, how, t), calendar);
    },
    settled: delivered,
  };

  const news: MessageKind = {
    render(row) {
      const facts = row.facts as NewsFacts;
      const url = link('participant', facts.participantId, facts.linkGeneration);
      return mail(row, facts.to, plusAddress(config.mailFrom, facts.mailTag), newsMail(facts, url, t));
    },
    settled: delivered,
  };

  const reminder: MessageKind = {
    stands: reminderStands,
    render(row) {
      const facts = row.facts as InvitationFacts;
      const url = link('participant', facts.participantId, facts.linkGeneration);
      return mail(
        row,
        facts.to,
        plusAddress(config.mailFrom, facts.mailTag),
        invitationMail(row.kind, facts, url, how, t),
      );
    },
    settled: delivered,
  };

  const toOfficer: MessageKind = {
    render(row) {
      const facts = row.facts as DeclinedFacts;
      const url = `${config.baseUrl}/moten/${facts.meetingId}`;
      return mail(row, facts.to, config.mailFrom, declinedMail(facts, url, t));
    },
  };

  const code: MessageKind = {
    render(row) {
      const facts = row.facts as CodeFacts;
      return mail(row, facts.to, config.mailFrom, codeMail(linkCode(config.linkKey, facts.codeId), t));
    },
  };

  const toReached: MessageKind = {
    render(row) {
      const facts = row.facts as CorrectionFacts;
      return mail(row, facts.to, config.mailFrom, correctionMail(facts, t));
    },
    async settled(writes, rows, outcome) {
      if (outcome === 'sent') return;
      for (const { facts } of rows) await noteRefused(writes, (facts as CorrectionFacts).noticeId);
    },
  };

  const toReceiver: MessageKind = {
    render(row) {
      const facts = row.facts as ReleaseFacts;
      const { participantId, linkGeneration } = facts;
      const url =
        linkGeneration === null ? `${config.baseUrl}/utlamnat` : link('participant', participantId, linkGeneration);
      return mail(row, facts.to, config.mailFrom, releaseMail(facts, url, t));
    },
  };

  const toReader: MessageKind = {
    stands: reviewStands,
    render(row) {
      const facts = row.facts as ReviewFacts;
      const url = `${config.baseUrl}/moten/${facts.meetingId}/protokoll`;
      return mail(row, facts.to, config.mailFrom, reviewMail(row.kind, facts, url, t));
    },
  };

  const toAsked: MessageKind = {
    stands: questionStands,
    render(row) {
      const facts = row.facts as PollFacts;
      const url = link('participant', facts.participantId, facts.linkGeneration);
      return mail(row, facts.to, plusAddress(config.mailFrom, facts.mailTag), pollMail(row.kind, facts, url, t));
    },
    settled: (writes, rows, outcome) =>
      recordAskedDelivery(
        writes,
        rows.map(({ facts }) => facts as PollFacts),
        outcome,
      ),
  };

  const toHolder: MessageKind = {
    render(row) {
      const facts = row.facts as HoldFacts;
      const url = link('participant', facts.participantId, facts.linkGeneration);
      const organizer = plusAddress(config.mailFrom, facts.mailTag);
      const object = holdCalendar(facts, { link: url, organizer, dtstamp: row.createdAt }, t);
      const withdrawn = row.kind === 'poll.withdrawn';
      return mail(row, facts.to, organizer, holdMail(row.kind, facts, url, how, t), {
        method: withdrawn ? 'CANCEL' : 'REQUEST',
        content: withdrawn ? renderCancel(object, 'meeting') : renderHold(object),
      });
    },
  };

  const toOwner: MessageKind = {
    stands: digestStands,
    render(row) {
      const facts = row.facts as DigestFacts;
      const each = facts.measures.map((one) => link('measure', one.measureId, one.linkGeneration));
      const own = facts.account && each.length > 0 ? [`${config.baseUrl}/mina-atgarder`] : each;
      const late = facts.late ? `${config.baseUrl}/forsenat` : null;
      const from = facts.mailTag === null ? config.mailFrom : plusAddress(config.mailFrom, facts.mailTag);
      return mail(row, facts.to, from, digestMail({ own, late }, t));
    },
    async settled(writes, rows, outcome, at) {
      if (outcome === 'sent') return;
      const measures = rows.flatMap(({ facts }) => (facts as DigestFacts).measures);
      await noteUnreached(writes, { ids: measures.map(({ measureId }) => measureId) }, stockholmDate(at));
    },
  };

  const answered: MessageKind = {
    stands: answerStands,
    render(row) {
      const facts = row.facts as AnsweredFacts;
      return mail(
        row,
        facts.to,
        config.mailFrom,
        answeredMail(link('measure', facts.measureId, facts.linkGeneration), t),
      );
    },
    settled: (writes, rows, outcome, at) =>
      outcome === 'sent'
        ? Promise.resolve()
        : noteUnreached(
            writes,
            { ids: rows.map(({ facts }) => (facts as AnsweredFacts).measureId) },
            stockholmDate(at),
          ),
  };

  const toSurveyed: MessageKind = {
    render(row) {
      const { to, linkId } = row.facts as SurveyFacts;
      return mail(row, to, config.mailFrom, surveyMail(link('survey', linkId, 1), t));
    },
    settled: (writes, rows) =>
      forgetFacts(
        writes,
        rows.map(({ id }) => id),
      ),
  };

  return {
    [digestKind]: toOwner,
    [answerKind]: answered,
    'correction.corrected': toReached,
    'correction.wrong_recipient': toReached,
    'release.news': toReceiver,
    ...Object.fromEntries(reviewMailKinds.map((kind) => [`review.${kind}`, toReader])),
    'request.receipt': toRequester,
    'request.news': toRequester,
    'request.ask': toRequester,
    'request.link': toRequester,
    'invitation.request': toParticipant,
    'invitation.update': toParticipant,
    'invitation.place': toParticipant,
    'invitation.cancel': toParticipant,
    'invitation.removed': toParticipant,
    'invitation.address': toParticipant,
    'invitation.counter_declined': toParticipant,
    [reminderKinds.meeting]: reminder,
    [reminderKinds.answer]: reminder,
    'officer.declined': toOfficer,
    'participation.news': news,
    'participation.code': code,
    'survey.ask': toSurveyed,
    'poll.ask': toAsked,
    'poll.remind': toAsked,
    'poll.hold': toHolder,
    'poll.withdrawn': toHolder,
  };
}

/** Renders a stored message as it would leave now; null for a kind that there is no more. */
export function renderAgain(house: House): (row: StoredMessage) => Promise<RenderedMessage | null> {
  const kinds = messageKinds(house);
  return async (row) => {
    const mail = kinds[row.kind]?.render(row);
    if (!mail) return null;
    const { subject, text, calendar } = mail;
    return { subject, text, calendar: calendar?.content ?? null, sha256: sha256(await buildMail(mail)) };
  };
}
