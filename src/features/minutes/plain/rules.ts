import { formatLongDate, stockholmDate } from '../../../kernel/time.ts';
import type { MinutesContent, Taken, Translate } from '../../filing/document/rules.ts';
import {
  type Contact,
  linesOf,
  type PlainGroup,
  type PlainPart,
  plainCall,
  plainMeasures,
  plainNext,
  plainPart,
} from '../../plan/plain/rules.ts';
import { templateOf } from '../rules.ts';
import { sectionsOf, type TemplateField } from '../template/rules.ts';

/**
 * Finalised minutes in short, for the person: their own words, what was agreed, who does what by when, the next meeting
 * and whom to ring. What was said on the way stands in the minutes alone.
 */
export function plainMinutes(content: MinutesContent, contact: Contact, t: Translate): PlainPart[] {
  const { document, texts, measures, taken = [] } = content;
  const sections = sectionsOf(templateOf(content));
  const group = ({ name }: TemplateField, label: string, whole = false): PlainGroup[] => {
    const text = texts[name];
    return text ? [{ label, lines: whole ? [text] : linesOf(text) }] : [];
  };
  const own = sections
    .flatMap(({ fields }) => fields)
    .filter(({ own, name }) => own && name !== 'planGoal')
    .flatMap((field) => group(field, field.name === 'ownWords' ? '' : t(`plain.own.${field.name}`), true));
  const agreed = sections
    .filter(({ place }) => place === 'question')
    // A question's first field is what was said.
    .flatMap(({ code, fields }) => {
      const asked = code === 'own_question' ? texts.ownQuestion || t('min.ownQuestion') : t(`plain.question.${code}`);
      const named = ({ name }: TemplateField) =>
        name === `question-${code}-agreed` ? asked : t(`plain.field.${name}`);
      const [, ...answers] = fields;
      return answers.flatMap((field) => group(field, named(field)));
    });
  const sip = sections
    .filter(({ code }) => code === 'sip')
    .flatMap(({ fields }) =>
      fields.flatMap((field) =>
        field.type === 'code' && texts[field.name]
          ? [{ label: t(field.label), lines: [t(`${field.family}.${texts[field.name]}`)] }]
          : group(field, t(field.label)),
      ),
    );
  return [
    ...inGroups(t('plain.ownWords'), 'words', own),
    ...plainPart(t('plain.goal'), 'words', [texts.planGoal ?? '']),
    ...plainPart(t('plain.steps'), 'list', linesOf(texts.subGoals ?? '')),
    ...inGroups(t('plain.agreed'), 'list', [...agreed, ...sip]),
    ...plainMeasures(measures, t),
    ...plainPart(t('plain.taken'), 'list', [
      ...linesOf(texts.takenAway ?? ''),
      ...taken.map((one) => takenLine(one, t)),
    ]),
    ...plainPart(t('plain.meet'), 'text', [
      plainNext(null, texts.followUpDate ?? null, t),
      texts.followUpPurpose ?? '',
      // A day can be agreed on and the meeting not be booked.
      document.noFollowUpReason &&
        t(texts.followUpDate ? 'plain.notBooked' : 'plain.noMeeting.reason', { reason: document.noFollowUpReason }),
    ]),
    ...plainCall(contact, t),
  ];
}

const inGroups = (heading: string, as: PlainPart['as'], groups: PlainGroup[]): PlainPart[] =>
  groups.length > 0 ? [{ heading, as, groups }] : [];

const takenLine = ({ question, by, where }: Taken, t: Translate): string =>
  [question, by && t('plain.taken.by', { by }), where && t('plain.taken.where', { where })].filter(Boolean).join('\n');

/** What the short version begins with: the day of the meeting, and that there is more to read. */
export function plainLead({ meeting }: MinutesContent, t: Translate): string {
  const held = meeting.startsAt ?? meeting.heldAt;
  return [held && t('plain.min.held', { day: formatLongDate(stockholmDate(held)) }), t('plain.min.lead')]
    .filter(Boolean)
    .join(' ');
}
