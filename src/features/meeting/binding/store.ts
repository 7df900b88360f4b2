import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Binding } from './rules.ts';

const bindings = ({ db }: Pick<CaseReads, 'db'>) =>
  db
    .selectFrom('binding as b')
    .innerJoin('account as a', 'a.id', 'b.account_id')
    .innerJoin('organisation as o', 'o.id', 'a.organisation_id')
    .select(['b.id', 'b.participant_id', 'b.account_id', 'b.asked_at', 'a.name', 'o.name as organisation'])
    .where('b.decided_at', 'is', null);
type Row = Awaited<ReturnType<ReturnType<typeof bindings>['executeTakeFirstOrThrow']>>;

const toBinding = (vault: CaseReads['vault'], row: Row): Binding => ({
  id: row.id,
  participantId: row.participant_id,
  accountId: row.account_id,
  name: vault.open(row.name),
  organisation: row.organisation,
  askedAt: row.asked_at,
});

/** Who waits for the officer's word, among the participants of one meeting. */
export async function listOpenBindings(reads: CaseReads, meetingId: string): Promise<Binding[]> {
  const rows = await bindings(reads)
    .innerJoin('participant as p', 'p.id', 'b.participant_id')
    .where('p.meeting_id', '=', meetingId)
    .where('p.removed_at', 'is', null)
    .orderBy('b.asked_at')
    .limit(50)
    .execute();
  return rows.map((row) => toBinding(reads.vault, row));
}

export async function findOpenBinding(reads: CaseReads, participantId: string): Promise<Binding | null> {
  const row = await bindings(reads).where('b.participant_id', '=', participantId).executeTakeFirst();
  return row ? toBinding(reads.vault, row) : null;
}

/** Who says it last waits; whoever waited before has been answered with a no. */
export async function askBinding(
  { db }: CaseWrites,
  asked: { id: string; participantId: string; accountId: string; at: IsoInstant },
): Promise<void> {
  const { id, participantId, accountId, at } = asked;
  await db
    .updateTable('binding')
    .set({ decided_at: at, outcome: 'no' })
    .where('participant_id', '=', participantId)
    .where('decided_at', 'is', null)
    .execute();
  await db
    .insertInto('binding')
    .values({
      ...{ id, participant_id: participantId, account_id: accountId, asked_at: at },
      ...{ decided_at: null, decided_by: null, outcome: null, how: null },
    })
    .execute();
}

export async function decideBinding(
  { db, vault }: CaseWrites,
  id: string,
  decided: { outcome: 'yes' | 'no'; how: string; at: IsoInstant; byId: string },
): Promise<void> {
  await db
    .updateTable('binding')
    .set({ outcome: decided.outcome, how: vault.seal(decided.how), decided_at: decided.at, decided_by: decided.byId })
    .where('id', '=', id)
    .execute();
}
