import type { IsoDate } from '../../kernel/time.ts';

/** The survey. Nothing here refers to anybody, and no id in it holds a time. */
export type SurveyTables = {
  /** A link that nobody has used yet; whose it is stands nowhere. */
  survey_link: { id: string; who: string; made_on: IsoDate };
  /** How many have given an answer in a quarter. */
  survey_count: { period: string; who: string; question: string; answer: string; count: number };
};
