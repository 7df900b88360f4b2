import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type MinutesContent, measureKinds } from '../../filing/document/rules.ts';
import type { ReviewSection } from '../../minutes/review/rules.ts';
import { writtenSections } from '../../minutes/rules.ts';
import { measureForms, partyChoices, type SheetField, sheetOf, valuesOf } from '../rules.ts';
import { type Change, wordedOf } from './rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** Every section of finalised minutes with its fields, who was there first. */
export function sheets(content: MinutesContent): { code: ReviewSection; heading: string; fields: SheetField[] }[] {
  const worded = wordedOf(content);
  const sections = writtenSections(worded.template).map(({ code, heading }) => ({ code, heading }));
  return [{ code: 'participants' as const, heading: 'min.participants' }, ...sections].map((section) => ({
    ...section,
    fields: sheetOf(worded, section.code),
  }));
}

/** The whole text to be worded anew, section by section; those that say something are open to see. */
export function amendPage(
  found: { content: MinutesContent; number: string; meetingId: string | null },
  form: Form & { changed: boolean; same: boolean },
  newRows: number,
) {
  const { content } = found;
  const worded = wordedOf(content);
  const measures = measureForms(worded.measures, newRows, {});
  const text = (name: string) => worded.fields.get(name)?.text ?? '';
  const all = sheets(content).map((section) => ({
    ...{ ...section, question: section.code === 'own_question' ? worded.template.ownQuestion : '' },
    open: section.fields.some(
      ({ name }) => name in form.errors || (text(name) !== '' && !name.startsWith('attendance')),
    ),
  }));
  const fields = all.flatMap((section) => section.fields);
  return {
    meetingId: found.meetingId,
    number: found.number,
    sections: all,
    measures: measures.rows,
    parties: partyChoices(worded.participants),
    measureKinds,
    ...{ changed: form.changed, same: form.same },
    form: { errors: form.errors, values: { ...valuesOf(fields, text), ...measures.values, ...form.values } },
  };
}

/** What an amendment comes to, before it is made. `posted`: the form, to be sent once more as it is. */
export function previewPage(
  found: { number: string; meetingId: string | null },
  changes: readonly Change[],
  reason: string,
  posted: FieldValues,
) {
  return {
    meetingId: found.meetingId,
    number: found.number,
    reason,
    changes,
    posted: Object.entries(posted)
      .filter(([name]) => name !== 'step')
      .flatMap(([name, values]) => [values].flat().map((value) => ({ name, value }))),
  };
}
