import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import type { IsoDate } from '../../kernel/time.ts';
import type { FieldChange } from '../minutes/rules.ts';
import { agendaRows, checkField, fields, headingField } from './rules.ts';

type Body = Record<string, string | string[]>;

/** The fields a form holds. `seen-<field>` is `3.<fingerprint of the text>`: what the page was opened with. */
export function readChanges(body: Body): FieldChange[] {
  const first = (name: string) => [body[name]].flat()[0];
  return [...fields.keys()].flatMap((name): FieldChange[] => {
    const typed = first(name);
    if (typed === undefined) return [];
    const [version, was] = (first(`seen-${name}`) ?? '0').split('.');
    return [{ field: name, text: typed, baseVersion: Number(version) || 0, was }];
  });
}

/** A new meeting: its agenda is pasted as lines, each a heading of its own. */
export function readNew(body: Body, today: IsoDate): FieldsRead<Map<string, string>> {
  const r = new FieldReader(body);
  const typed = new Map<string, string>();
  for (const name of ['title', 'day', 'time', 'place', 'participants']) {
    const rule = fields.get(name);
    if (!rule) continue;
    const text = r.text(name, { cap: rule.cap });
    const checked = checkField(rule, text, today);
    if (checked.ok) typed.set(name, checked.value);
    else r.fail(name, checked.code);
  }
  const headings = r
    .text('agenda', { cap: 6_000 })
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (headings.length > agendaRows.length) r.fail('agenda', 'tooManyLines', { most: agendaRows.length });
  for (const [i, heading] of headings.entries()) {
    const rule = fields.get(headingField(i + 1));
    const checked = rule && checkField(rule, heading, today);
    if (checked?.ok) typed.set(headingField(i + 1), checked.value);
    else if (checked) r.fail('agenda', checked.code === 'tooLong' ? 'longLine' : checked.code);
  }
  return r.done(() => typed);
}
