import type { IsoDate } from '../../../kernel/time.ts';

/** Somebody's absence and who covers for them, both days included. */
export type Absence = { officerId: string; coverId: string; firstDay: IsoDate; lastDay: IsoDate };

/** Longer absences are entered anew, so that nobody goes on covering for somebody by oversight. */
export const mostDays = 366;
