import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { type Vote, votes } from '../../meeting/poll/rules.ts';

type Body = Readonly<Record<string, string | string[] | undefined>>;

/** Somebody's answer to the proposed times: one field `option-<id>` each; one without an answer is left as it was. */
export function readVotes(body: Body, optionIds: readonly string[]): FieldsRead<Record<string, Vote>> {
  const r = new FieldReader(body);
  const given: Record<string, Vote> = {};
  for (const id of optionIds) {
    const vote = r.choice(`option-${id}`, votes);
    if (vote) given[id] = vote;
  }
  if (r.ok && Object.keys(given).length === 0) r.fail(`option-${optionIds[0] ?? ''}`, 'choose', { label: 'inv.poll' });
  return r.done(() => given);
}

export type NotedVotes = { votes: Record<string, Vote>; via: 'phone' | 'letter' };

/** What somebody said on the telephone or wrote on a letter's slip. */
export function readNotedVotes(body: Body, optionIds: readonly string[]): FieldsRead<NotedVotes> {
  const r = new FieldReader(body);
  const via = r.choice('via', ['phone', 'letter'] as const, { required: true });
  const read = readVotes(body, optionIds);
  if (read.ok) return r.done(() => ({ votes: read.value, via: via as NotedVotes['via'] }));
  return { ok: false, values: { ...read.values, ...r.values }, errors: { ...read.errors, ...r.errors } };
}
