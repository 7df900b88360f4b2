import { formatPersonalNumber } from '../../kernel/personal-number.ts';
import { formatClock, formatDate, formatLongDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { DocumentBlock, DocumentModel, DocumentSection } from '../../platform/pdf/document.ts';
import { renderWithData } from '../../platform/pdf/with-data.ts';
import {
  correctedOn,
  fileName,
  type MinutesContent,
  objectionTexts,
  type Sealed,
  type Translate,
  wordText,
} from '../filing/document/rules.ts';
import { outline, templateOf } from './rules.ts';

/** Finalised minutes as PDF/A-3a, with the same content as data inside. */
export function printMinutes(
  content: Sealed<MinutesContent>,
  t: Translate,
  createdAt: IsoInstant,
): Promise<Uint8Array> {
  return renderWithData(minutesDocument(content, t), t, {
    createdAt,
    name: fileName('protokoll', content.document.number, 'json'),
    data: content,
  });
}

/** Minutes as a document: who was there, what was said and agreed, measures as a table, next follow-up. */
export function minutesDocument(content: MinutesContent | Sealed<MinutesContent>, t: Translate): DocumentModel {
  const corrected = 'sections' in content ? correctedOn(content) : null;
  const { document, meeting, individual, participants, measures, texts, taken = [] } = content;
  const held = meeting.startsAt ?? meeting.heldAt;
  const sections: { heading: string; blocks: DocumentBlock[] }[] = [
    {
      heading: t('min.participants'),
      blocks: [
        {
          kind: 'table',
          caption: t('min.attendance'),
          columns: [
            ...[t('common.name'), t('min.party'), t('min.attendance.column')],
            ...(document.review ? [t('app.review.column')] : []),
          ],
          widths: document.review ? [4, 4, 3, 3] : [4, 4, 3],
          rows: participants.map(({ party, name, title, organisation, attendance, parts = [], answer }) => [
            [name, title].filter(Boolean).join(', '),
            [...new Set([t(`party.${party}`), organisation])].filter(Boolean).join(', '),
            [
              attendance ? t(`attendance.${attendance}`) : t('min.attendance.none'),
              parts.map((part) => t(`min.section.${part}`)).join(', '),
            ]
              .filter(Boolean)
              .join(': '),
            ...(document.review ? [answer ? wordText(answer, t) : ''] : []),
          ]),
        },
        ...(document.review
          ? [
              {
                kind: 'text' as const,
                text: t('app.review.when', {
                  from: formatDate(stockholmDate(document.review.releasedAt)),
                  to: formatDate(document.review.lastDay),
                }),
              },
            ]
          : []),
      ],
    },
    ...outline(templateOf(content), texts).map((section) => ({
      heading: section.question || t(section.heading),
      blocks: section.texts.map(
        ({ label, text }): DocumentBlock => ({ kind: 'text', text, ...(label && { label: t(label) }) }),
      ),
    })),
    ...(taken.length > 0
      ? [
          {
            heading: t('min.field.takenAway'),
            blocks: [
              {
                kind: 'table' as const,
                caption: t('min.taken.caption'),
                columns: [t('min.taken.question'), t('min.taken.by'), t('min.taken.where')],
                widths: [6, 4, 4],
                rows: taken.map(({ question, by, where }) => [question, by, where]),
              },
            ],
          },
        ]
      : []),
    {
      heading: t('min.measures'),
      blocks:
        measures.length === 0
          ? [{ kind: 'text', text: t('min.measures.none') }]
          : [
              {
                kind: 'table',
                caption: t('min.measures.caption'),
                columns: [t('plan.number'), t('plan.measure'), t('plan.owner'), t('plan.followedBy'), t('plan.due')],
                widths: [1, 6, 3, 3, 3],
                rows: measures.map((one) => [
                  String(one.number),
                  [
                    one.text,
                    one.kind && t(`measureKind.${one.kind}`),
                    one.goal && t('plan.goalOf', { goal: one.goal }),
                    one.start && t('plan.startsOn', { date: formatDate(one.start) }),
                    one.followUpOn && t('plan.followedUpOn', { date: formatDate(one.followUpOn) }),
                  ]
                    .filter(Boolean)
                    .join('\n'),
                  [t(`party.${one.carriedOutBy}`), one.person].filter(Boolean).join('\n'),
                  one.followedUpBy ? t(`party.${one.followedUpBy}`) : '',
                  one.due ? formatDate(one.due) : t('plan.noDue'),
                ]),
              },
            ],
    },
    {
      heading: t('plan.followUp'),
      blocks: [
        {
          kind: 'text',
          text: texts.followUpDate ? formatLongDate(texts.followUpDate) : t('plan.followUp.none'),
        },
        ...(texts.followUpPurpose ? [{ kind: 'text' as const, text: texts.followUpPurpose }] : []),
        ...(document.noFollowUpReason
          ? [{ kind: 'text' as const, label: t('common.reason'), text: document.noFollowUpReason }]
          : []),
      ],
    },
    ...(content.objections
      ? [
          {
            heading: t('app.objections'),
            blocks: objectionTexts(content.objections, t).map((one) => ({ kind: 'text' as const, ...one })),
          },
        ]
      : []),
    ...(document.reviewLeftOut
      ? [
          {
            heading: t('min.review'),
            blocks: [{ kind: 'note' as const, label: t('min.review.leftOut'), text: document.reviewLeftOut }],
          },
        ]
      : []),
  ];
  return {
    language: 'sv',
    title: t('min.documentTitle', { kind: t(`kindName.${meeting.kind}`).toLowerCase() }),
    authority: t('pdf.authority'),
    unit: meeting.unit,
    diaryLabel: t('pdf.diary'),
    diaryNumber: document.caseNumber,
    pageLabel: t('pdf.page'),
    facts: [
      { label: t('pdf.authority.label'), value: t('pdf.authority') },
      { label: t('pdf.diary'), value: document.caseNumber },
      { label: t('min.documentNumber'), value: document.number },
      ...(document.amends
        ? [
            { label: t('app.amends'), value: document.amends },
            { label: t('app.amends.reason'), value: document.reason ?? '' },
          ]
        : []),
      ...(corrected ? [{ label: t('corr.corrected'), value: formatDate(corrected) }] : []),
      {
        label: t('pdf.individual'),
        value: [individual.name, individual.number && formatPersonalNumber(individual.number)]
          .filter(Boolean)
          .join(', '),
      },
      { label: t('common.kind'), value: t(`kindName.${meeting.kind}`) },
      ...(held ? [{ label: t('min.when'), value: when(held, meeting.endsAt, t) }] : []),
      ...(meeting.placeKind ? [{ label: t('common.place'), value: t(`placeKind.${meeting.placeKind}`) }] : []),
      { label: t('min.purpose'), value: meeting.purpose },
      ...(texts.sipOverall
        ? [{ label: t('min.field.sipOverall'), value: t(`min.sipOverall.${texts.sipOverall}`) }]
        : []),
      ...(texts.rehabilitation
        ? [{ label: t('min.field.rehabilitation'), value: t(`min.rehabilitation.${texts.rehabilitation}`) }]
        : []),
      {
        label: t('min.finalisedBy'),
        value: `${document.finalisedBy}, ${formatDate(stockholmDate(document.finalisedAt))}`,
      },
    ],
    sections: sections.map((section): DocumentSection => ({ ...section, numbered: true })),
    footer: t('min.footer', {
      number: document.number,
      hash: 'hash' in content ? String(content.hash).slice(0, 16) : '',
    }),
  };
}

function when(start: IsoInstant, end: IsoInstant | null, t: Translate): string {
  const day = formatLongDate(stockholmDate(start));
  return end
    ? t('format.when', { day, start: formatClock(start), end: formatClock(end) })
    : t('format.from', { day, start: formatClock(start) });
}
