import type { User } from '../../../kernel/access.ts';
import { accept, type Decision } from '../../../kernel/decision.ts';
import { codeMatches, linkCode } from '../../../kernel/links.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import type { Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { openLinkSession } from '../../../platform/web/session.ts';
import { mayBind } from '../../meeting/binding/rules.ts';
import { askBinding } from '../../meeting/binding/store.ts';
import { noteEvent } from '../../meeting/store.ts';
import { type Invited, locateLinked } from '../store.ts';
import { codeMessage } from './mail.ts';
import { codeLives, maySendCode } from './rules.ts';
import { countTry, insertCode, listCodes, useCode } from './store.ts';

/** How the participant is found whose link it is: to a meeting, or to what they carry out. */
type At = { action: 'participation.code' | 'measure.code'; locate(reads: Reads): Promise<Located<Invited> | null> };
const toMeeting = (id: string): At => ({
  action: 'participation.code',
  locate: async (reads) => (await locateLinked(reads, id))?.at ?? null,
});

/** Mails the holder of a link a code, to the address that an officer has verified. Refuses as `maySendCode` does. */
export function sendCode(
  engine: Engine,
  caller: Caller,
  participantId: string,
  at: At = toMeeting(participantId),
): Promise<Decision<null>> {
  return command(engine, caller, {
    ...at,
    async run(work, { participant: one }) {
      const sent = await listCodes(work, one.id);
      const may = maySendCode(
        one,
        sent.map(({ createdAt }) => createdAt),
        work.now,
      );
      if (!may.ok) return may;
      const id = work.newId();
      await insertCode(work, { id, participantId: one.id, createdAt: work.now });
      await work.send(codeMessage({ id, participantId: one.id, to: one.person.email }));
      return accept(null);
    },
  });
}

/** `session` is null for a code that is not right. */
export type Tried = { session: string | null; claimed: boolean };

/**
 * Tries a code. A wrong one is no refusal, since a refusal would undo that it was counted; wrong, used up, too old and
 * never sent are the same. The right one opens a session for this link, whose secret is returned. `claim`: whoever is
 * signed in says that they are the participant, which waits for the officer's word.
 */
export function tryCode(
  engine: Engine,
  caller: Caller,
  participantId: string,
  given: { code: string; key: Buffer; claim: User | null },
  at: At = toMeeting(participantId),
): Promise<Decision<Tried>> {
  return command(engine, caller, {
    ...at,
    async run(work, { meeting, participant: one }): Promise<Decision<Tried>> {
      const [latest] = await listCodes(work, one.id);
      const id = latest?.id ?? 'none';
      const lives = latest !== undefined && codeLives(latest, work.now);
      const counted = await countTry(work, id);
      const right = codeMatches(given.code, linkCode(given.key, id));
      if (!(right && lives && counted)) return accept({ session: null, claimed: false });
      await useCode(work, id, work.now);
      const session = await openLinkSession(
        work,
        { participantId: one.id, linkGeneration: one.linkGeneration },
        work.now,
      );
      const { claim } = given;
      if (!claim || !mayBind(claim, one)) return accept({ session, claimed: false });
      await askBinding(work, { id: work.newId(), participantId: one.id, accountId: claim.id, at: work.now });
      await noteEvent(work, meeting.id, 'claimed', { participantId: one.id, party: one.party }, claim.id);
      return accept({ session, claimed: true });
    },
  });
}
