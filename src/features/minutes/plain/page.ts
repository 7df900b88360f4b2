import type { MinutesContent, Translate } from '../../filing/document/rules.ts';
import type { Contact } from '../../plan/plain/rules.ts';
import { plainLead, plainMinutes } from './rules.ts';

/** The minutes in plain Swedish as a page. */
export function plainPage(
  { content, meetingId }: { content: MinutesContent; meetingId: string | null },
  contact: Contact,
  t: Translate,
) {
  return { meetingId, lead: plainLead(content, t), parts: plainMinutes(content, contact, t) };
}
