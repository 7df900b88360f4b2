import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { newRandomId, shuffled } from '../../kernel/ids.ts';
import { linkScopes } from '../../kernel/links.ts';
import { addDays, stockholmDate } from '../../kernel/time.ts';
import { type Caller, command, type Engine, type Work } from '../../platform/command.ts';
import { surveyMessage } from './mail.ts';
import { type Answer, periodOf, type Who } from './rules.ts';
import { count, deleteLink, deleteLinksBefore, insertLink, locateLink } from './store.ts';

/** Asks some people by mail, in an order that says nothing, and forgets links that have ended. */
export async function askSurvey(work: Work, asked: readonly { who: Who; to: string }[]): Promise<void> {
  const today = stockholmDate(work.now);
  await deleteLinksBefore(work, addDays(today, -linkScopes.survey.days));
  for (const { who, to } of shuffled(asked)) {
    const id = newRandomId();
    await insertLink(work, { id, who, madeOn: today });
    await work.send(surveyMessage({ to, linkId: id }, newRandomId()));
  }
}

/** Counts what somebody answered; their link is no more after it. Refuses `not_found` for a link that was used meanwhile. */
export function answerSurvey(
  engine: Engine,
  caller: Caller,
  id: string,
  given: readonly { question: string; answer: Answer }[],
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'survey.answer',
    locate: (reads) => locateLink(reads, id),
    async run(work, { who }) {
      if (!(await deleteLink(work, id))) return refuse('not_found');
      const period = periodOf(stockholmDate(work.now));
      for (const one of given) await count(work, { period, who, ...one });
      return accept(null);
    },
  });
}
