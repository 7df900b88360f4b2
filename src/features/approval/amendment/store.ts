import type { CaseReads } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { Copy, Ground } from '../../consent/release/rules.ts';
import type { Sealed } from '../../filing/document/rules.ts';
import { type FoundDocument, locateMinutesDocument } from '../../filing/document/store.ts';
import { locateOpened } from '../../minutes/store.ts';
import { locatePlan } from '../../plan/store.ts';

/** The finalised minutes of a meeting in all their wordings. */
export const locateAmended = (reads: Reads, meetingId: string) => locateMinutesDocument(reads, meetingId);
export type { FoundDocument };
/** The minutes that they were locked from. */
export const locateMinutes = locateOpened;

/** The case's plan, out of which copies are made. */
export async function readPlan(reads: CaseReads, caseId: string) {
  const found = await locatePlan(reads, caseId);
  if (!found) throw new Error('a document without a case');
  return found.open(reads);
}

/** A copy that a party has of a meeting's minutes. */
export type GivenCopy = { partyId: string; documentId: string; grounds: Ground[]; content: Sealed<Copy> };

/** The latest copy of each party that has one of a meeting's minutes and can still open it. */
export async function listGiven({ db, vault }: CaseReads, meetingId: string): Promise<GivenCopy[]> {
  const rows = await db
    .selectFrom('release')
    .select(['case_party_id', 'document_id', 'grounds', 'content'])
    .where('meeting_id', '=', meetingId)
    .where('kind', '=', 'minutes')
    .where('state', '=', 'made')
    .orderBy('id')
    .limit(200)
    .execute();
  const latest = new Map(rows.map((row) => [row.case_party_id, row]));
  return [...latest.values()].map((row) => ({
    partyId: row.case_party_id,
    documentId: row.document_id,
    grounds: JSON.parse(vault.open(row.grounds)),
    content: JSON.parse(vault.open(row.content)),
  }));
}
