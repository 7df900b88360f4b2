import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { isMailAddress } from '../../kernel/mail.ts';
import { type Party, partyCodes } from '../../kernel/parties.ts';
import { type Person, type PersonView, personViews } from './rules.ts';

type Body = Record<string, string | string[]>;

const nameCap = 200;
const textCap = 600;

export type ParticipantInput = {
  /** Set when an existing row is changed. */
  participantId: string | null;
  party: Party;
  person: Person;
  required: boolean;
  /** How the officer made sure that the contact details are right; null when nobody has. */
  verifiedHow: string | null;
};

function email(r: FieldReader, name: string): string {
  // A domain knows no case: written small, the address is the same in the mail and in the calendar object.
  const value = r.line(name, { cap: nameCap }).replace(/@.*$/, (domain) => domain.toLowerCase());
  if (value !== '' && !isMailAddress(value)) r.fail(name, 'email');
  return value;
}

export function readParticipant(body: Body): FieldsRead<ParticipantInput> {
  const r = new FieldReader(body);
  const party = r.choice('party', partyCodes, { required: true });
  const line = (name: string, required = false) => r.line(name, { cap: nameCap, required });
  const person = {
    name: line('name', true),
    title: line('title'),
    organisation: line('organisation'),
    email: email(r, 'email'),
    phone: r.phone('phone') ?? '',
  };
  const verified = r.flag('verified');
  const verifiedHow = r.text('verifiedHow', { cap: textCap, required: verified });
  const required = r.flag('required');
  const participantId = r.line('participant', { cap: 64 });
  return r.done(() => ({
    participantId: participantId || null,
    party: party as Party,
    person,
    required,
    verifiedHow: verified ? verifiedHow : null,
  }));
}

export type TalkInput = {
  how: string;
  goOnReason: string | null;
  unsafeContact: string | null;
  views: Record<string, PersonView>;
  /** Contact details the person gave in the talk itself, and so verified by it; empty: not to be used, null: not asked. */
  email: string | null;
  phone: string | null;
};

/** The talk with the person; `participantIds` are those whose view is asked about. */
export function readTalk(body: Body, participantIds: readonly string[]): FieldsRead<TalkInput> {
  const r = new FieldReader(body);
  const how = r.text('how', { cap: textCap, required: true });
  const goOnReason = r.text('goOnReason', { cap: textCap });
  const unsafeContact = r.text('unsafeContact', { cap: textCap });
  const views = Object.fromEntries(
    participantIds.map((id) => [id, r.choice(`party-${id}`, personViews) ?? ('not_asked' as const)]),
  );
  const talk = {
    email: body.personEmail === undefined ? null : email(r, 'personEmail'),
    phone: body.personPhone === undefined ? null : (r.phone('personPhone') ?? ''),
  };
  return r.done(() => ({ ...talk, how, goOnReason: goOnReason || null, unsafeContact: unsafeContact || null, views }));
}
