import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { statusOf } from '../../../platform/web/reply.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { emptyForm, type Form } from '../page.ts';
import { settleLetter } from './commands.ts';
import { readTold } from './input.ts';
import { letterPage } from './page.ts';
import { renderLetter } from './render.ts';
import { letterContent } from './rules.ts';
import { locateReceiver, readLetters } from './store.ts';

/** Letters to those who get no mail: printed, and said to be sent. */
export function letterRoutes(house: House): Route[] {
  const { config, engine, reply, texts } = house;
  const at = (c: Ctx) => ({ meetingId: c.req.param('id') ?? '', id: c.req.param('pid') ?? '' });

  async function read(c: Ctx) {
    const { meetingId, id } = at(c);
    return view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (reads) => locateReceiver(reads, meetingId, id),
      async read(reads, invited) {
        const facts = await readLetters(reads, invited);
        const { meeting, participant, latest, poll } = facts;
        return { ...facts, content: letterContent(meeting, participant, latest, poll) };
      },
    });
  }

  async function page(c: Ctx, form: Form, status: 200 | 409 | 422) {
    const seen = await read(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    const { content, ...facts } = seen.value;
    if (!content && !facts.latest && status === 200) return reply.see(c, `/moten/${at(c).meetingId}`);
    const model = letterPage(facts, { printable: content !== null, form, now: engine.clock.now() });
    return reply.page(c, 'invitation/letter', model, { titleKey: 'letter.page.title', mood: 'officer', status });
  }

  async function settle(c: Ctx) {
    const body = await readForm(c);
    const input = readTold(body);
    if (!input.ok) return page(c, input, 422);
    const settled = await settleLetter(engine, caller(c), at(c), input.value);
    if (settled.ok) return reply.see(c, `/moten/${at(c).meetingId}`, `brev-${input.value.how}`);
    if (settled.code !== 'changed_by_someone_else') return reply.refused(c, settled.code);
    return page(c, { values: {}, errors: { '': { code: settled.code } } }, 409);
  }

  async function pdf(c: Ctx) {
    const seen = await read(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    const { content, meeting, participant: one, notice } = seen.value;
    // Nobody is written to before the gates have let an invitation or a question through.
    if (!content) return reply.error(c, statusOf('not_now'));
    const { baseUrl, linkKey } = config;
    const now = engine.clock.now();
    const bytes = await renderLetter({ content, meeting, one, notice, now, baseUrl, linkKey }, texts.t);
    return c.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'application/pdf',
      'Content-Disposition': 'inline; filename="brev.pdf"',
      'Cache-Control': 'no-store',
    });
  }

  const path = '/moten/:id/deltagare/:pid/brev';
  const action = 'meeting.arrange';
  return [
    { method: 'get', path, action, handle: (c) => page(c, emptyForm, 200) },
    { method: 'post', path, action, handle: settle },
    { method: 'get', path: `${path}.pdf`, action, handle: pdf },
  ];
}
