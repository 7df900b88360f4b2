import type { User } from '../../../kernel/access.ts';
import { accept, type Decision } from '../../../kernel/decision.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import type { GivenInput, NoticeInput } from './input.ts';
import { mayGiveNotice, mayWriteNotice, noticeApplies } from './rules.ts';
import { insertNotice, insertNoticeGiven, locateNotice, readNotice } from './store.ts';

/** The text for this person and this meeting from now on. Refuses `not_now` where the law asks nobody to come. */
export function writeNotice(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  { receivesBenefit, text }: NoticeInput,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'notice.write',
    locate: (reads) => locateNotice(reads, meetingId),
    async run(work, meeting) {
      const may = mayWriteNotice(meeting.kind, meeting.state);
      if (!may.ok) return may;
      const accountId = (work.actor as User).id;
      const told = noticeApplies(meeting.kind, receivesBenefit) ? text : null;
      await insertNotice(work, { id: work.newId(), meetingId, text: told, at: work.now, accountId });
      return accept(null);
    },
  });
}

/** The person says that they have read it: that is all it means. Refuses `not_now` while there is nothing to read. */
export const confirmNotice = (engine: Engine, caller: Caller, meetingId: string): Promise<Decision<null>> =>
  giveNotice(engine, caller, meetingId, 'notice.confirm', null);

/** An officer notes that the person was informed by letter or on the telephone. Refuses `not_now` as above. */
export const noteNotice = (
  engine: Engine,
  caller: Caller,
  meetingId: string,
  input: GivenInput,
): Promise<Decision<null>> => giveNotice(engine, caller, meetingId, 'notice.note', input);

function giveNotice(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  action: 'notice.confirm' | 'notice.note',
  noted: GivenInput | null,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action,
    locate: (reads) => locateNotice(reads, meetingId),
    async run(work, meeting) {
      const latest = mayGiveNotice(meeting.kind, (await readNotice(work, meetingId)).latest);
      if (!latest.ok) return latest;
      const given = noted ?? { how: 'signed_in' as const, day: stockholmDate(work.now), note: '' };
      const accountId = (work.actor as User).id;
      const row = { id: work.newId(), meetingId, noticeId: latest.value.id, at: work.now, accountId };
      await insertNoticeGiven(work, { ...row, ...given });
      return accept(null);
    },
  });
}
