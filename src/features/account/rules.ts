import type { Action, Actor, Rights, Role, Subject, User } from '../../kernel/access.ts';

/**
 * The one table action → who may (states.md "Rights"). What no row allows is refused.
 * `unit`: the FK unit that has taken the subject, or any FK unit while none has. `own`: its assigned officer.
 */
type Relation = 'anyone' | 'signed_in' | 'fk' | 'unit' | 'own' | 'requester' | 'self' | 'link' | 'worker';
type Row = { relation: Relation; role?: Role };

const anyone: Row[] = [{ relation: 'anyone' }];
const signedIn: Row[] = [{ relation: 'signed_in' }];
const byLink: Row[] = [{ relation: 'link' }];
const unitOfficer: Row = { relation: 'unit', role: 'officer' };
const unitManager: Row = { relation: 'unit', role: 'manager' };
const unitRegistrator: Row = { relation: 'unit', role: 'registrator' };
const ownOfficer: Row[] = [{ relation: 'own', role: 'officer' }];
const self: Row = { relation: 'self', role: 'individual' };

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
  'participation.open': byLink,
  'participation.answer': byLink,
  'participation.note_answer': ownOfficer,
  'minutes.write': ownOfficer,
  'minutes.finalise': ownOfficer,
  'measure.report': ownOfficer,
  'document.list': [{ relation: 'fk', role: 'registrator' }],
  'document.read': [unitOfficer, unitManager, unitRegistrator, self],
};

function relates(relation: Relation, actor: Actor, subject: Subject): boolean {
  if (relation === 'anyone') return true;
  if (relation === 'link') {
    return actor.kind === 'link' && actor.scope === subject.link?.scope && actor.id === subject.link.id;
  }
  if (relation === 'worker') return actor.kind === 'worker';
  if (actor.kind !== 'user') return false;
  if (relation === 'signed_in') return true;
  if (relation === 'fk') return actor.fk;
  if (relation === 'unit') {
    return actor.fk && actor.unitId !== null && (subject.unitId === null || subject.unitId === actor.unitId);
  }
  if (relation === 'own') return actor.fk && subject.officerId === actor.id;
  if (relation === 'requester') return subject.requesterUserId === actor.id;
  return subject.individualUserId === actor.id;
}

function allows(action: Action, actor: Actor, subject: Subject): boolean {
  return rightsTable[action].some(
    ({ relation, role }) =>
      (role === undefined || (actor.kind === 'user' && actor.role === role)) && relates(relation, actor, subject),
  );
}

/** Seeing the subject of an action: who may not even see it, must not learn that it exists. */
function seeing(action: Action): Action | null {
  const [subject] = action.split('.');
  if (subject === 'request') return 'request.see';
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
  'document.list',
];

export const rights: Rights = (action, actor, subject) => {
  if (allows(action, actor, subject)) return 'allowed';
  const see = seeing(action);
  if (see === null || withoutSubject.includes(action)) return 'forbidden';
  return actor.kind === 'user' && allows(see, actor, subject) ? 'forbidden' : 'hidden';
};

/** Whether an action needs a signed-in user, whatever it is done to. */
export function needsSession(action: Action): boolean {
  return rightsTable[action].every(({ relation }) => relation !== 'anyone' && relation !== 'link');
}

/** Where a user lands after signing in. */
export function startPage(user: User): string {
  if (user.role === 'registrator') return '/handlingar';
  return user.role === 'individual' ? '/arenden' : '/inkorg';
}

/** Menu of a signed-in user: paths with their text keys. */
export function navigation(user: User): { href: string; key: string }[] {
  if (user.role === 'officer') {
    return [
      { href: '/inkorg', key: 'nav.inbox' },
      { href: '/arenden', key: 'nav.cases' },
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
  if (user.role === 'individual') return [{ href: '/arenden', key: 'nav.myCase' }];
  if (user.role === 'administrator') return [];
  return [
    { href: '/inkorg', key: 'nav.ownRequests' },
    { href: '/begaran/ny', key: 'nav.newRequest' },
  ];
}

/** Only a path of ours, so that a link to the sign-in page cannot lead anywhere else. */
export function safeReturn(path: string | undefined): string | null {
  return path !== undefined && /^\/[A-Za-z0-9/_-]*$/.test(path) && !path.startsWith('//') ? path : null;
}
