import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../platform/web/route.ts';
import { reportMeasure } from './commands.ts';
import { readReport } from './input.ts';
import { planPage, type Report } from './page.ts';
import { printPlan } from './render.ts';
import { planData, planFileName } from './rules.ts';
import { locateMeasure, locatePlan } from './store.ts';

/** The plan of a case, as page and as files, and reports on its measures. */
export function planRoutes(house: House): Route[] {
  const { engine, reply, texts } = house;

  function readCasePlan(c: Ctx, action: 'case.see' | 'document.read', id: string) {
    return view(engine, caller(c), {
      action,
      locate: (reads) => locatePlan(reads, id),
      read: async (_reads, plan) => plan,
    });
  }

  async function showPlan(c: Ctx, caseId: string, report: Report | null, status: 200 | 409 | 422) {
    const facts = await readCasePlan(c, 'case.see', caseId);
    if (!facts.ok) return reply.refused(c, facts.code);
    const actor = c.get('actor');
    const { subject } = facts.value.found;
    const mayReport = engine.rights('measure.report', actor, subject).verdict === 'allowed';
    const self = engine.rights('case.see', actor, subject).by === 'self';
    const model = planPage(facts.value, { self, mayReport }, report, engine.clock.now());
    return reply.page(
      c,
      'plan/plan',
      {
        ...model,
        missingText: model.missing.map((code) => texts.t(`plan.item.${code}`)).join(', '),
        changed: status === 409,
      },
      {
        titleKey: 'plan.title',
        mood: model.self ? 'person' : 'officer',
        status,
        scripts: ['form.js'],
      },
    );
  }

  function file(extension: 'pdf' | 'json', type: string): Route {
    return {
      method: 'get',
      path: `/arenden/:id/plan.${extension}`,
      action: 'document.read',
      async handle(c) {
        const facts = await readCasePlan(c, 'document.read', c.req.param('id') ?? '');
        if (!facts.ok) return reply.refused(c, facts.code);
        // Before any minutes are finalised there is no plan.
        const { texts: agreed } = facts.value;
        if (!agreed) return reply.error(c, 404);
        const now = engine.clock.now();
        const plan = planData({ ...facts.value, texts: agreed }, now);
        const body = extension === 'pdf' ? await printPlan(plan, texts.t, now) : JSON.stringify(plan, null, 2);
        return c.body(body as string | Uint8Array<ArrayBuffer>, 200, {
          'Content-Type': type,
          'Content-Disposition': `inline; filename="${planFileName(plan, extension)}"`,
          'Cache-Control': 'no-store',
        });
      },
    };
  }

  return [
    {
      method: 'get',
      path: '/arenden/:id/plan',
      action: 'case.see',
      handle(c) {
        const asked = c.req.query('rapportera');
        return showPlan(c, c.req.param('id') ?? '', asked ? { id: asked, values: {}, errors: {} } : null, 200);
      },
    },
    file('pdf', 'application/pdf'),
    file('json', 'application/json; charset=utf-8'),
    {
      method: 'post',
      path: '/atgarder/:id/status',
      action: 'measure.report',
      async handle(c) {
        const id = c.req.param('id') ?? '';
        const body = await readForm(c);
        const input = readReport(body);
        const done = await reportMeasure(engine, caller(c), id, input.ok ? input.value : null);
        if (done.ok)
          return reply.see(c, `/arenden/${done.value.caseId}/plan#atgard-${done.value.number}`, 'rapporterad');
        const again = done.code === 'fields' || done.code === 'changed_by_someone_else';
        const caseId = again ? (await locateMeasure(engine.database.reads, id))?.subject.caseId : null;
        if (caseId) {
          const report = { id, values: body, errors: input.ok ? {} : input.errors };
          return showPlan(c, caseId, report, input.ok ? 409 : 422);
        }
        return reply.refused(c, done.code);
      },
    },
  ];
}
