import type { Translate } from '../../../kernel/mail.ts';
import { formatClock, formatDate, formatLongDate, stockholmDate } from '../../../kernel/time.ts';
import type { DocumentBlock, DocumentModel, DocumentSection } from '../../../platform/pdf/document.ts';
import { renderWithData } from '../../../platform/pdf/with-data.ts';
import { correctedOn, objectionTexts, type Sealed, wordText } from '../../filing/document/rules.ts';
import { outline, templateOf } from '../../minutes/rules.ts';
import { type Copy, copyFileName } from './rules.ts';

/** A copy as PDF/A-3a, with the same copy as data inside. */
export function printCopy(copy: Sealed<Copy>, t: Translate): Promise<Uint8Array> {
  return renderWithData(copyDocument(copy, t), t, {
    createdAt: copy.document.releasedAt,
    name: copyFileName(copy, 'json'),
    data: copy,
  });
}

/** The copy as a document. What it does not hold has no heading, so that nothing tells what was left out. */
export function copyDocument(copy: Sealed<Copy>, t: Translate): DocumentModel {
  const { document, receiver, meeting, participants, measures, texts } = copy;
  const corrected = correctedOn(copy);
  const held = meeting.startsAt ?? meeting.heldAt;
  const text = (value: string | undefined, label?: string): DocumentBlock[] =>
    value ? [{ kind: 'text', text: value, ...(label && { label }) }] : [];
  const table = (caption: string, columns: string[], widths: number[], rows: string[][]): DocumentBlock[] =>
    rows.length === 0 ? [] : [{ kind: 'table', caption, columns, widths, rows }];
  const lines = (...parts: (string | null | undefined)[]) => parts.filter(Boolean).join('\n');
  const sections: { heading: string; blocks: DocumentBlock[] }[] = [
    {
      heading: t('min.participants'),
      blocks: [
        ...table(
          t('min.attendance'),
          [t('common.name'), t('min.party'), t('min.attendance.column')],
          [4, 4, 3],
          participants.map(({ party, name, title, organisation, attendance }) => [
            [name, title].filter(Boolean).join(', '),
            [...new Set([t(`party.${party}`), organisation])].filter(Boolean).join(', '),
            attendance ? t(`attendance.${attendance}`) : t('min.attendance.none'),
          ]),
        ),
        ...participants.flatMap(({ name, answer }) =>
          text(answer && wordText(answer, t), t('release.answer', { name })),
        ),
      ],
    },
    { heading: t('min.purpose'), blocks: text(texts.purpose) },
    ...outline(templateOf(copy), texts).map((section) => ({
      heading: section.question || t(section.heading),
      blocks: section.texts.flatMap((one) => text(one.text, one.label && t(one.label))),
    })),
    {
      heading: t('min.field.sipOverall'),
      blocks: text(texts.sipOverall && t(`min.sipOverall.${texts.sipOverall}`)),
    },
    {
      heading: t('min.field.takenAway'),
      blocks: table(
        t('min.taken.caption'),
        [t('min.taken.question'), t('min.taken.by'), t('min.taken.where')],
        [6, 4, 4],
        (copy.taken ?? []).map(({ question, by, where }) => [question, by, where]),
      ),
    },
    {
      heading: t('min.measures'),
      blocks: table(
        t('min.measures.caption'),
        [t('plan.number'), t('plan.measure'), t('plan.owner'), t('plan.followedBy'), t('plan.due')],
        [1, 6, 3, 3, 3],
        measures.map((one) => [
          String(one.number),
          lines(
            one.text,
            one.kind && t(`measureKind.${one.kind}`),
            one.goal && t('plan.goalOf', { goal: one.goal }),
            one.start && t('plan.startsOn', { date: formatDate(one.start) }),
          ),
          lines(t(`party.${one.carriedOutBy}`), one.person),
          lines(
            one.followedUpBy && t(`party.${one.followedUpBy}`),
            one.followUpOn && t('plan.followedUpOn', { date: formatDate(one.followUpOn) }),
          ),
          lines(one.due ? formatDate(one.due) : t('plan.noDue'), one.status && t(`measureStatus.${one.status}`)),
        ]),
      ),
    },
    {
      heading: t('plan.followUp'),
      blocks: [...text(texts.followUpDate && formatLongDate(texts.followUpDate)), ...text(texts.followUpPurpose)],
    },
    {
      heading: t('app.objections'),
      blocks: objectionTexts(copy.objections ?? [], t).map((one) => ({ kind: 'text' as const, ...one })),
    },
    { heading: t('plan.contact'), blocks: text(t('plan.contact.text', { ...document, name: document.releasedBy })) },
  ];
  const receiverName = [...new Set([t(`party.${receiver.party}`), receiver.organisation])].join(', ');
  return {
    language: 'sv',
    title: titleOf(copy, t),
    authority: t('pdf.authority'),
    unit: document.unit,
    diaryLabel: t('pdf.diary'),
    diaryNumber: document.caseNumber,
    pageLabel: t('pdf.page'),
    ...(document.reservation && { lead: t('inv.secrecy') }),
    facts: [
      { label: t('pdf.authority.label'), value: t('pdf.authority') },
      { label: t('pdf.diary'), value: document.caseNumber },
      { label: t('release.number'), value: document.number },
      ...(corrected ? [{ label: t('corr.corrected'), value: formatDate(corrected) }] : []),
      { label: t('release.receiver'), value: receiverName },
      { label: t('pdf.individual'), value: copy.individual.name },
      ...(held ? [{ label: t('min.when'), value: when(held, meeting.endsAt, t) }] : []),
      ...(document.of === 'plan' ? [{ label: t('plan.asOf'), value: formatDate(document.asOf) }] : []),
      { label: t('release.madeAt'), value: formatDate(stockholmDate(document.releasedAt)) },
    ],
    sections: sections
      .filter(({ blocks }) => blocks.length > 0)
      .map((section): DocumentSection => ({ ...section, numbered: true })),
    footer: t('min.footer', { number: document.number, hash: copy.hash.slice(0, 16) }),
  };
}

const titleOf = ({ document, meeting }: Copy, t: Translate): string =>
  document.of === 'plan'
    ? t('plan.title')
    : t('min.documentTitle', { kind: t(`kindName.${meeting.kind}`).toLowerCase() });

function when(start: string, end: string | null, t: Translate): string {
  const day = formatLongDate(stockholmDate(start));
  return end
    ? t('format.when', { day, start: formatClock(start), end: formatClock(end) })
    : t('format.from', { day, start: formatClock(start) });
}
