import type { IsoInstant } from '../../../kernel/time.ts';
import type { MeetingState } from '../../meeting/rules.ts';

type Row = { id: string; state: MeetingState; startsAt: IsoInstant | null };

export function ownMeetingsPage<R extends Row>(found: readonly R[], pageSize: number) {
  const rows = found.slice(0, pageSize).map((row) => ({
    ...row,
    kind: row.state === 'cancelled' ? 'no' : row.state === 'scheduled' ? 'ok' : 'neutral',
  }));
  const last = found.length > pageSize ? rows.at(-1) : undefined;
  return { rows, next: last ? `/mina-moten?efter=${last.id}` : null };
}
