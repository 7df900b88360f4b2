import type { IsoInstant } from '../kernel/time.ts';

export type Clock = { now(): IsoInstant };

export const systemClock: Clock = { now: () => new Date().toISOString() };
