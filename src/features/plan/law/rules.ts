import { kommunParties, type Party, regionParties } from '../../../kernel/parties.ts';
import type { IsoDate } from '../../../kernel/time.ts';

/** What the meeting's kind makes (meeting/rules.ts). */
export type PlanKind = 'fk' | 'sip';
/** `fk`: FK's own plan for going back to work, which no law asks for (domain.md 0.4). */
export type PlanType = PlanKind | 'rehabilitation';

/** Whether rehabiliteringsersättning can be paid for a measure: the officer says so in the minutes. */
export const rehabilitationAnswers = ['yes', 'no'] as const;

/**
 * SFB 30 kap. 12 §: FK shall draw up a rehabilitation plan when the person needs a measure for which
 * rehabiliteringsersättning can be paid, and nothing but the officer's word says that it can.
 */
export function planTypeOf(kind: PlanKind, rehabilitation: string): PlanType {
  if (kind === 'sip') return 'sip';
  return rehabilitation === 'yes' ? 'rehabilitation' : 'fk';
}

/** Each code names a text `plan.item.<code>`, and the paragraph it is from, `plan.source.<code>`. */
export const lawCodes = [
  ...(['consulted', 'measures', 'responsible', 'timeplan', 'other', 'followUp'] as const),
  ...(['sipNeeds', 'sipEach', 'sipOther', 'sipOverall', 'sipConsulted'] as const),
] as const;
export type LawCode = (typeof lawCodes)[number];
export type LawItem = { code: LawCode; present: boolean };

export type LawFacts = {
  measures: readonly { carriedOutBy: Party; person: string; due: IsoDate | null }[];
  otherNeeded: string;
  sipNeeds: string;
  sipOverall: string;
};

/**
 * What a plan states, and whether it does. fk and rehabilitation: SFB 30 kap. 13 § (Lag 2013:747), four items, which
 * bind a rehabilitation plan only and are good practice in FK's own. sip: HSL 16 kap. 4 § and SoL 10 kap. 8 §, the
 * same four in both.
 */
export function lawCheck(type: PlanType, plan: LawFacts): LawItem[] {
  const { measures } = plan;
  const all = (holds: (one: LawFacts['measures'][number]) => boolean) => measures.length > 0 && measures.every(holds);
  const by = (parties: readonly Party[]) => measures.some((one) => parties.includes(one.carriedOutBy));
  if (type !== 'sip') {
    return [
      { code: 'measures', present: measures.length > 0 },
      // "Somebody else" is nobody until there is a name.
      { code: 'responsible', present: all((one) => one.carriedOutBy !== 'ANNAN' || one.person !== '') },
      { code: 'timeplan', present: all((one) => one.due !== null) },
      { code: 'other', present: plan.otherNeeded !== '' },
    ];
  }
  const ofAuthorities = [...regionParties, ...kommunParties];
  return [
    { code: 'sipNeeds', present: plan.sipNeeds !== '' },
    { code: 'sipEach', present: by(regionParties) && by(kommunParties) },
    // That nobody else does anything can be said in words too.
    {
      code: 'sipOther',
      present: measures.some((one) => !ofAuthorities.includes(one.carriedOutBy)) || plan.otherNeeded !== '',
    },
    { code: 'sipOverall', present: plan.sipOverall !== '' },
  ];
}

/**
 * What the law says about how a plan is made and kept. Consulting: SFB 30:12 and, where it is possible, HSL 16:4 and
 * SoL 10:9. Following it up: SFB 30:14.
 */
export function makingCheck(type: PlanType, facts: { consulted: boolean; followUp: boolean }): LawItem[] {
  if (type === 'sip') return [{ code: 'sipConsulted', present: facts.consulted }];
  return [
    { code: 'consulted', present: facts.consulted },
    { code: 'followUp', present: facts.followUp },
  ];
}

/** Where in open minutes each is written: an anchor of their page. */
const writtenAt: Record<LawCode, string> = {
  consulted: 'narvaro',
  measures: 'ny-atgard',
  responsible: 'ny-atgard',
  timeplan: 'ny-atgard',
  other: 'f-otherNeeded',
  followUp: 'f-followUpDate',
  sipNeeds: 'f-sipNeeds',
  sipEach: 'ny-atgard',
  sipOther: 'f-otherNeeded',
  sipOverall: 'f-sipOverall',
  sipConsulted: 'narvaro',
};

export type WriteAt = { at: 'minutes' | 'meeting' | 'none'; href: string };

/** Where what is missing is written: in minutes that are open, else at the next meeting, else there is none yet. */
export function whereToWrite(
  code: LawCode,
  caseId: string,
  /** Newest first. */
  meetings: readonly { id: string; state: string; startsAt: string | null }[],
): WriteAt {
  const open = meetings.find(({ state }) => state === 'held');
  if (open) return { at: 'minutes', href: `/moten/${open.id}/protokoll#${writtenAt[code]}` };
  const next = meetings.findLast(({ state }) => state === 'scheduled' || state === 'proposed' || state === 'planning');
  return next ? { at: 'meeting', href: `/moten/${next.id}` } : { at: 'none', href: `/arenden/${caseId}` };
}
