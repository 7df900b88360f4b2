import {
  type Answer,
  answers,
  type Counts,
  choices,
  isOver,
  shownOf,
  smallestGroup,
  smallestNumber,
  surveys,
  type Who,
  whos,
} from './rules.ts';

type Form = { values: Record<string, string | string[]>; errors: Record<string, { code: string }> };

export const answerPage = (token: string, who: Who, form: Form) => ({
  token,
  form,
  questions: surveys[who].map((question) => ({ question, label: `survey.${who}.${question}` })),
  choices,
});

type Counted = { period: string; who: string; question: string; answer: string; count: number };

/** What the survey says, quarter by quarter, newest first: quarters that are over, and only what is of enough people. */
export function statisticsPage(counted: readonly Counted[], now: string) {
  const periods = [...new Set(counted.map(({ period }) => period))]
    .filter((one) => isOver(one, now))
    .sort()
    .reverse();
  const counts = (period: string, who: Who, question: string): Counts => {
    const of = (answer: Answer) =>
      counted.find(
        (one) => one.period === period && one.who === who && one.question === question && one.answer === answer,
      )?.count ?? 0;
    return Object.fromEntries(answers.map((one) => [one, of(one)])) as Counts;
  };
  return {
    smallestGroup,
    smallestNumber,
    periods: periods.map((period) => ({
      year: period.slice(0, 4),
      quarter: period.slice(6),
      groups: whos.map((who) => ({
        who,
        questions: surveys[who].map((question) => ({
          label: `survey.${who}.${question}`,
          cells: shownOf(counts(period, who, question)).map(({ of, count }) => ({ key: of.join('_'), count })),
        })),
      })),
    })),
  };
}
