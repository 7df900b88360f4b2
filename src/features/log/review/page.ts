import { isSamePerson, type User } from '../../../kernel/access.ts';
import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import type { Emergency } from '../emergency/rules.ts';
import { told } from '../rules.ts';
import { mayNote, type Review, type ReviewRow, reviewPageSize } from './rules.ts';

/** The reviewer's first page: what was opened without ordinary right, and the samples. */
export function reviewsPage(facts: { emergencies: readonly Emergency[]; reviews: readonly Review[] }, viewer: User) {
  const reviews = facts.reviews.slice(0, reviewPageSize);
  const last = facts.reviews.length > reviewPageSize ? reviews.at(-1) : undefined;
  return {
    emergencies: facts.emergencies.map((one) => ({ ...one, own: isSamePerson(viewer, one.accountId) })),
    reviews,
    next: last ? `/loggranskning?efter=${last.id}` : null,
  };
}

const shown = (row: ReviewRow, viewer: User) => ({
  ...row,
  logged: row.logged && {
    ...told({ ...row.logged, count: 1, first: row.logged.at }, { id: viewer.id, names: true, withheld: new Set() }),
    own: !mayNote(row, viewer).ok,
  },
});

export function reviewPage(review: Review, rows: readonly ReviewRow[], viewer: User) {
  return {
    review,
    rows: rows.map((row) => shown(row, viewer)),
    noted: rows.filter(({ finding }) => finding !== null).length,
    total: rows.length,
  };
}

export function rowPage(
  review: Review,
  row: ReviewRow,
  viewer: User,
  given: { values: FieldValues; errors: FieldErrors } | null,
) {
  const noted = { finding: row.finding ?? '', note: row.note ?? '' };
  return { review, row: shown(row, viewer), form: given ?? { values: noted, errors: {} } };
}
