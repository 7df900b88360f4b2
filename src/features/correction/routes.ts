import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import { stockholmDate } from '../../kernel/time.ts';
import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { statusOf } from '../../platform/web/reply.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../platform/web/route.ts';
import {
  approveCorrection,
  misfile,
  type Place,
  type Print,
  prepare,
  proposeCorrection,
  rejectCorrection,
  tellByPhone,
} from './commands.ts';
import { readAnswer, readMisfile, readProposed, readStep } from './input.ts';
import { type About, correctionPage, previewPage, proposePage } from './page.ts';
import { changesOf, wantedOf } from './rules.ts';
import { findWaitingMisfile, listNotices, listReached, locateCorrection } from './store.ts';
import { listTexts, locateScope } from './text/store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const empty: Form = { values: {}, errors: {} };

/** Which field a refusal is about. */
const fieldOf: Record<string, string> = {
  pick_something: 'places',
  passage_short: 'passage',
  passage_nowhere: 'passage',
  reason_repeats: 'reason',
  participant: 'participant',
};

/** Guided corrections. `print` makes the file of corrected minutes. */
export function correctionRoutes(house: House, print: Print): Route[] {
  const { engine, reply, texts } = house;
  const { t } = texts;
  const today = () => stockholmDate(engine.clock.now());

  const placeOf = (c: Ctx): Place => {
    const id = c.req.param('id') ?? '';
    return c.req.path.startsWith('/arenden/') ? { case: id } : { request: id };
  };
  const about = (at: Place): About =>
    'case' in at
      ? { href: `/arenden/${at.case}`, path: `/arenden/${at.case}/rattelse`, of: 'case' }
      : { href: `/begaran/${at.request}`, path: `/begaran/${at.request}/rattelse`, of: 'request' };

  /** Everything the form shows, and judged beside it what was typed. */
  function read(c: Ctx) {
    return view(engine, caller(c), {
      action: 'correction.propose',
      locate: (reads) => locateScope(reads, placeOf(c)),
      read: async (reads, scope) => ({
        texts: await listTexts(reads, scope),
        reached: await listReached(reads, scope),
      }),
    });
  }

  async function form(c: Ctx, given: Form, status: 200 | 422) {
    const seen = await read(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'correction/propose', proposePage(about(placeOf(c)), seen.value, given, t), {
      titleKey: 'corr.title',
      mood: 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  async function propose(c: Ctx) {
    const body = await readForm(c);
    const at = placeOf(c);
    const step = readStep(body);
    if (step === 'edit') return form(c, { values: body, errors: {} }, 200);
    const typed = readProposed(body, today());
    const back = (errors: FieldErrors) =>
      form(c, { values: { ...body, places: [body.places ?? []].flat() }, errors }, 422);
    if (!typed.ok) return back(typed.errors);
    if (step === 'preview') return preview(c, typed.value, body, back);
    const done = await proposeCorrection(engine, caller(c), at, typed.value);
    if (done.ok) return reply.see(c, `/rattelser/${done.value.id}`, 'rattelse-foreslagen');
    const field = fieldOf[done.code];
    return field ? back({ [field]: { code: done.code } }) : reply.refused(c, done.code);
  }

  async function preview(
    c: Ctx,
    proposed: Parameters<typeof proposeCorrection>[3],
    body: FormBody,
    back: (errors: FieldErrors) => Promise<Response>,
  ) {
    const seen = await read(c);
    if (!seen.ok) return reply.refused(c, seen.code);
    const { kind } = proposed;
    const reached = seen.value.reached.find(({ id }) => id === proposed.participant);
    if (kind === 'wrong_recipient' && !reached) return back({ participant: { code: 'participant' } });
    const wanted = kind === 'wrong_recipient' ? null : wantedOf(seen.value.texts, proposed);
    if (wanted?.ok === false) return back({ [fieldOf[wanted.code] ?? '']: { code: wanted.code } });
    const changes = wanted ? changesOf(seen.value.texts, wanted.value, today()) : [];
    const { step, ...values } = body;
    const model = previewPage(about(placeOf(c)), { kind, values, changes, name: reached?.name ?? '' }, t);
    return reply.page(c, 'correction/preview', model, { titleKey: 'corr.preview.title', mood: 'officer' });
  }

  async function show(c: Ctx, given: Form, status: 200 | 409 | 422) {
    const user = c.get('session')?.user;
    if (!user) return reply.expired(c);
    const seen = await view(engine, caller(c), {
      action: 'correction.see',
      locate: (reads) => locateCorrection(reads, c.req.param('id') ?? ''),
      async read(reads, correction, now) {
        const [prepared, notices, reached] = await Promise.all([
          prepare(reads, correction, now),
          listNotices(reads, correction.id),
          correction.participantId ? listReached(reads, correction.scope) : [],
        ]);
        const name = reached.find(({ id }) => id === correction.participantId)?.name ?? '';
        const options = { user, form: given, changed: status === 409 };
        return correctionPage(correction, { ...prepared, notices, name }, options, t);
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'correction/show', seen.value, { titleKey: 'corr.one', mood: 'officer', status });
  }

  function answer(
    no: boolean,
    act: (c: Ctx, id: string, given: { answer: string; seen: string }) => ReturnType<typeof rejectCorrection>,
    done: string,
  ) {
    return async (c: Ctx) => {
      const id = c.req.param('id') ?? '';
      const body = await readForm(c);
      const read = readAnswer(body, today(), no);
      if (!read.ok) return show(c, { values: { answer: body.answer ?? '' }, errors: read.errors }, 422);
      const acted = await act(c, id, read.value);
      if (acted.ok) return reply.see(c, `/rattelser/${id}`, done);
      if (acted.code === 'not_found' || acted.code === 'forbidden') return reply.refused(c, acted.code);
      const conflict = statusOf(acted.code) === 409;
      return show(
        c,
        { values: { answer: read.value.answer }, errors: conflict ? {} : { answer: { code: acted.code } } },
        conflict ? 409 : 422,
      );
    };
  }

  async function tell(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const { notice } = await readForm(c);
    const done = await tellByPhone(engine, caller(c), id, typeof notice === 'string' ? notice : '');
    return done.ok ? reply.see(c, `/rattelser/${id}`, 'rattelse-ringd') : reply.refused(c, done.code);
  }

  async function misfilePage(c: Ctx, given: Form, status: 200 | 409 | 422) {
    const id = c.req.param('id') ?? '';
    const seen = await view(engine, caller(c), {
      action: 'request.misfile',
      locate: (reads) => locateScope(reads, { request: id }),
      read: async (reads, scope) => ({ ...scope, waiting: await findWaitingMisfile(reads, id) }),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { caseId, waiting } = seen.value;
    const model = { id, caseId: caseId ?? '', waiting: waiting?.id ?? '', form: given, changed: status === 409 };
    return reply.page(c, 'correction/misfile', model, { titleKey: 'corr.misfile.title', mood: 'officer', status });
  }

  async function postMisfile(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const read = readMisfile(await readForm(c), today());
    if (!read.ok) return misfilePage(c, read, 422);
    const done = await misfile(engine, caller(c), id, read.value.reason);
    if (done.ok)
      return reply.see(
        c,
        `/begaran/${id}`,
        done.value === 'approved' ? 'felregistrerad' : 'felregistrering-foreslagen',
      );
    if (done.code === 'not_found' || done.code === 'forbidden') return reply.refused(c, done.code);
    const conflict = statusOf(done.code) === 409;
    return misfilePage(
      c,
      { values: { reason: read.value.reason }, errors: conflict ? {} : { reason: { code: done.code } } },
      conflict ? 409 : 422,
    );
  }

  return [
    ...(['/arenden/:id/rattelse', '/begaran/:id/rattelse'] as const).flatMap((path): Route[] => [
      { method: 'get', path, action: 'correction.propose', handle: (c) => form(c, empty, 200) },
      { method: 'post', path, action: 'correction.propose', handle: propose },
    ]),
    { method: 'get', path: '/rattelser/:id', action: 'correction.see', handle: (c) => show(c, empty, 200) },
    {
      method: 'post',
      path: '/rattelser/:id/godkannande',
      action: 'correction.approve',
      handle: answer(
        false,
        (c, id, given) => approveCorrection(engine, caller(c), id, given, print),
        'rattelse-godkand',
      ),
    },
    {
      method: 'post',
      path: '/rattelser/:id/avslag',
      action: 'correction.reject',
      handle: answer(
        true,
        (c, id, given) => rejectCorrection(engine, caller(c), id, given.answer),
        'rattelse-avslagen',
      ),
    },
    { method: 'post', path: '/rattelser/:id/samtal', action: 'correction.tell', handle: tell },
    {
      method: 'get',
      path: '/begaran/:id/felregistrerad',
      action: 'request.misfile',
      handle: (c) => misfilePage(c, empty, 200),
    },
    { method: 'post', path: '/begaran/:id/felregistrerad', action: 'request.misfile', handle: postMisfile },
  ];
}
