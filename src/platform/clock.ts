import { type IsoInstant, instantOf } from '../kernel/time.ts';

export type Clock = { now(): IsoInstant };

export const systemClock: Clock = { now: () => instantOf(Temporal.Now.instant()) };
