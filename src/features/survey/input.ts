import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { type Answer, choices, surveys, type Who } from './rules.ts';

/** What somebody answered, question by question; what was left out is missing. */
export function readAnswers(
  body: Record<string, string | string[]>,
  who: Who,
): FieldsRead<{ question: string; answer: Answer }[]> {
  const r = new FieldReader(body);
  const given = surveys[who].map((question) => ({ question, answer: r.choice(question, choices) }));
  return r.done(() =>
    given.flatMap(({ question, answer }) => (answer === null || answer === 'none' ? [] : [{ question, answer }])),
  );
}
