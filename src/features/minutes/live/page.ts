import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { fingerprint, type MinutesFacts, questionsOf, type SavedField, unwritten, writtenSections } from '../rules.ts';
import {
  contributionField,
  type Earlier,
  minutesEach,
  notThere,
  standingOf,
  takenInField,
  writersNow,
} from './rules.ts';

/** A text that did not stay in its field. */
type EarlierText = Pick<Earlier, 'text' | 'by' | 'at'>;

/** What each box did not keep, by field. */
export function earlierTexts(facts: MinutesFacts, history: readonly Earlier[]): Record<string, EarlierText[]> {
  const found: Record<string, EarlierText[]> = Object.create(null);
  const textOf = (field: string) => facts.fields.get(field)?.text ?? '';
  for (const { field, text, by, at } of notThere(history, textOf)) {
    found[field] ??= [];
    found[field].push({ text, by, at });
  }
  return found;
}

/** What others write, beside what the officer writes: contributions, measures, who is at it. */
export function besidePage(facts: MinutesFacts, reader: string, now: IsoInstant) {
  const { fields, participants, template, meeting } = facts;
  const targets = writtenSections(template).flatMap(({ code, heading, fields: boxes }) =>
    boxes.flatMap(({ name, type, label }) =>
      type === 'text' ? [{ name, heading, label, own: code === 'own_question' ? template.ownQuestion : '' }] : [],
    ),
  );
  const contributions = participants.flatMap(({ id, party, person }) => {
    const said = fields.get(contributionField(id));
    if (!said || said.text === '') return [];
    return [
      {
        id,
        party,
        name: person.name,
        text: said.text,
        at: said.at,
        standing: standingOf(said, fields.get(takenInField(id))),
      },
    ];
  });
  return {
    meeting: { id: meeting.id },
    contributions,
    targets,
    measures: facts.measures,
    /** A contribution that was not taken in, and why. */
    ...{ takeFailed: '', takeError: '' },
    writers: writersNow(fields.values(), reader, now).join(', '),
  };
}

/** What the page that is written on needs to go on by itself. */
export function goingOn(facts: MinutesFacts) {
  const { minutes, meeting, template } = facts;
  return {
    version: minutes.version,
    openedAt: minutes.openedAt,
    minutesEach: minutesEach(meeting.startsAt, meeting.endsAt, questionsOf(template).length),
  };
}

export type Typed = { values: FieldValues; errors: FieldErrors; conflict: SavedField | null };

/** The page of somebody who takes part: their own text, and nothing that the officer writes. */
export function contributePage(
  at: { meetingId: string; individual: string; kind: string; startsAt: IsoInstant | null; endsAt: IsoInstant | null },
  own: { said: SavedField | undefined; taken: SavedField | undefined; version: number },
  typed: Typed | null,
) {
  const { text, version } = own.said ?? unwritten;
  const stamp = `${version}.${fingerprint(text)}`;
  const values = typed ? typed.values : { contribution: text };
  const posted = [values['version-contribution'] ?? stamp].flat()[0] ?? stamp;
  return {
    ...at,
    version: own.version,
    standing: text === '' ? null : standingOf({ text, version }, own.taken),
    /** What they see of it when the minutes are locked. */
    text: [values.contribution ?? ''].flat()[0] ?? '',
    late: typed !== null,
    form: { values, errors: typed?.errors ?? {} },
    box: {
      ...{ name: 'contribution', type: 'textarea', label: 'contrib.field', help: 'contrib.help' },
      ...{ family: '', options: [], wordings: [], earlier: [] },
      version: Number((typed ? posted : stamp).split('.')[0]) || 0,
      stamp: typed && !typed.conflict ? posted : stamp,
      theirs: typed?.conflict ? { text: typed.conflict.text, by: typed.conflict.by } : null,
      unsaved: typed !== null,
    },
  };
}
