/** Everything anyone can do or see. features/account/rules.ts says who may; an action without a row there does not compile. */
export type Action =
  | 'public.read'
  | 'account.set_up'
  | 'session.open'
  | 'session.close'
  | 'session.end'
  | 'account.administer'
  | 'unit.cover'
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
  | 'request.link'
  | 'request.withhold'
  | 'request.second_look'
  | 'request.merge'
  | 'request.misfile'
  | 'case.list'
  | 'case.see'
  | 'case.assign'
  | 'case.log'
  | 'case.days'
  | 'case.represent'
  | 'case.protect'
  | 'case.remind'
  | 'case.open_meeting'
  | 'case.close'
  | 'meeting.see'
  | 'meeting.arrange'
  | 'meeting.close_poll'
  | 'meeting.remind'
  | 'participation.open'
  | 'participation.answer'
  | 'participation.remind'
  | 'participation.note_answer'
  | 'participation.take_mail'
  | 'participation.read_mail'
  | 'mail.sort'
  | 'participation.prepare'
  | 'participation.write'
  | 'participation.code'
  | 'participation.bind'
  | 'participation.list'
  | 'participation.see'
  | 'participation.reply'
  | 'calendar.see'
  | 'feed.arrange'
  | 'feed.read'
  | 'minutes.write'
  | 'minutes.contribute'
  | 'minutes.finalise'
  | 'minutes.release'
  | 'minutes.review'
  | 'minutes.approve'
  | 'minutes.object'
  | 'minutes.settle'
  | 'minutes.amend'
  | 'minutes.remind'
  | 'structural.list'
  | 'structural.open'
  | 'structural.see'
  | 'structural.write'
  | 'structural.finalise'
  | 'measure.report'
  | 'measure.see'
  | 'measure.open'
  | 'measure.code'
  | 'measure.list'
  | 'measure.watch'
  | 'measure.decide'
  | 'measure.remind'
  | 'plan.check_off'
  | 'correction.see'
  | 'correction.propose'
  | 'correction.approve'
  | 'correction.reject'
  | 'correction.tell'
  | 'consent.see'
  | 'consent.give'
  | 'consent.withdraw'
  | 'release.make'
  | 'release.recall'
  | 'release.list'
  | 'release.read'
  | 'preparation.see'
  | 'preparation.write'
  | 'preparation.arrange'
  | 'notice.see'
  | 'notice.write'
  | 'notice.note'
  | 'notice.confirm'
  | 'document.list'
  | 'document.read'
  | 'emergency.open'
  | 'emergency.review'
  | 'survey.answer'
  | 'statistics.see'
  | 'log.review'
  | 'log.draw'
  | 'log.note'
  | 'log.dispose'
  | 'log.restore';

export const roles = [
  'officer',
  'manager',
  'coordinator',
  'participant',
  'individual',
  'representative',
  'registrator',
  'log_reviewer',
  'administrator',
] as const;
export type Role = (typeof roles)[number];

export type LinkScope = 'receipt' | 'participant' | 'measure' | 'survey' | 'feed';

/** Who acts, in one assignment. `fk` is true only for somebody employed at Försäkringskassan; `name` is shown, never logged. */
export type User = {
  kind: 'user';
  /** The account, which is one assignment: organisation and role. */
  id: string;
  role: Role;
  fk: boolean;
  party: string;
  organisationId: string;
  unitId: string | null;
  name: string;
  /** Named to handle cases of people with protected identity. */
  handlesProtected: boolean;
  /** Whether they have other assignments to change to. */
  several: boolean;
  /** Officers whose work they cover today. */
  covers: readonly string[];
  /** Accounts of the individuals they represent today. */
  represents: readonly string[];
  /** Cases they have opened without ordinary right, by a written reason that still counts. */
  emergencies: readonly string[];
  /** Every account of the same person, and of the individuals they represent in any of them. */
  near: readonly string[];
  /** Fingerprint of the number that the identity provider vouched for. */
  numberFp: string | null;
};
/** Whether an account is of the same person: whoever changes assignment is nobody else. */
export const isSamePerson = (user: Pick<User, 'id' | 'near'>, accountId: string | null): boolean =>
  accountId === user.id || (accountId !== null && user.near.includes(accountId));
/** What most users have beside their own. */
export const nothingBeside = {
  handlesProtected: false,
  several: false,
  covers: [],
  represents: [],
  emergencies: [],
  near: [],
  numberFp: null,
} as const;
/** `coded`: whoever holds the link has also given the one-time code that was mailed to its address. */
export type LinkActor = { kind: 'link'; scope: LinkScope; id: string; coded?: true };
export type Actor = User | LinkActor | { kind: 'public' } | { kind: 'worker' };
export const isCoded = (actor: Actor): boolean => actor.kind === 'link' && actor.coded === true;

/** How an actor stands to what an action is done to (states.md "Rights"); features/account/rules.ts says what each means. */
export type Relation =
  | 'anyone'
  | 'signed_in'
  | 'fk'
  | 'unit'
  | 'own'
  | 'scribe'
  | 'second'
  | 'requester'
  | 'self'
  | 'party'
  | 'link'
  | 'coded'
  | 'emergency'
  | 'worker';

/** What an action is done to, as far as the rights table needs to know. */
export type Subject = {
  /** FK unit that has taken it; null while no unit has. */
  unitId: string | null;
  officerId: string | null;
  /** Colleague whom the officer has asked to write the minutes of its meeting. */
  scribeId: string | null;
  /** Account of the individual it concerns, if they have one. */
  individualUserId: string | null;
  /** Fingerprint of the individual's number, where it is known. */
  numberFp: string | null;
  requesterUserId: string | null;
  /** Account of the participant or receiving party that it is about, if they have one. */
  partyUserId: string | null;
  /** Who has proposed what is to be decided by a second person. */
  proposerId: string | null;
  /** The individual's identity is protected: only named officers may know of it. */
  protectedIdentity: boolean;
  /** It is in a case that has been closed: from then on it is only read. */
  closed: boolean;
  /** The link that opens it, if any. */
  link: { scope: LinkScope; id: string } | null;
  requestId: string | null;
  caseId: string | null;
  meetingId: string | null;
};

export const nobody: Subject = {
  unitId: null,
  officerId: null,
  scribeId: null,
  individualUserId: null,
  numberFp: null,
  requesterUserId: null,
  partyUserId: null,
  proposerId: null,
  protectedIdentity: false,
  closed: false,
  link: null,
  requestId: null,
  caseId: null,
  meetingId: null,
};

/** `hidden`: the actor may not even know that it exists (404); `forbidden`: may know, may not do (403). */
export type Verdict = 'allowed' | 'forbidden' | 'hidden';
/** `by`: the relation that allows it, null when none does. */
export type Ruling = { verdict: 'allowed'; by: Relation } | { verdict: 'forbidden' | 'hidden'; by: null };
export type Rights = (action: Action, actor: Actor, subject: Subject) => Ruling;
