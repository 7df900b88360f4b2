import { sha256 } from '../../kernel/digest.ts';
import { stockholmDate } from '../../kernel/time.ts';
import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../platform/web/route.ts';
import { noteGoal } from './goal/commands.ts';
import { readGoal } from './goal/input.ts';
import { ownMeasure, postReport } from './owner/routes.ts';
import { locateCarried } from './owner/store.ts';
import { askedVersion, differencePage, planPage, type Report } from './page.ts';
import { plainFileName, printPlainPlan } from './plain/render.ts';
import { plainPlan } from './plain/rules.ts';
import { printPlan } from './render.ts';
import { type PlanData, planData, planFileName, renderingOf } from './rules.ts';
import { type CasePlan, locatePlan } from './store.ts';
import { layTimeline, timelineItems } from './timeline/rules.ts';
import { factsAt } from './version/rules.ts';

type Open = { report: Report | null; goal: Report | null };
const idOf = (c: Ctx): string => c.req.param('id') ?? '';
const empty = (id: string | undefined): Report | null => (id ? { id, values: {}, errors: {} } : null);

/** The plan of a case, as pages, picture and files, and what is noted beside it. */
export function planRoutes(house: House): Route[] {
  const { engine, renderer, reply, texts } = house;

  function readCasePlan(c: Ctx, action: 'case.see' | 'document.read', id: string) {
    return view(engine, caller(c), {
      action,
      locate: (reads) => locatePlan(reads, id),
      read: async (_reads, plan) => plan,
    });
  }
  const readerOf = (c: Ctx, { found }: CasePlan) => {
    const actor = c.get('actor');
    const may = (action: 'measure.report' | 'plan.check_off') =>
      engine.rights(action, actor, found.subject).verdict === 'allowed';
    const self = engine.rights('case.see', actor, found.subject).by === 'self';
    return { self, mayReport: may('measure.report'), mayWrite: may('plan.check_off') };
  };

  async function showPlan(c: Ctx, caseId: string, open: Open, status: 200 | 409 | 422) {
    const facts = await readCasePlan(c, 'case.see', caseId);
    if (!facts.ok) return reply.refused(c, facts.code);
    const asked = { as: c.req.query('as'), version: c.req.query('version') };
    const model = planPage(facts.value, readerOf(c, facts.value), open, asked, engine.clock.now());
    const missingText = model.missing.map((code) => texts.t(`plan.item.${code}`)).join(', ');
    return reply.page(
      c,
      'plan/plan',
      { ...model, missingText, changed: status === 409 },
      { titleKey: 'plan.title', mood: model.self ? 'person' : 'officer', status, scripts: ['form.js'] },
    );
  }

  /** The plan as what was asked for, as data; null before any minutes are finalised: then there is no plan. */
  async function readData(c: Ctx, action: 'case.see' | 'document.read') {
    const found = await readCasePlan(c, action, idOf(c));
    if (!found.ok) return found;
    const { facts, now } = factsAt(found.value, askedVersion({ version: c.req.query('version') }), engine.clock.now());
    if (!facts.texts) return { ok: true as const, value: null };
    const plan = { ...facts, texts: facts.texts };
    const as = renderingOf(c.req.query('as'), plan.texts.kind);
    return { ok: true as const, value: { facts: plan, now, data: planData(plan, now, as), of: found.value } };
  }

  const asPdf = { type: 'application/pdf', print: printPlan, nameOf: (data: PlanData) => planFileName(data, 'pdf') };
  const asPlainPdf = {
    ...asPdf,
    print: printPlainPlan,
    nameOf: (data: PlanData) => plainFileName(data, 'pdf'),
  };
  const asJson = {
    type: 'application/json; charset=utf-8',
    print: async (data: PlanData) => JSON.stringify(data, null, 2),
    nameOf: (data: PlanData) => planFileName(data, 'json'),
  };

  function file(path: string, { type, print, nameOf }: typeof asPdf | typeof asJson): Route {
    return {
      method: 'get',
      path,
      action: 'document.read',
      async handle(c) {
        const found = await readData(c, 'document.read');
        if (!found.ok) return reply.refused(c, found.code);
        if (!found.value) return reply.error(c, 404);
        const { data, now } = found.value;
        const body = await print(data, texts.t, now);
        return c.body(body as string | Uint8Array<ArrayBuffer>, 200, {
          'Content-Type': type,
          'Content-Disposition': `inline; filename="${nameOf(data)}"`,
          'Cache-Control': 'no-store',
        });
      },
    };
  }

  async function picture(c: Ctx) {
    const found = await readData(c, 'case.see');
    if (!found.ok) return reply.refused(c, found.code);
    if (!found.value) return reply.error(c, 404);
    const { facts, now } = found.value;
    const timeline = layTimeline(timelineItems(facts, now), stockholmDate(now));
    const svg = renderer.body('plan/timeline-file', { timeline });
    // The picture's own style is the only one it may have.
    const style = /<style>([^<]*)<\/style>/.exec(svg)?.[1] ?? '';
    const headers = c.get('headers');
    c.set('headers', {
      ...headers,
      'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${Buffer.from(sha256(style), 'hex').toString('base64')}'; frame-ancestors 'none'`,
    });
    return c.body(svg, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'no-store' });
  }

  async function showDifference(c: Ctx) {
    const facts = await readCasePlan(c, 'case.see', idOf(c));
    if (!facts.ok) return reply.refused(c, facts.code);
    const asked = { fran: c.req.query('fran'), till: c.req.query('till') };
    const model = differencePage(facts.value, asked, engine.clock.now());
    const { self } = readerOf(c, facts.value);
    return reply.page(c, 'plan/difference', model, {
      titleKey: 'plan.difference',
      mood: self ? 'person' : 'officer',
    });
  }

  async function showPlain(c: Ctx) {
    const found = await readData(c, 'case.see');
    if (!found.ok) return reply.refused(c, found.code);
    const { value } = found;
    if (!value) return reply.see(c, `/arenden/${idOf(c)}/plan`);
    const { data } = value;
    const version = askedVersion({ version: c.req.query('version') });
    return reply.page(
      c,
      'plan/plain',
      { caseId: idOf(c), query: version ? `?version=${version}` : '', parts: plainPlan(data, texts.t) },
      { titleKey: 'plain.title', mood: 'person' },
    );
  }

  async function checkOff(c: Ctx) {
    const body = await readForm(c);
    const input = readGoal(body, stockholmDate(engine.clock.now()));
    const done = await noteGoal(engine, caller(c), idOf(c), input.ok ? input.value : null);
    if (done.ok) return reply.see(c, `/arenden/${idOf(c)}/plan#mal`, 'delmal');
    if (done.code !== 'fields' && done.code !== 'changed_by_someone_else') return reply.refused(c, done.code);
    const goal = { id: String(body.goal ?? ''), values: body, errors: input.ok ? {} : input.errors };
    return showPlan(c, idOf(c), { report: null, goal }, input.ok ? 409 : 422);
  }

  return [
    {
      method: 'get',
      path: '/arenden/:id/plan',
      action: 'case.see',
      handle(c) {
        const open = { report: empty(c.req.query('rapportera')), goal: empty(c.req.query('delmal')) };
        return showPlan(c, idOf(c), open, 200);
      },
    },
    { method: 'get', path: '/arenden/:id/plan/skillnad', action: 'case.see', handle: showDifference },
    { method: 'get', path: '/arenden/:id/plan/enkelt', action: 'case.see', handle: showPlain },
    { method: 'post', path: '/arenden/:id/plan/delmal', action: 'plan.check_off', handle: checkOff },
    { method: 'get', path: '/arenden/:id/plan.svg', action: 'case.see', handle: picture },
    file('/arenden/:id/plan.pdf', asPdf),
    file('/arenden/:id/plan.json', asJson),
    file('/arenden/:id/plan/enkelt.pdf', asPlainPdf),
    {
      method: 'post',
      path: '/atgarder/:id/status',
      action: 'measure.report',
      handle(c) {
        const id = idOf(c);
        return postReport(house, c, id, {
          done: ({ caseId, number, by }) =>
            by === 'officer'
              ? reply.see(c, `/arenden/${caseId}/plan#atgard-${number}`, 'rapporterad')
              : reply.see(c, `/atgarder/${id}`, 'atgard-rapport'),
          async show(form, status, by) {
            if (by === 'owner') return ownMeasure(house)(c, id, form, status);
            const caseId = (await locateCarried(engine.database.reads, id))?.at.subject.caseId ?? '';
            return showPlan(c, caseId, { report: { id, ...form }, goal: null }, status);
          },
          // The case has been closed meanwhile: its owner still opens the page, which says so and keeps what they typed.
          refused: (_code, form) => ownMeasure(house)(c, id, form, 422),
        });
      },
    },
  ];
}
