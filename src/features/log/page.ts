import type { User } from '../../kernel/access.ts';
import type { Emergency } from './emergency/rules.ts';
import { fold, type Logged, told } from './rules.ts';

type Facts = {
  rows: readonly Logged[];
  more: boolean;
  emergencies: readonly Emergency[];
  withheld: ReadonlySet<string>;
};

/** The log of a case, for the person it is about, their unit's manager or a log reviewer. */
export function logPage(
  logged: { id: string; number: string },
  facts: Facts,
  viewer: { user: User; named: boolean; first: boolean },
) {
  const { user, named, first } = viewer;
  const self = user.role === 'individual' || user.role === 'representative';
  const names = named || !self;
  const last = facts.more ? facts.rows.at(-1) : undefined;
  return {
    self,
    number: logged.number,
    back: user.role === 'log_reviewer' ? '/loggranskning' : `/arenden/${logged.id}`,
    reviewer: user.role === 'log_reviewer',
    rows: fold(facts.rows).map((row) => told(row, { id: user.id, names, withheld: self ? facts.withheld : new Set() })),
    // They stand above the first page only.
    emergencies: first
      ? facts.emergencies.map((one) => ({
          ...one,
          name: names ? one.name : null,
          reviewHref: self || one.reviewedAt !== null ? null : `/nodatkomst/${one.id}/granskning`,
        }))
      : [],
    next: last ? `/arenden/${logged.id}/logg?efter=${last.id}` : null,
  };
}
