import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import { type InformationKind, informationKinds } from '../../kernel/information.ts';
import type { IsoDate } from '../../kernel/time.ts';
import { type CaseParty, namedParty } from '../case/party/rules.ts';
import { type Consent, extentOf, notedWays, usualUntil } from './rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** What was said, by whom and how. */
const fact = (one: Consent) => ({
  ...one,
  // Of a representative who was signed in the basis is a code; an officer writes it in words.
  basis: one.noted ? one.note : '',
  basisCode: one.how === 'representative' && !one.noted ? one.note : '',
});

type Released = { id: string; partyId: string; kind: string; madeAt: string; state: string; recalledAt: string | null };

/** What each party may know. `open`: the party whose form is shown, if any. */
export function consentsPage(
  facts: {
    found: { id: string; number: string; individual: { name: string } };
    parties: readonly CaseParty[];
    consents: readonly Consent[];
    releases: readonly Released[];
    sip: boolean;
  },
  reader: { self: boolean; mayGive: boolean; mayRelease: boolean; today: IsoDate },
  open: string | null,
  form: Form | null,
) {
  const { parties, consents } = facts;
  const named = namedParty(parties, open ?? '');
  const opened = named.ok ? named.value : parties.length === 1 ? parties[0] : undefined;
  const rows = parties.map((party) => {
    const history = consents.filter(({ partyId }) => partyId === party.id).toReversed();
    const [latest] = history;
    return {
      ...party,
      ...extentOf(consents, party.id, reader.today),
      latest: latest ? fact(latest) : null,
      earlier: history.slice(1).map(fact),
      releases: facts.releases.filter(({ partyId }) => partyId === party.id),
    };
  });
  const one = reader.mayGive ? rows.find(({ id }) => id === opened?.id) : undefined;
  return {
    ...reader,
    caseId: facts.found.id,
    caseNumber: facts.found.number,
    name: facts.found.individual.name,
    sip: facts.sip,
    parties: rows,
    openId: one?.id ?? '',
    open: one ? { ...one, form: form ?? { values: valuesOf(one, reader.today), errors: {} } } : null,
    kinds: informationKinds,
    ways: notedWays,
    summary: form ?? { values: {}, errors: {} },
  };
}

/** Health and social are never filled in beforehand, also not from what was said before. */
const beforehand: readonly InformationKind[] = ['contact', 'work', 'measures'];

function valuesOf(
  one: {
    live: boolean;
    kinds: readonly InformationKind[];
    until: IsoDate | null;
    latest: { exclusions: string } | null;
  },
  today: IsoDate,
): FieldValues {
  if (!one.live) return { until: usualUntil(today) };
  return {
    kinds: one.kinds.filter((kind) => beforehand.includes(kind)),
    until: one.until ?? '',
    exclusions: one.latest?.exclusions ?? '',
  };
}

export function withdrawPage(found: { id: string }, party: CaseParty, consentId: string, self: boolean, form: Form) {
  return { caseId: found.id, party, consentId, self, form };
}
