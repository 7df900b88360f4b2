import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import { measureStatuses } from '../rules.ts';
import { type Carried, type OwnMeasure, timing, type Watched } from './rules.ts';

export type Form = { values: FieldValues; errors: FieldErrors };
export const emptyForm: Form = { values: {}, errors: {} };

/**
 * The page of a measure for whoever carries it out. `content`: they have shown who they are, and read what it says and
 * what they wrote; by the link alone it is a number, a day and a form.
 */
export function ownMeasurePage(
  { measure, standing, reports, found }: Carried,
  options: {
    path: string;
    post: string;
    form: Form;
    sendKey: string;
    content: boolean;
    signedIn: boolean;
    changed: boolean;
    /** Where the code is asked for; null where it opens nothing. */
    codeAt: string | null;
    phone: string;
    now: IsoInstant;
  },
) {
  const { content, form, now, sendKey, ...rest } = options;
  const today = stockholmDate(now);
  const answer = reports.findLast(({ decision }) => decision !== null);
  const last = reports.findLast(({ decision }) => decision === null);
  return {
    ...rest,
    ...timing(standing, today),
    form,
    content,
    id: measure.id,
    number: measure.number,
    text: content ? measure.text : '',
    goal: content ? measure.goal : '',
    who: content && !found.individual.protectedIdentity ? found.individual.name : '',
    state: standing.state,
    due: standing.due,
    askedDue: standing.askedDue,
    reportedAt: last?.at ?? null,
    answer: answer
      ? { granted: answer.decision === 'granted', at: answer.at, words: content ? answer.note : '' }
      : null,
    reports: content ? reports.toReversed() : [],
    open: found.state === 'open' || found.state === 'closing',
    unsent: [form.values.note, form.values.obstacle].flat().filter(Boolean),
    statuses: measureStatuses,
    version: measure.version,
    sendKey: typeof form.values.sendKey === 'string' && form.values.sendKey !== '' ? form.values.sendKey : sendKey,
    officerName: found.officerName,
  };
}

const nextOf = (path: string, rows: readonly { day: IsoDate; id: string }[], found: number): string | null => {
  const last = found > rows.length ? rows.at(-1) : undefined;
  return last ? `${path}${path.includes('?') ? '&' : '?'}efter=${last.day}_${last.id}` : null;
};

/** Where a list goes on: the last row's day and id. Junk begins anew. */
export function readAfter(text: string | undefined): { day: IsoDate; id: string } | null {
  const [, day, id] = /^(\d{4}-\d\d-\d\d)_([A-Za-z0-9_-]{8,64})$/.exec(text ?? '') ?? [];
  return day && id ? { day, id } : null;
}

/** Where it is reported on: FK's own in the plan, by the officer of the case. */
const placeOf = ({ id, caseId, number, carriedOutBy }: OwnMeasure): string =>
  carriedOutBy === 'FK' ? `/arenden/${caseId}/plan?rapportera=${id}#atgard-${number}` : `/atgarder/${id}`;

export function ownMeasuresPage(found: readonly OwnMeasure[], ended: boolean, pageSize: number, now: IsoInstant) {
  const today = stockholmDate(now);
  const rows = found.slice(0, pageSize).map((one) => ({ ...one, ...timing(one, today), href: placeOf(one) }));
  const path = ended ? '/mina-atgarder?visa=avslutade' : '/mina-atgarder';
  return { rows, ended, next: nextOf(path, rows, found.length) };
}

export function watchPage(found: readonly Watched[], pageSize: number, now: IsoInstant) {
  const today = stockholmDate(now);
  const rows = found.slice(0, pageSize).map((one) => ({ ...one, ...timing(one, today) }));
  return { rows, next: nextOf('/forsenat', rows, found.length) };
}

export function decidePage({ measure, standing, reports, found }: Carried, form: Form, changed: boolean) {
  const asked = reports.findLast(({ proposedDue }) => proposedDue !== null && proposedDue === standing.askedDue);
  return {
    ...{ form, changed, id: measure.id, number: measure.number, text: measure.text, due: standing.due },
    askedDue: standing.askedDue,
    why: asked ? [asked.note, asked.obstacle].filter(Boolean).join('\n') : '',
    party: measure.carriedOutBy,
    person: measure.person,
    caseId: found.id,
    caseNumber: found.number,
  };
}
