import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { type InformationKind, informationKinds } from '../../../kernel/information.ts';
import { type Ground, type GroundCode, groundCodes } from './rules.ts';

type Body = Record<string, string | string[]>;

const textCap = 600;

export type ReleaseInput = {
  /** Id of a party of the case, or its bare code. */
  party: string;
  /** `plan`, or the id or the number of finalised minutes. */
  document: string;
  grounds: Ground[];
  /** Names of parts that the officer takes away. */
  leaveOut: string[];
  reservation: boolean;
  /** Fingerprint of what the page showed; empty when nobody looked first. */
  seen: string;
};

export const groundField = (kind: InformationKind): string => `ground-${kind}`;
export const groundTextField = (kind: InformationKind): string => `groundText-${kind}`;

/** What to release to whom: no ground is chosen beforehand, and one that is chosen needs its words. */
export function readRelease(body: Body): FieldsRead<ReleaseInput> {
  const r = new FieldReader(body);
  const party = r.line('party', { cap: 64, required: true });
  const document = r.line('document', { cap: 64, required: true });
  const grounds = informationKinds.flatMap((kind) => {
    const code: GroundCode | null = r.choice(groundField(kind), groundCodes);
    const text = r.text(groundTextField(kind), { cap: textCap, required: code !== null });
    return code ? [{ kind, code, text }] : [];
  });
  const leaveOut = [body.leaveOut ?? []].flat();
  r.values.leaveOut = leaveOut;
  const reservation = r.flag('reservation');
  const seen = r.line('seen', { cap: 64 });
  return r.done(() => ({ party, document, grounds, leaveOut, reservation, seen }));
}

export function readRecall(body: Body): FieldsRead<{ reason: string }> {
  const r = new FieldReader(body);
  const reason = r.text('reason', { cap: textCap, required: true });
  return r.done(() => ({ reason }));
}
