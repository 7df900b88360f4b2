import { canonicalJson } from '../../../kernel/digest.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { Copy, Source } from '../../consent/release/rules.ts';
import type { MeasureContent, MinutesContent } from '../../filing/document/rules.ts';
import { attendanceField, contentOf, partsField, templateOf, type Worded } from '../../minutes/rules.ts';
import { placeOf, sectionsOf, takenField, takenParts } from '../../minutes/template/rules.ts';
import { questions } from '../../request/rules.ts';
import { asDraft, draftFields, type MeasureRow } from '../rules.ts';

/** A finalised text as its fields; those who were there are named by their place in the list. */
export function wordedOf(content: MinutesContent): Worded {
  const { document, meeting, individual, participants, texts, taken = [] } = content;
  const template = templateOf(content);
  const fields = [
    ...Object.entries(texts),
    ...participants.flatMap(({ attendance, parts = [] }, i): [string, string][] => [
      [attendanceField(String(i)), attendance ?? ''],
      [partsField(String(i)), parts.join(' ')],
    ]),
    ...taken.flatMap((row, i) => takenParts.map((part): [string, string] => [takenField(i + 1, part), row[part]])),
  ];
  return {
    meeting: { ...meeting, caseNumber: document.caseNumber, unit: { name: meeting.unit }, individual },
    participants: participants.map(({ party, name, title, organisation }, i) => ({
      ...{ id: String(i), party, person: { name, title, organisation } },
    })),
    template: {
      ...template,
      participantIds: participants.map((_, i) => String(i)),
      asked: questions.filter((code) =>
        sectionsOf(template)
          .find((section) => section.code === code)
          ?.fields.some(({ name }) => texts[name]),
      ),
      ownQuestion: texts.ownQuestion ?? '',
    },
    fields: new Map(fields.map(([name, text]) => [name, { text }])),
    measures: content.measures.map((one) => ({ ...asDraft(one), number: one.number })),
  };
}

export type Edit = { fields: ReadonlyMap<string, string>; measures: readonly MeasureRow[]; reason: string };
export type Filing = { position: number; lastNumber: number; at: IsoInstant; by: string; newId(): string };

/**
 * The whole text in its new wording, as the document that amends another. What stands of what was said about the text
 * stands in it too; who approved the wording before has not approved this one.
 */
export function amendedContent(before: MinutesContent, edit: Edit, filed: Filing): MinutesContent {
  const worded = wordedOf(before);
  const fields = new Map([...worded.fields, ...[...edit.fields].map(([name, text]) => [name, { text }] as const)]);
  const edited = new Map(edit.measures.map((one) => [one.id, one]));
  const added = edit.measures.filter(({ id }) => id === '');
  const measures = [
    ...worded.measures.map((one) => ({ ...one, ...edited.get(one.id) })),
    ...added.map((one, i) => ({ ...one, id: filed.newId(), number: filed.lastNumber + i + 1 })),
  ];
  const { position, at, by } = filed;
  const { noFollowUpReason } = before.document;
  const content = contentOf(
    { ...worded, fields, measures },
    { position, lastNumber: 0, finalisedAt: at, finalisedBy: by, reason: '', noFollowUpReason },
  );
  return {
    ...content,
    document: { ...content.document, kind: 'amendment', amends: before.document.number, reason: edit.reason },
    ...(before.objections && { objections: before.objections }),
  };
}

/** `heading` and `label` are text keys; `kind` says how the two are read. */
export type Change = {
  heading: string;
  label: string;
  name: string;
  kind: 'text' | 'date' | 'party' | 'code';
  family: string;
  before: string;
  after: string;
};

const measureKinds: Partial<Record<(typeof draftFields)[number], Change['kind']>> = {
  ...{ carriedOutBy: 'party', followedUpBy: 'party', due: 'date', start: 'date', followUpOn: 'date', kind: 'code' },
};

/** What is another in the new wording, in the order it is read. */
export function changesIn(before: MinutesContent, after: MinutesContent): Change[] {
  const template = templateOf(before);
  const fields = [before, after].map((one) => wordedOf(one).fields);
  const of = (side: number, name: string) => fields[side]?.get(name)?.text ?? '';
  const names = [...new Set(fields.flatMap((side) => [...side.keys()]))];
  const texts = names
    .filter((name) => of(0, name) !== of(1, name))
    .map((name): Change => {
      const both = { before: of(0, name), after: of(1, name) };
      const place = placeOf(template, name);
      if (!place) {
        const who = before.participants[Number(/\d+/.exec(name)?.[0])]?.name ?? '';
        const parts = name.endsWith('-parts');
        const shown = parts ? { kind: 'text' as const, family: '' } : { kind: 'code' as const, family: 'attendance' };
        return { heading: 'min.participants', label: '', name: who, ...shown, ...both };
      }
      const { section, field } = place;
      const kind = field.type === 'date' || field.type === 'code' ? field.type : 'text';
      const label = section.fields.length > 1 ? field.label : '';
      return { heading: section.heading, label, name: '', kind, family: field.family ?? '', ...both };
    });
  const old = new Map(before.measures.map((one) => [one.id, one]));
  const measures = after.measures.flatMap((one) =>
    draftFields.flatMap((field): Change[] => {
      const word = (side: MeasureContent | undefined) => String(side?.[field] ?? '');
      const both = { before: word(old.get(one.id)), after: word(one) };
      if (both.before === both.after) return [];
      const shown = { kind: measureKinds[field] ?? ('text' as const), family: field === 'kind' ? 'measureKind' : '' };
      const name = `${one.number}. ${old.get(one.id)?.text ?? one.text}`;
      return [{ heading: 'min.measures', label: labels[field], name, ...shown, ...both }];
    }),
  );
  return [...texts, ...measures];
}

const labels: Record<(typeof draftFields)[number], string> = {
  ...{
    text: 'plan.measure',
    carriedOutBy: 'plan.owner',
    person: 'min.measure.person',
    followedUpBy: 'plan.followedBy',
  },
  ...{ due: 'plan.due', goal: 'plan.goal', kind: 'plan.kind', start: 'plan.start', followUpOn: 'plan.followUpOn' },
};

/**
 * What of another wording, `next`, a party is not given that has a copy of this one: what an officer took away from it, or
 * could not release. Measures, participants and objections keep their places in an amendment; questions taken away do not,
 * so where one was left out only those come again that are in the copy.
 */
export function leftOut(copy: Copy, source: Source, next: Source): string[] {
  const name = (list: string, entry: string | number) => [list, entry].join('.');
  const missing = <T>(list: string, all: readonly T[], kept: readonly unknown[], key: (one: T) => unknown) => {
    const has = new Set(kept.map((one) => canonicalJson(key(one as T))));
    return all.flatMap((one, i) => (has.has(canonicalJson(key(one))) ? [] : [name(list, i)]));
  };
  return [
    ...Object.keys(source.texts).flatMap((field) => (field in copy.texts ? [] : [name('texts', field)])),
    // In a copy measures are counted from one.
    ...missing('measures', source.measures, copy.measures, ({ number, ...one }) => one),
    ...(source.taken.length > (copy.taken ?? []).length
      ? missing('taken', next.taken, copy.taken ?? [], (one) => one)
      : []),
    ...missing('objections', source.objections, copy.objections ?? [], (one) => one),
    ...missing('participants', source.participants, copy.participants, (one) => [one.party, one.name]),
  ];
}
