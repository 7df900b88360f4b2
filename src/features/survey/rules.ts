import type { Party } from '../../kernel/parties.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { Participant } from '../meeting/rules.ts';

/** The questions of texts-sv 13: one survey for the person, one for everybody else. */
export const surveys = {
  person: ['said', 'heard', 'who', 'contact', 'helped'],
  other: ['purpose', 'right', 'person', 'own', 'worth'],
} as const;
export type Who = keyof typeof surveys;
export const whos = Object.keys(surveys) as Who[];
/** Nobody need answer: what is not answered, or was answered with `none`, is counted nowhere. */
export const answers = ['yes', 'mostly', 'little', 'no'] as const;
export type Answer = (typeof answers)[number];
export const choices = [...answers, 'none'] as const;

const whoOf = (party: Party): Who | null => (party === 'PERSON' ? 'person' : party === 'TOLK' ? null : 'other');

/**
 * Who is asked after a meeting, and at which address: whoever was there and has a verified address that works. Not
 * whom the person has said no to, nor a person who wants no reminders; where the identity is protected nobody, since a mail
 * tells on which day the minutes were locked.
 */
export function whoIsAsked(
  meeting: { wantsReminders: boolean; individual: { protectedIdentity: boolean } },
  participants: readonly (Pick<Participant, 'id' | 'party' | 'verifiedAt' | 'delivery' | 'view'> & {
    person: { email: string };
  })[],
  attendance: (id: string) => string,
): { who: Who; to: string }[] {
  if (meeting.individual.protectedIdentity) return [];
  return participants.flatMap((one) => {
    const who = whoOf(one.party);
    const reached = one.person.email !== '' && one.verifiedAt !== null && one.delivery !== 'bounced';
    const wanted = one.party === 'PERSON' ? meeting.wantsReminders : one.view !== 'no';
    return who && reached && wanted && attendance(one.id) !== 'absent' ? [{ who, to: one.person.email }] : [];
  });
}

/** The quarter that an answer is counted in, `2026-Q4`: nothing finer is kept. */
export function periodOf(day: IsoDate): string {
  return `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
}
/** Numbers are shown of quarters that are over: while one goes on, the next answer could be told from the difference. */
export const isOver = (period: string, now: IsoInstant): boolean => period < periodOf(stockholmDate(now));

/** A question is shown when this many have answered it … */
export const smallestGroup = 10;
/** … and no number is shown that is of fewer than this. */
export const smallestNumber = 5;

export type Counts = Record<Answer, number>;
/** `of`: the answers that a number is of. */
export type Shown = { of: readonly Answer[]; count: number }[];

/**
 * What may be shown of a question: each answer by itself; or, where one of those is of too few, yes and no each as one
 * number; or nothing. There is no total beside, so that nothing which is left out can be reckoned from what is shown.
 */
export function shownOf(counts: Counts, limits = { group: smallestGroup, number: smallestNumber }): Shown {
  const ways: (readonly Answer[])[][] = [answers.map((one) => [one]), [answers.slice(0, 2), answers.slice(2)]];
  const told = ways.map((way) => way.map((of) => ({ of, count: of.reduce((sum, one) => sum + counts[one], 0) })));
  const all = answers.reduce((sum, one) => sum + counts[one], 0);
  if (all < limits.group) return [];
  return told.find((cells) => cells.every(({ count }) => count >= limits.number)) ?? [];
}
