import { linkToken } from '../../../kernel/links.ts';
import type { Translate } from '../../../kernel/mail.ts';
import { formatClock, formatLongDate, type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import type { DocumentModel } from '../../../platform/pdf/document.ts';
import { renderPdf } from '../../../platform/pdf/render.ts';
import type { Participant } from '../../meeting/rules.ts';
import { answerBy, type FixedMeeting } from '../rules.ts';

export type LetterFacts = {
  meeting: FixedMeeting;
  one: Participant;
  /** The information of SFB 110:53 and 58 as it was adapted; null where it does not apply, and to everybody but the person. */
  notice: string | null;
  now: IsoInstant;
  baseUrl: string;
  linkKey: Buffer;
};

/**
 * The invitation for somebody without e-mail: what a mail says and, since the envelope is closed, the place. Nothing
 * tells whom or what kind of meeting it is about; the receiver is named in the address alone.
 */
export function letterModel({ meeting, one, notice, now, baseUrl, linkKey }: LetterFacts, t: Translate): DocumentModel {
  const { startsAt, endsAt, placeKind, place, videoUrl, officer, unit, reference } = meeting;
  const day = formatLongDate(stockholmDate(startsAt));
  const when = t('format.when', { day, start: formatClock(startsAt), end: formatClock(endsAt) });
  const kindOfPlace = placeKind === 'office' ? unit.address : t(`placeKind.${placeKind}`);
  const who = { officerName: officer.name, phone: officer.phone };
  const link = `${baseUrl}/svar/${linkToken(linkKey, 'participant', one.id, one.linkGeneration)}`;
  return {
    language: 'sv',
    title: t('letter.title'),
    authority: t('letter.authority'),
    unit: unit.name,
    diaryLabel: t('letter.reference'),
    diaryNumber: reference,
    pageLabel: t('letter.page'),
    address: [one.person.organisation, one.person.name].filter((line) => line !== ''),
    lead: t('letter.lead'),
    facts: [
      { label: t('letter.from'), value: `${officer.name}, ${t('letter.authority')}, ${officer.phone}` },
      { label: t('letter.date'), value: formatLongDate(stockholmDate(now)) },
      { label: t('letter.time'), value: when },
      { label: t('letter.place'), value: [kindOfPlace, place, videoUrl].filter((line) => line !== '').join('\n') },
      { label: t('letter.answerBy'), value: formatLongDate(answerBy(startsAt, now)) },
    ],
    sections: [
      {
        heading: t('letter.answer'),
        numbered: false,
        blocks: [
          { kind: 'text', text: t('letter.answer.text', who) },
          { kind: 'text', text: `${t('letter.online.text')}\n${link}` },
          { kind: 'note', label: t('letter.genuine'), text: t('letter.genuine.text', who) },
        ],
      },
      ...(notice
        ? [{ heading: t('notice.title'), numbered: false, blocks: [{ kind: 'text' as const, text: notice }] }]
        : []),
      {
        heading: t('letter.prepare'),
        numbered: false,
        blocks: [{ kind: 'text', text: t(`role.help.${one.party}`) }],
      },
    ],
    tearOff: {
      heading: t('letter.slip'),
      lines: [`${t('letter.slip.when', { ref: reference, when })}\n${t('letter.slip.to', { address: unit.address })}`],
      options: [t('inv.accepted'), t('inv.tentative'), t('inv.declined')],
    },
    footer: t('letter.footer', { ref: reference }),
  };
}

/** The letter as a PDF that a screen reader can read. */
export const renderLetter = (facts: LetterFacts, t: Translate): Promise<Uint8Array> =>
  renderPdf(letterModel(facts, t), { standard: 'ua-1', createdAt: facts.now });
