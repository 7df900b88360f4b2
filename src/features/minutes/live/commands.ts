import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import type { Participant } from '../../meeting/rules.ts';
import { onDraft, type Saved, writeFields } from '../commands.ts';
import { checkField, type FieldChange, type FieldRule, fieldsOf, unwritten } from '../rules.ts';
import { listFields, touchMinutes, writeField } from '../store.ts';
import { contributionField, takenInField, withTaken } from './rules.ts';
import { locateContributing } from './store.ts';

/** Saves what somebody who takes part writes for themselves, under `contribution` in what is returned. */
export function contribute(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  change: Omit<FieldChange, 'field'>,
  keep: (typed: string, standing: string) => string,
): Promise<Decision<Saved>> {
  return command(engine, caller, {
    action: 'minutes.contribute',
    locate: (reads) => locateContributing(reads, meetingId, caller.actor as User),
    async run(work, { minutes, field }) {
      const rules = new Map<string, FieldRule>([[field, { name: field, type: 'text' }]]);
      const fields = await listFields(work, minutes.id);
      return accept(await writeFields(work, { minutes, fields }, rules, [{ ...change, field }], keep));
    },
  });
}

/**
 * Puts what a participant wrote last in a field of the minutes, with who said it, and marks it as taken in. Refuses
 * `finalised`, `tooLong`, `unknown_field`, and `changed_by_someone_else` when there is nothing to take in any more.
 */
export function takeIn(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  at: { participant: string; field: string },
  quote: (one: Participant, text: string) => string,
): Promise<Decision<null>> {
  return onDraft(engine, caller, meetingId, async (work, { minutes, fields, template, participants }) => {
    const one = participants.find(({ id }) => id === at.participant);
    const said = fields.get(contributionField(at.participant));
    const rule = fieldsOf(template).get(at.field);
    if (!one || !said || said.text === '') return refuse('changed_by_someone_else');
    if (rule?.type !== 'text') return refuse('unknown_field');
    const current = fields.get(at.field) ?? unwritten;
    const checked = checkField(rule, withTaken(current.text, quote(one, said.text)));
    // What fits in no field, with what stands there already, is copied by hand.
    if (!checked.ok) return checked;
    const taken = takenInField(at.participant);
    const written = [
      { field: at.field, text: checked.value, version: current.version + 1 },
      { field: taken, text: String(said.version), version: (fields.get(taken)?.version ?? 0) + 1 },
    ];
    const by = (work.actor as User).id;
    for (const row of written) {
      await writeField(work, { ...row, minutesId: minutes.id, seq: minutes.version + 1, at: work.now, by });
    }
    await touchMinutes(work, minutes.id);
    return accept(null);
  });
}
