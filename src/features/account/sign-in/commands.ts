import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { addMinutes, stockholmDate } from '../../../kernel/time.ts';
import { type Caller, command, type Engine, nothingYet, type Work } from '../../../platform/command.ts';
import type { Writes } from '../../../platform/db/database.ts';
import type { Vouched } from '../../../platform/identity/provider.ts';
import {
  closeSession,
  closeSessionsOf,
  findHolder,
  moveSession,
  openDemoSession,
  openSession,
} from '../../../platform/web/session.ts';
import {
  assignmentsOf,
  bindIndividual,
  findIndividual,
  findKeys,
  findPerson,
  insertKeys,
  insertPerson,
  keysOfPerson,
  privateOrganisation,
  readUnknownRule,
  spendSignIn,
} from '../person/store.ts';
import { startPage } from '../rules.ts';
import { findDemoAccount, insertAccount } from '../store.ts';
import { type Holder, type Identity, identityOf, mayWait, personOf, signInMinutes } from './rules.ts';

/** Signs in as a demo account, and ends the session that was open before. Refuses `not_found` for a name that is none. */
export function signInDemo(
  engine: Engine,
  caller: Caller,
  key: string,
  before: string | null,
): Promise<Decision<{ sessionId: string; startPage: string }>> {
  return command(engine, caller, {
    action: 'session.open',
    locate: nothingYet,
    async run(work) {
      const account = await findDemoAccount(work, key);
      if (!account) return refuse('not_found');
      if (before) await closeSession(work, before);
      const sessionId = await openDemoSession(work, account.id, work.now);
      return accept({ sessionId, startPage: startPage(account) });
    },
  });
}

/** Words for what the provider does not tell. */
export type SignInWords = { privateOrganisation: string; unnamed: string };

/** How the provider's own ids are kept: nobody can be followed by them. */
const providerFp = ({ vault }: Writes, kind: 'sid' | 'sub', issuer: string, id: string) =>
  vault.fingerprint([kind, issuer, id].join('\n'));

/**
 * Ends a sign-in that the provider vouches for. With several assignments the session has none yet, and `startPage` is
 * null. Refuses `used` (this very sign-in was completed before), `unknown`, `waiting`, `closed`, `key_conflict`.
 */
export async function completeSignIn(
  engine: Engine,
  caller: Caller,
  given: { vouched: Vouched; state: string; before: string | null; words: SignInWords },
): Promise<Decision<{ sessionId: string; startPage: string | null }>> {
  const { vouched, before, words } = given;
  type Opened = { sessionId: string | null; startPage: string | null };
  const done = await command(engine, caller, {
    action: 'session.open',
    locate: nothingYet,
    async run(work): Promise<Decision<Opened>> {
      const { now, vault } = work;
      const spent = await spendSignIn(work, vault.fingerprint(given.state), addMinutes(now, 2 * signInMinutes));
      if (!spent) return refuse('used');
      const identity = identityOf(vouched, stockholmDate(now));
      const whose = await findOrAdd(work, identity, words);
      if (!whose.ok) return whose;
      const { personId, waits } = whose.value;
      const holder: Holder = { accountId: null, personId, numberFp: await signInIndividual(work, identity, words) };
      const assignments = await assignmentsOf(work, holder);
      const [only] = assignments;
      // That somebody waits is kept; a refusal would undo it.
      if (!only) return waits ? accept({ sessionId: null, startPage: null }) : refuse(personId ? 'closed' : 'unknown');
      if (before) await closeSession(work, before);
      const { issuer, sub, sid, hint } = vouched;
      const accountId = assignments.length === 1 ? only.id : null;
      const provider = {
        signOutHint: hint,
        providerSid: sid && providerFp(work, 'sid', issuer, sid),
        providerSub: providerFp(work, 'sub', issuer, sub),
      };
      const sessionId = await openSession(
        work,
        { ...holder, accountId, several: assignments.length > 1, ...provider },
        now,
      );
      return accept({ sessionId, startPage: accountId && startPage(only) });
    },
  });
  if (!done.ok) return done;
  const { sessionId, startPage: path } = done.value;
  return sessionId === null ? refuse('waiting') : accept({ sessionId, startPage: path });
}

/** The person behind a sign-in; one unknown becomes somebody who waits, if the administrator lets them. */
async function findOrAdd(
  work: Work,
  identity: Identity,
  words: SignInWords,
): Promise<Decision<{ personId: string | null; waits: boolean }>> {
  const { vault, now } = work;
  const keys = identity.keys.map(({ kind, text }) => ({ kind, fingerprint: vault.fingerprint(text) }));
  const previous = identity.previous && vault.fingerprint(identity.previous.text);
  const known = await findKeys(work, [...keys.map(({ fingerprint }) => fingerprint), ...(previous ? [previous] : [])]);
  const numbers = known[0] ? await keysOfPerson(work, known[0].personId) : [];
  const found = personOf(
    keys,
    previous,
    known,
    numbers.filter(({ kind }) => kind === 'number').map(({ fingerprint }) => fingerprint),
  );
  if (!found.ok) return found;
  if (found.value) {
    const { personId, learnt } = found.value;
    await insertKeys(work, personId, learnt, now);
    const person = await findPerson(work, personId);
    return accept({ personId, waits: person?.state === 'waiting' });
  }
  if (!mayWait(await readUnknownRule(work), identity.keys)) return accept({ personId: null, waits: false });
  const id = work.newId();
  await insertPerson(work, { id, name: identity.name ?? words.unnamed, state: 'waiting', at: now });
  await insertKeys(work, id, keys, now);
  return accept({ personId: id, waits: true });
}

/**
 * Opens what there is about whoever has this number, and returns the number's fingerprint. Nothing is kept about
 * somebody whom no case is about.
 */
async function signInIndividual(work: Work, identity: Identity, words: SignInWords): Promise<string | null> {
  const { number, previousNumber } = identity;
  if (number === null) return null;
  const numberFp = work.vault.fingerprint(number);
  const fingerprints = [numberFp, ...(previousNumber ? [work.vault.fingerprint(previousNumber)] : [])];
  const { accountId, hasCase } = await findIndividual(work, numberFp, fingerprints);
  if (accountId === null && !hasCase) return numberFp;
  const id = accountId ?? work.newId();
  if (accountId === null) {
    await insertAccount(work, {
      ...{ id, demoKey: null, role: 'individual', fk: false, party: 'PERSON', unitId: null, email: null, phone: null },
      organisationId: await privateOrganisation(work, { id: work.newId(), name: words.privateOrganisation }),
      name: identity.name ?? words.unnamed,
      personalNumber: number,
    });
  }
  await bindIndividual(work, id, numberFp, fingerprints);
  return numberFp;
}

/** Goes on in one of one's own assignments, under a new session id. Refuses `choice` for any other. */
export function chooseAssignment(
  engine: Engine,
  caller: Caller,
  cookie: string,
  accountId: string,
): Promise<Decision<{ sessionId: string; startPage: string }>> {
  return command(engine, caller, {
    action: 'session.open',
    locate: nothingYet,
    async run(work) {
      const holder = await findHolder(work, cookie, work.now);
      if (!holder) return refuse('signed_out');
      const chosen = (await assignmentsOf(work, holder)).find(({ id }) => id === accountId);
      if (!chosen) return refuse('choice');
      const sessionId = await moveSession(work, holder.idHash, chosen.id, work.now);
      return sessionId === null ? refuse('signed_out') : accept({ sessionId, startPage: startPage(chosen) });
    },
  });
}

/** Signs out here; returns what the provider wants back to sign out there too, or null when no provider is behind it. */
export function signOut(engine: Engine, caller: Caller, idHash: string): Promise<Decision<string | null>> {
  return command(engine, caller, {
    action: 'session.close',
    locate: nothingYet,
    run: async (work) => accept(await closeSession(work, idHash)),
  });
}

/** The provider says that somebody signed out there: their sessions end here too, of one browser or of all. */
export function endSessions(
  engine: Engine,
  caller: Caller,
  ended: { issuer: string; sub: string | null; sid: string | null },
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'session.end',
    locate: nothingYet,
    async run(work) {
      const { issuer, sub, sid } = ended;
      if (sid) await closeSessionsOf(work, { column: 'provider_sid', value: providerFp(work, 'sid', issuer, sid) });
      else if (sub)
        await closeSessionsOf(work, { column: 'provider_sub', value: providerFp(work, 'sub', issuer, sub) });
      return accept(null);
    },
  });
}
