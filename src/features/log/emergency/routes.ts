import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm, userOf } from '../../../platform/web/route.ts';
import { readFinding } from '../input.ts';
import { openEmergency, reviewEmergency } from './commands.ts';
import { readOpening } from './input.ts';
import { mayReview } from './rules.ts';
import { listUnreviewed, locateEmergency } from './store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const empty: Form = { values: {}, errors: {} };

/** A case opened without ordinary right, by a written reason; and the review of that by somebody else. */
export function emergencyRoutes({ engine, reply }: House): Route[] {
  async function openingPage(c: Ctx, form: Form, status: 200 | 422) {
    const user = userOf(c);
    const seen = await view(engine, caller(c), {
      action: 'emergency.open',
      locate: nothingYet,
      read: async (reads) => ({
        manager: user.role === 'manager',
        unreviewed: user.role === 'manager' ? await listUnreviewed(reads, user) : [],
      }),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(
      c,
      'log/emergency',
      { ...seen.value, form },
      { titleKey: 'emergency.title', mood: 'officer', status, scripts: ['form.js'] },
    );
  }

  async function open(c: Ctx) {
    const input = readOpening(await readForm(c));
    if (!input.ok) return openingPage(c, input, 422);
    const opened = await openEmergency(engine, caller(c), input.value);
    if (opened.ok && opened.value !== null) return reply.see(c, `/arenden/${opened.value}`, 'nodatkomst');
    if (!opened.ok && opened.code !== 'ordinary' && opened.code !== 'too_many_tries')
      return reply.refused(c, opened.code);
    const code = opened.ok ? 'emergency_number' : opened.code;
    return openingPage(c, { values: input.value, errors: { caseNumber: { code } } }, 422);
  }

  async function reviewPage(c: Ctx, form: Form, status: 200 | 422) {
    const user = userOf(c);
    const seen = await view(engine, caller(c), {
      action: 'emergency.review',
      locate: (reads) => locateEmergency(reads, c.req.param('id') ?? ''),
      read: async (_reads, emergency) => emergency,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const may = mayReview(seen.value, user);
    return reply.page(
      c,
      'log/emergency-review',
      {
        emergency: seen.value,
        back: user.role === 'log_reviewer' ? '/loggranskning' : '/nodatkomst',
        own: !may.ok && may.code === 'own_emergency',
        form,
      },
      { titleKey: 'emergency.review', mood: 'officer', status, scripts: ['form.js'] },
    );
  }

  async function review(c: Ctx) {
    const input = readFinding(await readForm(c));
    if (!input.ok) return reviewPage(c, input, 422);
    const done = await reviewEmergency(engine, caller(c), c.req.param('id') ?? '', input.value);
    if (done.ok) return reply.see(c, userOf(c).role === 'log_reviewer' ? '/loggranskning' : '/nodatkomst', 'granskad');
    if (done.code !== 'own_emergency') return reply.refused(c, done.code);
    return reviewPage(c, { values: input.value, errors: { finding: { code: done.code } } }, 422);
  }

  return [
    {
      method: 'get',
      path: '/nodatkomst',
      action: 'emergency.open',
      handle: (c) => openingPage(c, empty, 200),
    },
    { method: 'post', path: '/nodatkomst', action: 'emergency.open', handle: open },
    {
      method: 'get',
      path: '/nodatkomst/:id/granskning',
      action: 'emergency.review',
      handle: (c) => reviewPage(c, empty, 200),
    },
    { method: 'post', path: '/nodatkomst/:id/granskning', action: 'emergency.review', handle: review },
  ];
}
