import {
  type Action,
  type Actor,
  isCoded,
  isSamePerson,
  type LinkScope,
  type Relation,
  type Rights,
  type Role,
  type Subject,
  type User,
} from '../../kernel/access.ts';

/**
 * The one table action → who may (states.md "Rights"). What no row allows is refused.
 * `unit`: the FK unit that has taken the subject, or any FK unit while none has; a protected identity narrows it to those
 * who are named for it. `own`: its assigned officer, or who covers for them. `scribe`: a colleague of the unit, named by
 * the officer for one meeting. `second`: of the unit, and not who proposed
 * it. `self`: the individual or who represents them. `party`: the participant or receiver it is about, the person through who
 * represents them too. `coded`: the
 * holder of a link who gave the mailed code too. `emergency`: without ordinary right, by a written reason.
 */
type Row = { relation: Relation; role?: Role; scope?: LinkScope };

const anyone: Row[] = [{ relation: 'anyone' }];
const signedIn: Row[] = [{ relation: 'signed_in' }];
const byLink = (scope: LinkScope): Row => ({ relation: 'link', scope });
const secondOfficer: Row = { relation: 'second', role: 'officer' };
const secondManager: Row = { relation: 'second', role: 'manager' };
const ownOfficer: Row[] = [{ relation: 'own', role: 'officer' }];
/** Its own officer first: theirs it stays when its identity is protected, and they are not among the named. */
const officers: Row[] = [...ownOfficer, { relation: 'unit', role: 'officer' }];
const unitManager: Row = { relation: 'unit', role: 'manager' };
const unit: Row[] = [...officers, unitManager];
const unitRegistrator: Row = { relation: 'unit', role: 'registrator' };
const party: Row = { relation: 'party' };
/** The individual, or whoever represents them. */
const self: Row = { relation: 'self' };
const fkOfficer: Row = { relation: 'fk', role: 'officer' };
const fkManager: Row = { relation: 'fk', role: 'manager' };
/** For looking only, where there is no ordinary right. */
const emergency: Row[] = [
  { relation: 'emergency', role: 'officer' },
  { relation: 'emergency', role: 'manager' },
];
/** Of every unit of FK's: emergencies cross the units, and nobody reviews only those they sit with. */
const reviewer: Row = { relation: 'fk', role: 'log_reviewer' };
const worker: Row[] = [{ relation: 'worker' }];
const byCode: Row = { relation: 'coded', scope: 'participant' };

export const rightsTable: Record<Action, Row[]> = {
  'public.read': anyone,
  'account.set_up': worker,
  'session.open': anyone,
  'session.close': signedIn,
  // By whoever holds a logout token that the identity provider has signed.
  'session.end': anyone,
  'account.administer': [{ relation: 'signed_in', role: 'administrator' }],
  'unit.cover': [{ relation: 'fk', role: 'manager' }],
  'request.submit': anyone,
  'request.receipt': [byLink('receipt')],
  'request.supplement': [byLink('receipt')],
  'request.withdraw': [byLink('receipt')],
  'request.register': [fkOfficer],
  'request.list': signedIn,
  'request.see': [...unit, { relation: 'requester' }],
  'request.assign': unit,
  // Only Försäkringskassan's case officer decides: never a manager alone, whoever else is signed in.
  'request.confirm': officers,
  'request.decline': officers,
  'request.hold': officers,
  'request.ask': officers,
  'request.end_hold': worker,
  'request.merge': unit,
  // One proposes and another approves; that both an officer and a manager do is a rule of corrections.
  'request.misfile': unit,
  'request.link': officers,
  // Two of them: whoever asks for it is never the one who looks once more.
  'request.withhold': unit,
  'request.second_look': unit,
  'case.list': [
    fkOfficer,
    fkManager,
    { relation: 'signed_in', role: 'individual' },
    { relation: 'signed_in', role: 'representative' },
  ],
  'case.see': [...unit, self, ...emergency],
  'case.assign': unit,
  'case.days': ownOfficer,
  'case.represent': ownOfficer,
  'case.protect': ownOfficer,
  // Nobody but the person says what reminders they want.
  'case.remind': [self],
  'case.open_meeting': ownOfficer,
  'case.close': ownOfficer,
  'case.log': [unitManager, reviewer, self],
  'meeting.see': [...unit, ...emergency],
  'meeting.arrange': ownOfficer,
  'participation.open': [byLink('participant')],
  'participation.answer': [byLink('participant')],
  'participation.remind': [byLink('participant')],
  'participation.note_answer': ownOfficer,
  'participation.take_mail': [{ relation: 'worker' }],
  'participation.read_mail': ownOfficer,
  // Mail that nobody can place may be about anybody: one named role opens it.
  'mail.sort': [{ relation: 'fk', role: 'manager' }],
  'participation.prepare': [byLink('participant')],
  'participation.write': [party],
  'participation.code': [byLink('participant')],
  'participation.bind': ownOfficer,
  'participation.list': signedIn,
  'participation.see': [party],
  'participation.reply': [party],
  'meeting.close_poll': worker,
  'meeting.remind': worker,
  'calendar.see': signedIn,
  'feed.arrange': signedIn,
  'feed.read': [byLink('feed')],
  'minutes.write': [...ownOfficer, { relation: 'scribe', role: 'officer' }],
  'minutes.contribute': [party],
  'minutes.finalise': ownOfficer,
  // Out to everybody who was there, and what comes back: read, answered, and changed section by section.
  'minutes.release': ownOfficer,
  'minutes.settle': ownOfficer,
  'minutes.amend': ownOfficer,
  // Their own copy: each participant signed in, the person and who represents them.
  'minutes.review': [party, self],
  'minutes.approve': [party, self],
  'minutes.object': [party, self],
  'minutes.remind': worker,
  // About no individual: of the unit, its manager too.
  'structural.list': [fkOfficer, fkManager],
  'structural.open': [fkOfficer, fkManager],
  'structural.see': unit,
  'structural.write': unit,
  'structural.finalise': unit,
  // Whoever carries it out, and for them the officer.
  'measure.report': [party, byLink('measure'), ...ownOfficer],
  // With a mailed code only where the party's organisation has chosen it (features/plan/owner/store.ts).
  'measure.see': [party, { relation: 'coded', scope: 'measure' }],
  'measure.open': [byLink('measure')],
  'measure.code': [byLink('measure')],
  'measure.list': signedIn,
  'measure.watch': [fkOfficer],
  'measure.decide': ownOfficer,
  'measure.remind': worker,
  'plan.check_off': ownOfficer,
  'correction.see': unit,
  'correction.propose': ownOfficer,
  'correction.approve': [secondOfficer, secondManager],
  'correction.reject': [secondOfficer, secondManager],
  'correction.tell': unit,
  'consent.see': [...unit, self],
  'consent.give': [self, ...ownOfficer],
  'consent.withdraw': [self, ...ownOfficer],
  'release.make': ownOfficer,
  'release.recall': ownOfficer,
  'release.list': [...signedIn, byCode],
  // With a mailed code only where the party's organisation has chosen it (features/consent/release/store.ts).
  'release.read': [...unit, self, party, byCode],
  // The person was told that the officer alone reads it (texts-sv 8): no colleague, no manager, no emergency.
  'preparation.see': [self, ...ownOfficer],
  'preparation.write': [self, ...ownOfficer],
  'preparation.arrange': ownOfficer,
  'notice.see': [...unit, self],
  'notice.write': ownOfficer,
  'notice.note': ownOfficer,
  // Nobody but the person says that the person has read it.
  'notice.confirm': [self],
  'document.list': [{ relation: 'fk', role: 'registrator' }],
  'document.read': [...unit, unitRegistrator, self, ...emergency],
  'emergency.open': [fkOfficer, fkManager],
  'emergency.review': [unitManager, reviewer],
  'survey.answer': [byLink('survey')],
  // Numbers about nobody (states.md "Rights").
  'statistics.see': signedIn,
  'log.review': [reviewer],
  'log.draw': [reviewer],
  'log.note': [reviewer],
  'log.dispose': worker,
  'log.restore': worker,
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
  own: (user, { officerId, protectedIdentity }) =>
    user.fk &&
    user.unitId !== null &&
    officerId !== null &&
    (officerId === user.id || (user.covers.includes(officerId) && (!protectedIdentity || user.handlesProtected))),
  scribe: (user, subject) => subject.scribeId === user.id && subject.unitId !== null && ofUser.unit(user, subject),
  second: (user, subject) =>
    ofUser.unit(user, subject) && subject.proposerId !== null && !isSamePerson(user, subject.proposerId),
  requester: (user, { requesterUserId }) => requesterUserId === user.id,
  self: (user, { individualUserId }) =>
    individualUserId !== null && (individualUserId === user.id || user.represents.includes(individualUserId)),
  party: (user, { partyUserId, individualUserId }) =>
    partyUserId === user.id ||
    // Whoever represents the person takes part as the person (FL 14 §).
    (partyUserId !== null && partyUserId === individualUserId && user.represents.includes(partyUserId)),
  emergency: (user, { caseId }) => user.fk && caseId !== null && user.emergencies.includes(caseId),
};

/** Nobody handles what is about themselves or whom they represent, in whatever assignment (FL 16 § 1, 2). */
const isBiased = (user: User, { individualUserId, numberFp }: Subject): boolean =>
  (individualUserId !== null && user.near.includes(individualUserId)) ||
  (numberFp !== null && numberFp === user.numberFp);
const official: readonly Relation[] = ['fk', 'unit', 'own', 'scribe', 'second', 'emergency'];

function relates(relation: Relation, actor: Actor, subject: Subject): boolean {
  if (relation === 'anyone') return true;
  if (relation === 'link') return holdsLink(actor, subject);
  if (relation === 'coded') return holdsLink(actor, subject) && isCoded(actor);
  if (relation === 'worker') return actor.kind === 'worker';
  if (actor.kind !== 'user' || (official.includes(relation) && isBiased(actor, subject))) return false;
  return ofUser[relation](actor, subject);
}

/** What changes a case. Once it is closed nobody does, whatever they were; copies and corrections go on. */
const endsWithCase: readonly Action[] = [
  ...(['case.open_meeting', 'case.close', 'case.days', 'case.remind', 'meeting.arrange'] as const),
  ...(['minutes.write', 'minutes.finalise', 'measure.report', 'measure.decide', 'plan.check_off'] as const),
  'consent.give',
  ...(['preparation.write', 'preparation.arrange', 'notice.write', 'notice.note'] as const),
  ...(['participation.answer', 'participation.reply', 'participation.note_answer'] as const),
  ...(['participation.prepare', 'participation.write'] as const),
];

/** The relation of the first row that allows it, or null; of whoever has both, `own` rather than `unit`. */
function allowedBy(action: Action, actor: Actor, subject: Subject): Relation | null {
  if (subject.closed && endsWithCase.includes(action)) return null;
  const row = rightsTable[action].find(
    ({ relation, role, scope }) =>
      (role === undefined || (actor.kind === 'user' && actor.role === role)) &&
      (scope === undefined || (actor.kind === 'link' && actor.scope === scope)) &&
      relates(relation, actor, subject),
  );
  return row?.relation === 'unit' && relates('own', actor, subject) ? 'own' : (row?.relation ?? null);
}

/** Seeing the subject of an action: who may not even see it, must not learn that it exists. */
function seeing(action: Action): Action | null {
  const [subject] = action.split('.');
  if (subject === 'request') return 'request.see';
  if (subject === 'correction') return 'correction.see';
  if (subject === 'feed') return 'feed.read';
  if (subject === 'meeting' || subject === 'minutes' || subject === 'participation') return 'meeting.see';
  if (subject === 'consent') return 'consent.see';
  if (subject === 'release') return 'release.read';
  if (subject === 'notice') return 'notice.see';
  if (subject === 'structural') return 'structural.see';
  // That there is a meeting to prepare for, the unit and the person know.
  if (subject === 'preparation') return 'notice.see';
  if (subject === 'case' || subject === 'measure' || subject === 'plan' || subject === 'document') return 'case.see';
  if (action === 'emergency.review') return 'case.log';
  return null;
}

const withoutSubject: Action[] = [
  'account.set_up',
  'request.submit',
  'request.register',
  'request.list',
  'case.list',
  'release.list',
  'participation.list',
  'calendar.see',
  'feed.arrange',
  'measure.list',
  'measure.watch',
  'document.list',
  'structural.list',
  'structural.open',
  'statistics.see',
  'mail.sort',
  'emergency.open',
  'log.review',
  'log.draw',
  'log.note',
];

export const rights: Rights = (action, actor, subject) => {
  const by = allowedBy(action, actor, subject);
  if (by !== null) return { verdict: 'allowed', by };
  const see = seeing(action);
  if (see === null || withoutSubject.includes(action)) return { verdict: 'forbidden', by };
  const mayKnow = actor.kind === 'user' && allowedBy(see, actor, subject) !== null;
  return { verdict: mayKnow ? 'forbidden' : 'hidden', by };
};

/** Whether an action needs a signed-in user, whatever it is done to, where no personal link leads to it. */
export function needsSession(action: Action): boolean {
  return rightsTable[action].every(({ relation }) => relation !== 'anyone');
}

/** Who can be given work of a unit: its officers, and for a protected identity only those named for it. */
export const mayTake = (
  account: Pick<User, 'role' | 'fk' | 'unitId' | 'handlesProtected'>,
  unitId: string | null,
  { protectedIdentity }: Pick<Subject, 'protectedIdentity'>,
): boolean =>
  account.fk &&
  account.role === 'officer' &&
  unitId !== null &&
  account.unitId === unitId &&
  (!protectedIdentity || account.handlesProtected);

/** Who comes for themselves or for whom they represent, and not for an organisation. */
export const isPrivate = (user: Pick<User, 'role'>): boolean =>
  user.role === 'individual' || user.role === 'representative';

/** Where a user lands after signing in. */
export function startPage(user: Pick<User, 'role'>): string {
  if (user.role === 'registrator') return '/handlingar';
  if (user.role === 'administrator') return '/administration';
  if (user.role === 'log_reviewer') return '/loggranskning';
  return isPrivate(user) ? '/arenden' : '/inkorg';
}

/** Menu of a signed-in user: paths with their text keys. */
export function navigation(user: User): { href: string; key: string }[] {
  const other = user.several ? [{ href: '/logga-in/val', key: 'nav.switch' }] : [];
  return [...menuOf(user), ...other];
}

function menuOf(user: User): { href: string; key: string }[] {
  if (user.role === 'officer') {
    return [
      { href: '/inkorg', key: 'nav.inbox' },
      { href: '/forsenat', key: 'nav.watch' },
      { href: '/arenden', key: 'nav.cases' },
      { href: '/kalender', key: 'nav.calendar' },
      { href: '/samverkan', key: 'nav.structural' },
      { href: '/begaran/ny', key: 'nav.register' },
      { href: '/statistik', key: 'nav.statistics' },
    ];
  }
  if (user.role === 'manager') {
    return [
      { href: '/inkorg', key: 'nav.inbox' },
      { href: '/arenden', key: 'nav.cases' },
      { href: '/samverkan', key: 'nav.structural' },
      { href: '/enheten', key: 'nav.unit' },
      { href: '/kalendersvar', key: 'nav.mail' },
      { href: '/nodatkomst', key: 'nav.emergency' },
      { href: '/statistik', key: 'nav.statistics' },
    ];
  }
  if (user.role === 'log_reviewer') return [{ href: '/loggranskning', key: 'nav.review' }];
  if (user.role === 'registrator') return [{ href: '/handlingar', key: 'nav.documents' }];
  const calendar = { href: '/kalender', key: 'nav.calendar' };
  const meetings = { href: '/mina-moten', key: 'nav.ownMeetings' };
  const measures = { href: '/mina-atgarder', key: 'nav.ownMeasures' };
  if (user.role === 'individual') return [{ href: '/arenden', key: 'nav.myCase' }, meetings, measures, calendar];
  if (user.role === 'representative') return [{ href: '/arenden', key: 'nav.represented' }, meetings, measures];
  if (user.role === 'administrator') {
    return [
      { href: '/administration', key: 'nav.administration' },
      { href: '/administration/organisationer', key: 'nav.organisations' },
      { href: '/administration/personer', key: 'nav.people' },
    ];
  }
  return [
    { href: '/inkorg', key: 'nav.ownRequests' },
    meetings,
    measures,
    calendar,
    { href: '/begaran/ny', key: 'nav.newRequest' },
    { href: '/utlamnat', key: 'nav.released' },
    { href: '/statistik', key: 'nav.statistics' },
  ];
}

/** Only a path of ours, so that a link to the sign-in page cannot lead anywhere else. */
export function safeReturn(path: string | undefined): string | null {
  return path !== undefined && /^\/[A-Za-z0-9/_-]*$/.test(path) && !path.startsWith('//') ? path : null;
}
