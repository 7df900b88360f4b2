import type { Action, Actor, Relation, Rights, Role, Subject, User } from '../../kernel/access.ts';

/**
 * The one table action → who may (states.md "Rights"). What no row allows is refused.
 * `unit`: the FK unit that has taken the subject, or any FK unit while none has; a protected identity narrows it to those
 * who are named for it. `own`: its assigned officer, or who covers for them. `self`: the individual or who represents
 * them. `party`: the participant or receiver it is about. `coded`: the holder of a link who gave the mailed code too.
 * `emergency`: without ordinary right, by a written reason.
 */
type Row = { relation: Relation; role?: Role };

const anyone: Row[] = [{ relation: 'anyone' }];
const signedIn: Row[] = [{ relation: 'signed_in' }];
const byLink: Row[] = [{ relation: 'link' }];
const unitOfficer: Row = { relation: 'unit', role: 'officer' };
const unitManager: Row = { relation: 'unit', role: 'manager' };
const unitRegistrator: Row = { relation: 'unit', role: 'registrator' };
const ownOfficer: Row[] = [{ relation: 'own', role: 'officer' }];
/** The individual, or whoever represents them. */
const self: Row = { relation: 'self' };

export const rightsTable: Record<Action, Row[]> = {
  'public.read': anyone,
  'account.set_up': [{ relation: 'worker' }],
  'session.open': anyone,
  'session.close': signedIn,
  'request.submit': anyone,
  'request.receipt': byLink,
  'request.supplement': byLink,
  'request.withdraw': byLink,
  'request.register': [{ relation: 'fk', role: 'officer' }],
  'request.list': signedIn,
  'request.see': [unitOfficer, unitManager, { relation: 'requester' }],
  'request.assign': [unitOfficer, unitManager],
  // Only Försäkringskassan's case officer decides: never a manager alone, whoever else is signed in.
  'request.confirm': [unitOfficer],
  'request.decline': [unitOfficer],
  'request.hold': [unitOfficer],
  'request.ask': [unitOfficer],
  'request.end_hold': [{ relation: 'worker' }],
  'case.list': [
    { relation: 'fk', role: 'officer' },
    { relation: 'fk', role: 'manager' },
    { relation: 'signed_in', role: 'individual' },
  ],
  'case.see': [unitOfficer, unitManager, self],
  'case.assign': [unitOfficer, unitManager],
  'meeting.see': [unitOfficer, unitManager],
  'meeting.arrange': ownOfficer,
  'meeting.close_poll': [{ relation: 'worker' }],
  'participation.open': byLink,
  'participation.answer': byLink,
  'participation.note_answer': ownOfficer,
  'calendar.see': signedIn,
  'feed.arrange': signedIn,
  'feed.read': byLink,
  'minutes.write': ownOfficer,
  'minutes.finalise': ownOfficer,
  'measure.report': ownOfficer,
  'document.list': [{ relation: 'fk', role: 'registrator' }],
  'document.read': [unitOfficer, unitManager, unitRegistrator, self],
};

const holdsLink = (actor: Actor, { link }: Subject): boolean =>
  actor.kind === 'link' && actor.scope === link?.scope && actor.id === link.id;

type Relate = (user: User, subject: Subject) => boolean;
const ofUser: Record<Exclude<Relation, 'anyone' | 'link' | 'coded' | 'worker'>, Relate> = {
  signed_in: () => true,
  fk: (user) => user.fk,
  unit: (user, { unitId, protectedIdentity }) =>
    user.fk &&
    user.unitId !== null &&
    (unitId === null || unitId === user.unitId) &&
    (!protectedIdentity || user.handlesProtected),
  own: (user, { officerId }) =>
    user.fk && officerId !== null && (officerId === user.id || user.covers.includes(officerId)),
  requester: (user, { requesterUserId }) => requesterUserId === user.id,
  self: (user, { individualUserId }) =>
    individualUserId !== null && (individualUserId === user.id || user.represents.includes(individualUserId)),
  party: (user, { partyUserId }) => partyUserId === user.id,
  emergency: (user, { caseId }) => user.fk && caseId !== null && user.emergencies.includes(caseId),
};

function relates(relation: Relation, actor: Actor, subject: Subject): boolean {
  if (relation === 'anyone') return true;
  if (relation === 'link') return holdsLink(actor, subject);
  if (relation === 'coded') return holdsLink(actor, subject) && actor.kind === 'link' && actor.coded === true;
  if (relation === 'worker') return actor.kind === 'worker';
  return actor.kind === 'user' && ofUser[relation](actor, subject);
}

/** The relation of the first row that allows it, or null. */
function allowedBy(action: Action, actor: Actor, subject: Subject): Relation | null {
  const row = rightsTable[action].find(
    ({ relation, role }) =>
      (role === undefined || (actor.kind === 'user' && actor.role === role)) && relates(relation, actor, subject),
  );
  return row?.relation ?? null;
}

/** Seeing the subject of an action: who may not even see it, must not learn that it exists. */
function seeing(action: Action): Action | null {
  const [subject] = action.split('.');
  if (subject === 'request') return 'request.see';
  if (subject === 'feed') return 'feed.read';
  if (subject === 'meeting' || subject === 'minutes' || subject === 'participation') return 'meeting.see';
  if (subject === 'case' || subject === 'measure' || subject === 'document') return 'case.see';
  return null;
}

const withoutSubject: Action[] = [
  'account.set_up',
  'request.submit',
  'request.register',
  'request.list',
  'case.list',
  'calendar.see',
  'feed.arrange',
  'document.list',
];

export const rights: Rights = (action, actor, subject) => {
  const by = allowedBy(action, actor, subject);
  if (by !== null) return { verdict: 'allowed', by };
  const see = seeing(action);
  if (see === null || withoutSubject.includes(action)) return { verdict: 'forbidden', by };
  const mayKnow = actor.kind === 'user' && allowedBy(see, actor, subject) !== null;
  return { verdict: mayKnow ? 'forbidden' : 'hidden', by };
};

/** Whether an action needs a signed-in user, whatever it is done to. */
export function needsSession(action: Action): boolean {
  return rightsTable[action].every(({ relation }) => !['anyone', 'link', 'coded'].includes(relation));
}

/** Where a user lands after signing in. */
export function startPage(user: Pick<User, 'role'>): string {
  if (user.role === 'registrator') return '/handlingar';
  return user.role === 'individual' ? '/arenden' : '/inkorg';
}

/** Menu of a signed-in user: paths with their text keys. */
export function navigation(user: User): { href: string; key: string }[] {
  if (user.role === 'officer') {
    return [
      { href: '/inkorg', key: 'nav.inbox' },
      { href: '/arenden', key: 'nav.cases' },
      { href: '/kalender', key: 'nav.calendar' },
      { href: '/begaran/ny', key: 'nav.register' },
    ];
  }
  if (user.role === 'manager') {
    return [
      { href: '/inkorg', key: 'nav.inbox' },
      { href: '/arenden', key: 'nav.cases' },
    ];
  }
  if (user.role === 'registrator') return [{ href: '/handlingar', key: 'nav.documents' }];
  const calendar = { href: '/kalender', key: 'nav.calendar' };
  if (user.role === 'individual') return [{ href: '/arenden', key: 'nav.myCase' }, calendar];
  if (user.role === 'administrator') return [];
  return [{ href: '/inkorg', key: 'nav.ownRequests' }, calendar, { href: '/begaran/ny', key: 'nav.newRequest' }];
}

/** Only a path of ours, so that a link to the sign-in page cannot lead anywhere else. */
export function safeReturn(path: string | undefined): string | null {
  return path !== undefined && /^\/[A-Za-z0-9/_-]*$/.test(path) && !path.startsWith('//') ? path : null;
}
