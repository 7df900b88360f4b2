import type { IsoInstant } from '../../../kernel/time.ts';

/** A message to somebody of a meeting or to its officer, as the outbox keeps it. */
export type SentMessage = {
  id: string;
  kind: string;
  state: 'queued' | 'sent' | 'failed' | 'withdrawn';
  at: IsoInstant;
  sentAt: IsoInstant | null;
  to: string;
  /** Null for the officer's. */
  participantId: string | null;
  /** Null for a mail without a calendar object. */
  sequence: number | null;
  /** The proposal of times it belongs to. */
  pollId: string | null;
  startsAt: IsoInstant | null;
};

/** What is known of a mail that came; all but codes is gone once a human has dealt with it. */
export type IncomingFacts = {
  from: string;
  subject?: string;
  /** What a human needs to read. */
  text?: string;
  comment?: string;
  answer?: string | null;
  /** Whom they would have come instead of themselves. */
  instead?: string | null;
  startsAt?: IsoInstant | null;
};

/** The message as it is stored, to be rendered again. */
export type StoredMessage = {
  id: string;
  kind: string;
  stream: string;
  messageId: string;
  createdAt: IsoInstant;
  attempts: number;
  facts: Record<string, unknown>;
};

/** A message rendered once more; `sha256` is of all its bytes. */
export type RenderedMessage = { subject: string; text: string; calendar: string | null; sha256: string };

/** A mail that came to the reply mailbox, and how it ended. */
export type IncomingMail = {
  id: string;
  at: IsoInstant;
  outcome: 'processed' | 'ignored' | 'human';
  code: string;
  meetingId: string | null;
  participantId: string | null;
  facts: IncomingFacts | null;
  handledAt: IsoInstant | null;
};
