import type { User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { stockholmDate } from '../../kernel/time.ts';
import { type Caller, command, type Engine, type Work } from '../../platform/command.ts';
import { namedParty } from '../case/party/rules.ts';
import { listCaseParties } from '../case/party/store.ts';
import { type FoundCase, locateCase } from '../case/store.ts';
import type { ConsentInput } from './input.ts';
import { type Consent, consentAct, latestOf, mayWithdraw, speakingAs } from './rules.ts';
import { findBasis, insertConsent, listConsents } from './store.ts';

/** Who said it: whoever is signed in and may, or somebody whose words the officer notes. */
async function saidBy(work: Work, found: FoundCase, noted: Pick<Consent, 'how' | 'note'>) {
  const { id } = work.actor as User;
  const how = speakingAs(work.actor, found.individualAccountId);
  if (how === null) return noted;
  const note = how === 'representative' ? await findBasis(work, id, found.individualAccountId ?? '') : '';
  return { how, note };
}

/**
 * What the person says to one party from now on, in place of all they said to it before. Refuses `party` for one that the
 * case does not have, and what `consentAct` refuses.
 */
export function giveConsent(
  engine: Engine,
  caller: Caller,
  caseId: string,
  input: ConsentInput,
): Promise<Decision<{ partyId: string }>> {
  return command(engine, caller, {
    action: 'consent.give',
    locate: (reads) => locateCase(reads, caseId),
    async run(work, found) {
      const party = namedParty(await listCaseParties(work, caseId), input.party);
      if (!party.ok) return party;
      const partyId = party.value.id;
      const before = latestOf(await listConsents(work, caseId), partyId);
      const act = consentAct(before, input, stockholmDate(work.now));
      if (!act.ok) return act;
      const { kinds, until, exclusions } = input;
      const said = await saidBy(work, found, input);
      const accountId = (work.actor as User).id;
      const row = {
        id: work.newId(),
        caseId,
        partyId,
        act: act.value,
        kinds,
        until,
        exclusions,
        at: work.now,
        accountId,
      };
      await insertConsent(work, { ...row, ...said });
      return accept({ partyId });
    },
  });
}

/**
 * Takes back what was said last to a party: from now on nothing more is released on it. Refuses
 * `changed_by_someone_else` when something else has been said since, or it has ended.
 */
export function withdrawConsent(
  engine: Engine,
  caller: Caller,
  at: { caseId: string; consentId: string },
  input: { note: string },
): Promise<Decision<{ partyId: string }>> {
  return command(engine, caller, {
    action: 'consent.withdraw',
    locate: (reads) => locateCase(reads, at.caseId),
    async run(work, found) {
      const consents = await listConsents(work, at.caseId);
      const named = consents.find(({ id }) => id === at.consentId);
      if (!named) return refuse('not_found');
      const { partyId } = named;
      const latest = mayWithdraw(latestOf(consents, partyId), named.id, stockholmDate(work.now));
      if (!latest.ok) return latest;
      const said = await saidBy(work, found, { how: 'oral', note: input.note });
      await insertConsent(work, {
        ...{ id: work.newId(), caseId: at.caseId, partyId, act: 'withdraw', kinds: [], until: null },
        ...{ exclusions: '', at: work.now, accountId: (work.actor as User).id },
        ...said,
      });
      return accept({ partyId });
    },
  });
}
