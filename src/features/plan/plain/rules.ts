import { formatClock, formatLongDate, type IsoDate, type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import type { MeasureContent, Translate } from '../../filing/document/rules.ts';
import type { PlanData } from '../rules.ts';

/**
 * A piece of the version for the person, in plain Swedish: what stands in the plan or the minutes, short and in order, with
 * "du" around it. No text is rewritten. `words`: as somebody put it, `list`: a thing in each line, `text`: sentences.
 */
export type PlainPart = { heading: string; as: 'words' | 'list' | 'text'; groups: PlainGroup[] };
/** `label`: a heading beneath the part's, or nothing. */
export type PlainGroup = { label: string; lines: string[] };
export type Contact = { name: string; phone: string; unit: string };

/** A part of one group; none where there is nothing to say. */
export function plainPart(heading: string, as: PlainPart['as'], lines: readonly (string | null)[]): PlainPart[] {
  const said = lines.filter((line): line is string => Boolean(line));
  return said.length > 0 ? [{ heading, as, groups: [{ label: '', lines: said }] }] : [];
}

/** A text's lines, each a thing of its own. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

type Agreed = Pick<MeasureContent, 'text' | 'carriedOutBy' | 'person' | 'due' | 'start'>;

/** Who does what by when, the person first: a part for each party and name. */
export function plainMeasures(measures: readonly Agreed[], t: Translate): PlainPart[] {
  const groups = Map.groupBy(measures, ({ carriedOutBy, person }) => JSON.stringify([carriedOutBy, person]));
  return [...groups.values()]
    .sort((a, b) => Number(b[0]?.carriedOutBy === 'PERSON') - Number(a[0]?.carriedOutBy === 'PERSON'))
    .flatMap((group) =>
      plainPart(
        whoDoes(group[0] as Agreed, t),
        'list',
        group.map((one) => plainMeasure(one, t)),
      ),
    );
}

function whoDoes({ carriedOutBy, person }: Agreed, t: Translate): string {
  if (carriedOutBy === 'PERSON') return t('plain.you');
  const who = t(`party.${carriedOutBy}`);
  return person ? t('plain.otherNamed', { who, person }) : t('plain.other', { who });
}

const plainMeasure = ({ text, start, due }: Agreed, t: Translate): string =>
  [
    text,
    start && t('plain.starts', { date: formatLongDate(start) }),
    due && t('plain.until', { date: formatLongDate(due) }),
  ]
    .filter(Boolean)
    .join('\n');

/** When everybody meets again, a moment if it is booked. */
export const plainNext = (startsAt: IsoInstant | null, date: IsoDate | null, t: Translate): string =>
  startsAt
    ? t('format.from', { day: formatLongDate(stockholmDate(startsAt)), start: formatClock(startsAt) })
    : date
      ? formatLongDate(date)
      : t('plain.noMeeting');

export const plainCall = (contact: Contact, t: Translate): PlainPart[] =>
  plainPart(t('plain.call'), 'text', [t('plain.callWho', contact), t('plain.help')]);

/** The plan in short. What came to nothing is not told as something to do; what is done stands by itself. */
export function plainPlan(plan: PlanData, t: Translate): PlainPart[] {
  return [
    ...plainPart(t('plain.ownWords'), 'words', [plan.ownWords]),
    ...plainPart(t('plain.goal'), 'words', [plan.goal]),
    ...plainPart(
      t('plain.steps'),
      'list',
      plan.subGoals.map(({ text, reachedOn }) =>
        reachedOn ? `${text}\n${t('plain.reached', { date: formatLongDate(reachedOn) })}` : text,
      ),
    ),
    ...plainDoing(plan, t),
  ];
}

/** The part of it that says who does what, when everybody meets again and whom to ring. */
export function plainDoing({ measures, followUp, contact }: PlanData, t: Translate): PlainPart[] {
  const going = measures.filter(({ status }) => status !== 'done' && status !== 'not_done');
  const done = measures.filter(({ status }) => status === 'done');
  return [
    ...(going.length > 0 ? plainMeasures(going, t) : plainPart(t('plain.todo'), 'text', [t('plain.nothing')])),
    ...plainPart(
      t('plain.done'),
      'list',
      done.map(({ text }) => text),
    ),
    ...plainPart(t('plain.meet'), 'text', [plainNext(followUp.startsAt, followUp.date, t), followUp.purpose]),
    ...plainCall(contact, t),
  ];
}

type PlainBlock = { label: string } & ({ kind: 'list'; items: string[] } | { kind: 'note' | 'text'; text: string });

/** The parts as sections of a document. */
export const plainSections = (parts: readonly PlainPart[]) =>
  parts.map(({ heading, as, groups }) => ({
    heading,
    numbered: false,
    blocks: groups.flatMap(({ label, lines }): PlainBlock[] =>
      as === 'list'
        ? [{ kind: 'list', label, items: lines }]
        : lines.map((text, i) => ({ kind: as === 'words' ? 'note' : 'text', label: i === 0 ? label : '', text })),
    ),
  }));
