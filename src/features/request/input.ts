import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { isMailAddress } from '../../kernel/mail.ts';
import { needsGroundToDisclose, partyCodes } from '../../kernel/parties.ts';
import { containsPersonalNumber, parsePersonalNumber } from '../../kernel/personal-number.ts';
import { addMinutes, type IsoDate, type IsoInstant, parseDate, parseStockholm } from '../../kernel/time.ts';
import { type MeetingKind, meetingKindCodes } from '../meeting/rules.ts';
import {
  type Channel,
  channels,
  consents,
  type DeclineCode,
  type Disclosure,
  declineCodes,
  disclosures,
  type HoldCode,
  holdCodes,
  invitableParties,
  questions,
  type RequestForm,
  requestKinds,
} from './rules.ts';

type Body = Record<string, string | string[]>;

const nameCap = 200;
const textCap = 600;
const purposeCap = 1_000;
/** Without the person's yes as little as possible is written. */
const purposeCapWithoutYes = 300;

export type Submission = { form: RequestForm; idempotencyKey: string | null };

/** The public form. `registering`: an officer enters a request that came another way, and may know less. */
export function readRequest(body: Body, today: IsoDate, registering: boolean): FieldsRead<Submission> {
  const r = new FieldReader(body);
  const line = (name: string, required = false) => r.line(name, { cap: nameCap, required });
  const text = (name: string, cap = textCap, required = false) => r.text(name, { cap, required, noNumber: today });

  // Read in the order of the page, so that the list of what is wrong has it too.
  const role = r.choice('requesterRole', partyCodes, { required: true });
  const requesterRoleOther = line('requesterRoleOther');
  const requesterName = line('requesterName', true);
  const requesterOrganisation = line('requesterOrganisation');
  const onBehalfOf = line('onBehalfOf');
  const requesterEmail = line('requesterEmail');
  if (requesterEmail !== '' && !isMailAddress(requesterEmail)) r.fail('requesterEmail', 'email');
  const requesterPhone = r.phone('requesterPhone') ?? '';
  if (!registering && requesterEmail === '' && requesterPhone === '') r.fail('requesterEmail', 'emailOrPhone');
  // The receipt shows it, and the receipt names nobody.
  const requesterReference = line('requesterReference');
  if (containsPersonalNumber(requesterReference, today)) r.fail('requesterReference', 'numberInText');

  const individualName = line('individualName', true);
  const typedNumber = line('individualNumber');
  const numberMissing = r.flag('individualNumberMissing');
  const number = parsePersonalNumber(typedNumber.replaceAll(' ', ''), today);
  if (typedNumber === '' && !numberMissing) r.fail('individualNumber', 'numberOrMissing');
  if (typedNumber !== '' && !number.ok) r.fail('individualNumber', 'number');
  const individualContact = r.text('individualContact', { cap: textCap });
  const interpreterLanguage = line('interpreterLanguage');
  const protectedIdentity = r.flag('protectedIdentity');

  const saidYes = role === 'PERSON' || [body.consent].flat()[0] === 'yes';
  const rest = {
    requesterOrganisation,
    onBehalfOf,
    requesterReference,
    individualContact,
    interpreterLanguage,
    protectedIdentity,
    kind: r.choice('kind', requestKinds) ?? ('unsure' as const),
    purpose: text('purpose', saidYes ? purposeCap : purposeCapWithoutYes, true),
    questions: r.many('questions', questions),
    ownQuestion: text('ownQuestion'),
    tried: text('tried'),
    needs: text('needs'),
    // The person and FK are always there, whether they were ticked or not.
    parties: r.many('parties', partyCodes).filter((code) => invitableParties.includes(code)),
    partiesNote: text('partiesNote'),
    wishes: text('wishes'),
  };

  const consent = r.choice('consent', consents, { required: role !== 'PERSON' });
  const disclosureBasis = text('disclosureBasis');
  if (role && consent && consent !== 'yes' && !registering && needsGroundToDisclose(role) && disclosureBasis === '') {
    r.fail('disclosureBasis', 'consentDuty');
  }
  // A hidden field: whatever is wrong with it, nobody could mend it.
  const key = r.line('idempotencyKey', { cap: Number.MAX_SAFE_INTEGER });

  return r.done(() => ({
    form: {
      ...rest,
      requesterName,
      requesterRole: role as NonNullable<typeof role>,
      requesterRoleOther,
      requesterEmail,
      requesterPhone,
      individualName,
      individualNumber: number.ok ? number.digits : null,
      consent: role === 'PERSON' ? null : consent,
      disclosureBasis,
    },
    idempotencyKey: /^[A-Za-z0-9_-]{8,100}$/.test(key) ? key : null,
  }));
}

/** How and when a request that an officer registers came in. */
export function readChannel(body: Body, now: IsoInstant): FieldsRead<{ channel: Channel; receivedAt: IsoInstant }> {
  const r = new FieldReader(body);
  const channel = r.choice('channel', channels, { required: true });
  const typed = r.line('receivedAt', { cap: 30 });
  const date = parseDate(typed);
  const parsed = date ? parseStockholm(`${date}T12:00`) : typed === '' ? null : parseStockholm(typed);
  if (parsed && !parsed.ok) r.fail('receivedAt', 'date');
  let receivedAt = parsed?.ok ? parsed.instant : now;
  if (receivedAt > now) {
    // Today's date stands for noon, which may lie ahead of a morning.
    if (date && receivedAt < addMinutes(now, 12 * 60)) receivedAt = now;
    else r.fail('receivedAt', 'future');
  }
  return r.done(() => ({ channel: channel as Channel, receivedAt }));
}

export type DecisionInput =
  | { decision: 'confirm'; kind: MeetingKind; purpose: string; caseNumber: string; outward: OutwardInput }
  | { decision: 'ask'; outward: OutwardInput }
  | { decision: 'hold'; reasonCode: HoldCode; holdUntil: IsoDate | null; outward: OutwardInput }
  | { decision: 'decline'; reasonCode: DeclineCode; instead: string; outward: OutwardInput };
export type OutwardInput = {
  reason: string;
  disclosure: Disclosure | null;
  disclosureGround: string;
  outwardText: string;
};

export const decisions = ['confirm', 'ask', 'hold', 'decline'] as const;

export function readDecision(body: Body, today: IsoDate, requesterIsPerson: boolean): FieldsRead<DecisionInput> {
  const r = new FieldReader(body);
  const text = (name: string, cap = textCap, required = false) => r.text(name, { cap, required, noNumber: today });
  const decision = r.choice('decision', decisions, { required: true });
  const kind = r.choice('kind', meetingKindCodes, { required: decision === 'confirm' });
  const purpose = text('purpose', purposeCap, decision === 'confirm');
  const caseNumber = r.line('caseNumber', { cap: 40 });
  const codes: readonly string[] =
    decision === 'hold' ? holdCodes : decision === 'decline' ? declineCodes : [...declineCodes, ...holdCodes];
  const reasonCode = r.choice('reasonCode', codes, { required: decision === 'decline' });
  const instead = text('instead', textCap, decision === 'decline');
  const holdUntil = r.date('holdUntil');
  const disclosure = r.choice('disclosure', disclosures);
  const groundNeeded = decision === 'decline' && disclosure === 'outcome_and_reason' && !requesterIsPerson;
  const outward = {
    reason: text('reason', purposeCap),
    disclosure,
    disclosureGround: text('disclosureGround', textCap, groundNeeded),
    outwardText: text('outwardText'),
  };
  return r.done((): DecisionInput => {
    if (decision === 'confirm') return { decision, kind: kind as MeetingKind, purpose, caseNumber, outward };
    if (decision === 'hold') return { decision, reasonCode: (reasonCode ?? 'other') as HoldCode, holdUntil, outward };
    if (decision === 'decline') return { decision, reasonCode: reasonCode as DeclineCode, instead, outward };
    return { decision: 'ask', outward };
  });
}

/** A supplement (`text`) or a withdrawal (`reason`, may be empty). */
export function readNote(body: Body, name: 'text' | 'reason', today: IsoDate): FieldsRead<string> {
  const r = new FieldReader(body);
  const value = r.text(name, { cap: textCap, required: name === 'text', noNumber: today });
  return r.done(() => value);
}
