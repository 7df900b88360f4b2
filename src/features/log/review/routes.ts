import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm, userOf } from '../../../platform/web/route.ts';
import { listUnreviewed } from '../emergency/store.ts';
import { readFinding } from '../input.ts';
import { drawReview, noteReviewRow } from './commands.ts';
import { readDraw, usualDraw } from './input.ts';
import { reviewPage, reviewsPage, rowPage } from './page.ts';
import { csvOf, exportOf } from './render.ts';
import { mostDrawn } from './rules.ts';
import { listReviewRows, listReviews, locateReview } from './store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const empty: Form = { values: {}, errors: {} };

/** The log reviewer's desk: emergencies first, then samples of the log, what was found, and what leaves of it. */
export function reviewRoutes({ engine, reply }: House): Route[] {
  async function overview(c: Ctx, given: Form | null, status: 200 | 422) {
    const user = userOf(c);
    const asked = c.req.query('efter') ?? '';
    const after = looksLikeId(asked) ? asked : null;
    const seen = await view(engine, caller(c), {
      action: 'log.review',
      locate: nothingYet,
      async read(reads) {
        const [emergencies, reviews] = await Promise.all([listUnreviewed(reads, null), listReviews(reads, after)]);
        return reviewsPage({ emergencies, reviews }, user);
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const form = given ?? { ...empty, values: usualDraw(stockholmDate(engine.clock.now())) };
    return reply.page(
      c,
      'log/reviews',
      { ...seen.value, form, most: mostDrawn },
      { titleKey: 'review.title', mood: 'officer', status },
    );
  }

  async function draw(c: Ctx) {
    const body = await readForm(c);
    const input = readDraw(body, stockholmDate(engine.clock.now()));
    if (!input.ok) return overview(c, input, 422);
    const drawn = await drawReview(engine, caller(c), input.value);
    if (drawn.ok) return reply.see(c, `/loggranskning/${drawn.value.id}`, 'stickprov');
    if (drawn.code !== 'nothing_logged') return reply.refused(c, drawn.code);
    return overview(c, { values: body, errors: { firstDay: { code: drawn.code } } }, 422);
  }

  const readReview = (c: Ctx) =>
    view(engine, caller(c), {
      action: 'log.review',
      locate: (reads) => locateReview(reads, c.req.param('id') ?? ''),
      read: async (reads, review) => ({ review, rows: await listReviewRows(reads, review.id) }),
    });

  async function show(c: Ctx) {
    const seen = await readReview(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    const model = reviewPage(seen.value.review, seen.value.rows, userOf(c));
    return reply.page(c, 'log/review', model, { titleKey: 'review.one', mood: 'officer' });
  }

  async function showRow(c: Ctx, given: Form | null, status: 200 | 422) {
    const seen = await readReview(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    const row = seen.value.rows.find(({ id }) => id === c.req.param('rid'));
    if (!row) return reply.error(c, 404);
    const model = rowPage(seen.value.review, row, userOf(c), given);
    return reply.page(c, 'log/review-row', model, {
      titleKey: 'review.row',
      mood: 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  async function note(c: Ctx) {
    const { id = '', rid = '' } = c.req.param() as Record<string, string>;
    const input = readFinding(await readForm(c));
    if (!input.ok) return showRow(c, input, 422);
    const done = await noteReviewRow(engine, caller(c), id, rid, input.value);
    if (done.ok) return reply.see(c, `/loggranskning/${id}`, 'granskad');
    if (done.code !== 'own_row') return reply.refused(c, done.code);
    return showRow(c, { values: input.value, errors: { finding: { code: done.code } } }, 422);
  }

  function file(extension: 'csv' | 'json', type: string): Route {
    return {
      method: 'get',
      path: `/loggranskning/:id/stickprov.${extension}`,
      action: 'log.review',
      async handle(c) {
        const seen = await readReview(c);
        if (!seen.ok) return reply.refused(c, seen.code);
        const exported = exportOf(seen.value.review, seen.value.rows);
        return c.body(extension === 'csv' ? csvOf(exported) : JSON.stringify(exported, null, 2), 200, {
          'Content-Type': type,
          'Content-Disposition': `attachment; filename="stickprov-${seen.value.review.id}.${extension}"`,
          'Cache-Control': 'no-store',
        });
      },
    };
  }

  return [
    { method: 'get', path: '/loggranskning', action: 'log.review', handle: (c) => overview(c, null, 200) },
    { method: 'post', path: '/loggranskning', action: 'log.draw', handle: draw },
    { method: 'get', path: '/loggranskning/:id', action: 'log.review', handle: show },
    file('csv', 'text/csv; charset=utf-8'),
    file('json', 'application/json; charset=utf-8'),
    {
      method: 'get',
      path: '/loggranskning/:id/rader/:rid',
      action: 'log.review',
      handle: (c) => showRow(c, null, 200),
    },
    { method: 'post', path: '/loggranskning/:id/rader/:rid', action: 'log.note', handle: note },
  ];
}
