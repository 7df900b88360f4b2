/** Who can take part (domain.md C1). `secrecy` cites what binds them; it decides who needs a ground to disclose. */
export const parties = {
  PERSON: { secrecy: null },
  NARST: { secrecy: null },
  VH: { secrecy: null },
  FORETR: { secrecy: null },
  STOD: { secrecy: null },
  FK: { secrecy: 'OSL 28:1' },
  AF: { secrecy: 'OSL 28:11' },
  ARBG: { secrecy: null },
  FHV: { secrecy: 'PSL 6:12' },
  FACK: { secrecy: null },
  PV: { secrecy: 'OSL 25:1' },
  SPEC: { secrecy: 'OSL 25:1' },
  SLUTV: { secrecy: 'OSL 25:1' },
  REKO: { secrecy: 'OSL 25:1' },
  KHSL: { secrecy: 'OSL 25:1' },
  SOC: { secrecy: 'OSL 26:1' },
  AME: { secrecy: null },
  SKOLA: { secrecy: null },
  KRIM: { secrecy: null },
  SIS: { secrecy: 'OSL 26:1' },
  TAND: { secrecy: 'OSL 25:1' },
  SAMF: { secrecy: null },
  TOLK: { secrecy: null },
  ANNAN: { secrecy: null },
} as const satisfies Record<string, { secrecy: string | null }>;

export type Party = keyof typeof parties;
export const partyCodes = Object.keys(parties) as Party[];

/**
 * Whether somebody in this role needs the person's yes, or a named ground, to tell FK anything:
 * health care and social services, where OSL 10:27 does not open the secrecy of 25:1 and 26:1 (PSL 6:12 for private care).
 */
export function needsGroundToDisclose(party: Party): boolean {
  const secrecy: string | null = parties[party].secrecy;
  return secrecy !== null && /^(OSL 25|OSL 26|PSL)/.test(secrecy);
}

/** Region and kommun as the law means them for a SIP (HSL 16:4, SoL 10:8). */
export const regionParties: readonly Party[] = ['PV', 'SPEC', 'SLUTV', 'REKO', 'TAND'];
export const kommunParties: readonly Party[] = ['SOC', 'KHSL', 'AME', 'SKOLA'];
export const doctorParties: readonly Party[] = ['PV', 'SPEC', 'SLUTV', 'FHV'];
