/** Everything anyone can do or see. features/account/rules.ts says who may; an action without a row there does not compile. */
export type Action =
  | 'public.read'
  | 'account.set_up'
  | 'session.open'
  | 'session.close'
  | 'request.submit'
  | 'request.receipt'
  | 'request.supplement'
  | 'request.withdraw'
  | 'request.register'
  | 'request.list'
  | 'request.see'
  | 'request.assign'
  | 'request.confirm'
  | 'request.decline'
  | 'request.hold'
  | 'request.ask'
  | 'request.end_hold'
  | 'case.list'
  | 'case.see'
  | 'case.assign'
  | 'meeting.see'
  | 'meeting.arrange'
  | 'participation.open'
  | 'participation.answer'
  | 'participation.note_answer'
  | 'minutes.write'
  | 'minutes.finalise'
  | 'measure.report'
  | 'document.list'
  | 'document.read';

export type Role =
  | 'officer'
  | 'manager'
  | 'coordinator'
  | 'participant'
  | 'individual'
  | 'registrator'
  | 'administrator';

export type LinkScope = 'receipt' | 'participant';

/** Who acts. `fk` is true only for somebody employed at Försäkringskassan; `name` is shown, never logged. */
export type User = {
  kind: 'user';
  id: string;
  role: Role;
  fk: boolean;
  party: string;
  organisationId: string;
  unitId: string | null;
  name: string;
};
export type Actor = User | { kind: 'link'; scope: LinkScope; id: string } | { kind: 'public' } | { kind: 'worker' };

/** What an action is done to, as far as the rights table needs to know. */
export type Subject = {
  /** FK unit that has taken it; null while no unit has. */
  unitId: string | null;
  officerId: string | null;
  /** Account of the individual it concerns, if they have one. */
  individualUserId: string | null;
  requesterUserId: string | null;
  /** The link that opens it, if any. */
  link: { scope: LinkScope; id: string } | null;
  requestId: string | null;
  caseId: string | null;
  meetingId: string | null;
};

export const nobody: Subject = {
  unitId: null,
  officerId: null,
  individualUserId: null,
  requesterUserId: null,
  link: null,
  requestId: null,
  caseId: null,
  meetingId: null,
};

/** `hidden`: the actor may not even know that it exists (404); `forbidden`: may know, may not do (403). */
export type Verdict = 'allowed' | 'forbidden' | 'hidden';
export type Rights = (action: Action, actor: Actor, subject: Subject) => Verdict;
