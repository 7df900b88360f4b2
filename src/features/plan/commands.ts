import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../platform/command.ts';
import type { ReportInput } from './input.ts';
import { moveMeasure } from './rules.ts';
import { insertReport, locateMeasure, updateMeasure } from './store.ts';

export type Reported = { caseId: string; number: number };

/**
 * Notes how an agreed measure goes. A new day asked for is granted at once, since the one who reports is the officer
 * who decides it. Refuses `fields` without a report to note, and `changed_by_someone_else`.
 */
export function reportMeasure(
  engine: Engine,
  caller: Caller,
  id: string,
  report: ReportInput | null,
): Promise<Decision<Reported>> {
  return command(engine, caller, {
    action: 'measure.report',
    locate: (reads) => locateMeasure(reads, id),
    async run(work, measure) {
      if (!report) return refuse('fields');
      const to = moveMeasure(measure.state, report.status);
      if (!to.ok) return to;
      const grantedDue = report.proposedDue;
      const change = { state: to.value, due: grantedDue ?? measure.due };
      if (!(await updateMeasure(work, measure, change))) return refuse('changed_by_someone_else');
      await insertReport(work, {
        ...report,
        id: work.newId(),
        measureId: id,
        grantedDue,
        at: work.now,
        accountId: work.actor.kind === 'user' ? work.actor.id : null,
      });
      return accept({ caseId: measure.caseId, number: measure.number as number });
    },
  });
}
