import type { MeetingState } from '../rules.ts';

/** A colleague can write with the officer as long as the minutes are not final. */
export const mayNameScribe = (state: MeetingState): boolean => state !== 'minuted' && state !== 'cancelled';
