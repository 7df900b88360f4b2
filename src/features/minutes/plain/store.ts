import type { CaseReads } from '../../../platform/db/access.ts';
import type { FoundDocument } from '../../filing/document/store.ts';
import { locatePlan } from '../../plan/store.ts';
import { locateFinalised } from '../store.ts';

/** The minutes as they were locked, of which the short version is made. */
export const locateMinutes = locateFinalised;

/** The locked minutes with whom to ring about them: the officer who has the case now. */
export async function withContact(reads: CaseReads, document: FoundDocument) {
  const plan = await locatePlan(reads, document.caseId);
  if (!plan) throw new Error('a document without a case');
  return { document, contact: plan.open(reads).contact };
}
