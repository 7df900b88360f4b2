import { linkToken } from '../../../kernel/links.ts';
import type { Translate } from '../../../kernel/mail.ts';
import { formatClock, formatLongDate, type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import type { DocumentModel, DocumentSection } from '../../../platform/pdf/document.ts';
import { renderPdf } from '../../../platform/pdf/render.ts';
import { fileName } from '../../filing/document/rules.ts';
import { votes } from '../../meeting/poll/rules.ts';
import type { Meeting, Participant } from '../../meeting/rules.ts';
import { answerBy, type FixedMeeting } from '../rules.ts';
import type { LetterContent } from './rules.ts';

export type LetterFacts = {
  content: LetterContent;
  meeting: Pick<Meeting, 'officer' | 'unit' | 'reference' | 'individual' | 'startsAt' | 'endsAt'>;
  one: Participant;
  /** The information of SFB 110:53 and 58 as it was adapted; null where it does not apply, and to everybody but the person. */
  notice: string | null;
  now: IsoInstant;
  baseUrl: string;
  linkKey: Buffer;
};

type Part = Pick<DocumentModel, 'title' | 'lead' | 'facts' | 'sections' | 'tearOff'>;

/**
 * What a mail says, for somebody without e-mail, and since the envelope is closed the place too. Nothing tells whom or
 * what kind of meeting it is about; the receiver is named alone.
 */
export function letterModel(facts: LetterFacts, t: Translate): DocumentModel {
  const { content, meeting, one, now } = facts;
  const { officer, unit, reference } = meeting;
  const letter =
    content.kind === 'poll'
      ? asking(facts, content.poll, t)
      : 'meeting' in content
        ? inviting(facts, content, t)
        : ending(facts, content, t);
  return {
    language: 'sv',
    ...letter,
    authority: t('letter.authority'),
    unit: unit.name,
    diaryLabel: t('letter.reference'),
    diaryNumber: reference,
    pageLabel: t('letter.page'),
    address: [one.person.organisation, one.person.name].filter((line) => line !== ''),
    facts: [
      { label: t('letter.from'), value: `${officer.name}, ${t('letter.authority')}, ${officer.phone}` },
      { label: t('letter.date'), value: formatLongDate(stockholmDate(now)) },
      ...letter.facts,
    ],
    footer: t('letter.footer', { ref: reference }),
  };
}

const section = (heading: string, ...texts: string[]): DocumentSection => ({
  heading,
  numbered: false,
  blocks: texts.map((text) => ({ kind: 'text', text })),
});

function whenOf({ startsAt, endsAt }: { startsAt: IsoInstant; endsAt: IsoInstant }, t: Translate): string {
  const day = formatLongDate(stockholmDate(startsAt));
  return t('format.when', { day, start: formatClock(startsAt), end: formatClock(endsAt) });
}

const genuine = ({ meeting }: LetterFacts, t: Translate): DocumentSection =>
  section(t('letter.genuine'), t('letter.genuine.text', { officerName: meeting.officer.name }));

/** How to answer, by telephone, slip or link where `online`; the person may let somebody else do it. */
function answering(
  { meeting, one, baseUrl, linkKey }: LetterFacts,
  how: string,
  t: Translate,
  online = true,
): DocumentSection {
  const link = `${baseUrl}/svar/${linkToken(linkKey, 'participant', one.id, one.linkGeneration)}`;
  return section(
    t('letter.answer'),
    t(how, { officerName: meeting.officer.name, phone: meeting.officer.phone }),
    ...(one.party === 'PERSON' ? [t('letter.support', { phone: meeting.officer.phone })] : []),
    ...(online ? [`${t('letter.online.text')}\n${link}`] : []),
  );
}

/** The foot of an answer slip: who sends it and where to. Somebody else may have filled it in. */
const slipEnds = ({ meeting, one }: LetterFacts, t: Translate) => ({
  heading: t('letter.slip'),
  from: t('letter.slip.from', { name: one.person.name }),
  blanks: [t('letter.slip.adapt'), t('letter.slip.helper')],
  to: t('letter.slip.to', { unit: meeting.unit.name, address: meeting.unit.address }),
});

/** The meeting as it is, to be answered: the invitation, or what has changed in it. */
function inviting(
  facts: LetterFacts,
  { kind, meeting }: { kind: 'request' | 'update' | 'place' | 'counter_declined'; meeting: FixedMeeting },
  t: Translate,
): Part {
  const { startsAt, placeKind, place, videoUrl, unit, reference } = meeting;
  const when = whenOf(meeting, t);
  const kindOfPlace = placeKind === 'office' ? unit.address : t(`placeKind.${placeKind}`);
  const slip = slipEnds(facts, t);
  return {
    title: t(`letter.title.${kind}`),
    lead: t(`letter.lead.${kind}`),
    facts: [
      { label: t('letter.time'), value: when },
      { label: t('letter.place'), value: [kindOfPlace, place, videoUrl].filter((line) => line !== '').join('\n') },
      { label: t('letter.answerBy'), value: formatLongDate(answerBy(startsAt, facts.now)) },
    ],
    sections: [
      answering(facts, 'letter.answer.text', t),
      genuine(facts, t),
      ...(facts.notice ? [section(t('notice.title'), facts.notice)] : []),
      section(t('letter.prepare'), t(`role.help.${facts.one.party}`)),
    ],
    tearOff: {
      heading: slip.heading,
      lines: [slip.from, t('letter.slip.when', { ref: reference, when })],
      options: [t('inv.accepted'), t('inv.tentative'), t('inv.declined')],
      blanks: [t('letter.slip.otherTime'), ...slip.blanks],
      ending: slip.to,
    },
  };
}

/** There is nothing to come to any more, and nothing to answer. */
const ending = (facts: LetterFacts, content: LetterContent & { kind: 'cancel' | 'removed' }, t: Translate): Part => ({
  title: t(`letter.title.${content.kind}`),
  lead: t(`letter.lead.${content.kind}`, {
    when: whenOf(content, t),
    officerName: facts.meeting.officer.name,
    phone: facts.meeting.officer.phone,
  }),
  facts: [],
  sections: [genuine(facts, t)],
});

/** Which of the proposed times would suit. */
function asking(facts: LetterFacts, poll: (LetterContent & { kind: 'poll' })['poll'], t: Translate): Part {
  const slip = slipEnds(facts, t);
  const { startsAt, endsAt } = facts.meeting;
  return {
    title: t('letter.title.poll'),
    // Other times are asked for while one stands, which they may never have read of.
    lead:
      startsAt && endsAt ? t('letter.lead.pollMove', { when: whenOf({ startsAt, endsAt }, t) }) : t('letter.lead.poll'),
    facts: [{ label: t('letter.answerBy'), value: formatLongDate(poll.lastDay) }],
    // Of a protected identity the link's page says nothing about times.
    sections: [
      answering(facts, 'letter.answer.poll', t, !facts.meeting.individual.protectedIdentity),
      genuine(facts, t),
    ],
    tearOff: {
      heading: slip.heading,
      lines: [slip.from, t('letter.slip.ref', { ref: facts.meeting.reference })],
      options: [],
      grid: {
        columns: [t('poll.time'), ...votes.map((vote) => t(`inv.poll.${vote}`))],
        rows: poll.options.map((option) => whenOf(option, t)),
      },
      blanks: [t('letter.slip.noneSuits'), ...slip.blanks],
      ending: slip.to,
    },
  };
}

/** The letter as data, as far as it is printed; without the link, which nothing keeps. */
export function letterData({ content, meeting, one, notice, now }: LetterFacts) {
  const { officer, unit, reference } = meeting;
  return {
    document: { kind: 'letter', of: content.kind, reference, date: stockholmDate(now) },
    from: { name: officer.name, phone: officer.phone, unit: unit.name },
    to: { name: one.person.name, organisation: one.person.organisation },
    ...('meeting' in content
      ? {
          startsAt: content.meeting.startsAt,
          endsAt: content.meeting.endsAt,
          placeKind: content.meeting.placeKind,
          place: content.meeting.place,
          videoUrl: content.meeting.videoUrl,
          answerBy: answerBy(content.meeting.startsAt, now),
          notice,
        }
      : content.kind === 'poll'
        ? {
            times: content.poll.options.map(({ startsAt, endsAt }) => ({ startsAt, endsAt })),
            answerBy: content.poll.lastDay,
          }
        : { startsAt: content.startsAt, endsAt: content.endsAt }),
  };
}

/** The letter as PDF/A-3a that a screen reader can read, with the same facts as data inside. */
export function renderLetter(facts: LetterFacts, t: Translate): Promise<Uint8Array> {
  const model = letterModel(facts, t);
  return renderPdf(model, {
    standard: 'a-3a',
    createdAt: facts.now,
    attachment: {
      name: fileName('brev', facts.meeting.reference, 'json'),
      json: JSON.stringify(letterData(facts), null, 2),
      description: t('pdf.data', { title: model.title }),
    },
  });
}
