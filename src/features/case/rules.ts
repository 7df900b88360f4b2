export type CaseState = 'open' | 'closing' | 'closed' | 'disposed';

export type Individual = {
  name: string;
  /** Twelve digits; null when nobody knows it or there is none. */
  number: string | null;
  interpreterLanguage: string | null;
  protectedIdentity: boolean;
};

export type Case = {
  id: string;
  number: string;
  state: CaseState;
  version: number;
  individual: Individual;
  individualAccountId: string | null;
  /** Whether the individual wants reminders of meetings and of what they have not answered. */
  wantsReminders: boolean;
  officerId: string;
  unitId: string;
  openedAt: string;
};
