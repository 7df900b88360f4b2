import type { LinkScope } from '../../kernel/access.ts';
import type { Decision } from '../../kernel/decision.ts';
import type { FieldErrors, FieldsRead, FieldValues } from '../../kernel/fields.ts';
import { newTag } from '../../kernel/ids.ts';
import { linkPath } from '../../kernel/links.ts';
import { addDays, formatDate, stockholmDate } from '../../kernel/time.ts';
import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { personalLinks } from '../../platform/web/link.ts';
import { statusOf } from '../../platform/web/reply.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../platform/web/route.ts';
import {
  assignRequest,
  decideRequest,
  registerRequest,
  submitRequest,
  supplementRequest,
  withdrawRequest,
} from './commands.ts';
import { decisions, readChannel, readDecision, readNote, readRequest } from './input.ts';
import { emptyForm, receiptPage, requestFormPage, requestPage } from './page.ts';
import { changeReceiptLink, lookAgain, proposeWithholding } from './requester/commands.ts';
import { readLinkAct, readSecondLook, readWithholding } from './requester/input.ts';
import { requesterCard } from './requester/page.ts';
import { listWithholdings } from './requester/store.ts';
import { undecided, worksHere } from './rules.ts';
import { findReceipt, listEvents, locateRequest, readRequestPage } from './store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const scope: LinkScope = 'receipt';
const scripts = ['form.js', 'request.js'];

export function requestRoutes(house: House): Route[] {
  const { config, contact, engine, reply, texts } = house;
  const today = () => stockholmDate(engine.clock.now());
  const receiptPath = (id: string, generation: number) => linkPath(config.linkKey, scope, id, generation);

  const registers = (c: Ctx) => {
    const user = c.get('session')?.user;
    return user?.fk === true && user.role === 'officer';
  };

  function formPage(c: Ctx, form: Form, status: 200 | 422) {
    const registering = registers(c);
    const key = form.values.idempotencyKey;
    const model = requestFormPage({
      form,
      idempotencyKey: typeof key === 'string' && key !== '' ? key : newTag(),
      registering,
      phone: contact.phone,
    });
    return reply.page(c, 'request/new', model, {
      titleKey: registering ? 'req.register.title' : 'req.title',
      mood: registering ? 'officer' : 'public',
      status,
      scripts,
      sameBut: model.idempotencyKey,
    });
  }

  async function submit(c: Ctx) {
    const body = await readForm(c);
    const channelGiven = typeof body.channel === 'string';
    // An officer whose session has ended must not make a public request of it, counted from today.
    if (channelGiven && !c.get('session')) return reply.expired(c);
    const read = readRequest(body, today(), channelGiven);
    const channel = channelGiven ? readChannel(body, engine.clock.now()) : null;
    if (!read.ok || channel?.ok === false) {
      const refused = [read, channel].filter((part) => part?.ok === false) as Form[];
      const whole = refused.reduce((all, part) => ({
        values: { ...all.values, ...part.values },
        errors: { ...all.errors, ...part.errors },
      }));
      return formPage(c, { ...whole, values: { ...body, ...whole.values } }, 422);
    }
    if (channel?.ok) {
      const done = await registerRequest(engine, caller(c), { ...read.value, ...channel.value });
      return done.ok ? reply.see(c, `/begaran/${done.value.id}`, 'registrerad') : reply.refused(c, done.code);
    }
    const done = await submitRequest(engine, caller(c), read.value);
    if (!done.ok) return reply.refused(c, done.code);
    const { id, linkGeneration, resent } = done.value;
    return reply.see(c, receiptPath(id, linkGeneration), resent === 'changed' ? 'redan-skickad' : 'skickad');
  }

  const { dead, byToken } = personalLinks(house, scope, (id) => findReceipt(engine.database.reads, id));

  async function receipt(c: Ctx, id: string, token: string, form: Form, status: 200 | 409 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'request.receipt',
      locate: (reads) => locateRequest(reads, id),
      read: async (reads, request, now) =>
        receiptPage(request, await listEvents(reads, id), {
          token,
          now,
          form,
          phone: contact.phone,
        }),
    });
    if (!seen.ok) return dead(c);
    const model = seen.value;
    const holdUntilText = model.outward.holdUntil ? formatDate(model.outward.holdUntil) : '';
    const stepLabels = model.steps.map(({ key, state }) => ({ label: texts.t(`receipt.step.${key}`), state }));
    return reply.page(
      c,
      'request/receipt',
      { ...model, outward: { ...model.outward, holdUntilText }, stepLabels },
      { titleKey: 'receipt.titleLater', mood: 'public', status, noindex: true, scripts: ['form.js'] },
    );
  }

  function note(name: 'text' | 'reason', act: typeof supplementRequest, done: string) {
    return (c: Ctx) =>
      byToken(c, async (id, token) => {
        const read = readNote(await readForm(c), name, today());
        if (!read.ok) return receipt(c, id, token, read, 422);
        const acted = await act(engine, caller(c), id, read.value);
        if (acted.ok) return reply.see(c, `/begaran/kvitto/${token}`, done);
        if (acted.code === 'not_found' || acted.code === 'forbidden') return reply.refused(c, acted.code);
        const errors = { [name]: { code: acted.code } };
        return receipt(c, id, token, { values: { [name]: read.value }, errors }, acted.code === 'not_now' ? 422 : 409);
      });
  }

  async function show(c: Ctx, form: Form, status: 200 | 409 | 422) {
    const id = c.req.param('id') ?? '';
    const { actor } = caller(c);
    const user = actor.kind === 'user' ? actor : null;
    const seen = await view(engine, caller(c), {
      action: 'request.see',
      locate: (reads) => locateRequest(reads, id),
      async read(reads, request, now) {
        const inside = user !== null && worksHere(user, request);
        const maySee = (subject: typeof request.subject) =>
          engine.rights('case.see', actor, subject).verdict === 'allowed';
        const [facts, withholdings] = await Promise.all([
          readRequestPage(reads, request, inside ? user : null, maySee),
          inside ? listWithholdings(reads, id) : [],
        ]);
        const mayLink = engine.rights('request.link', actor, request.subject).verdict === 'allowed';
        const decided = facts.events.findLast(({ move }) => ['confirm', 'decline', 'withdraw'].includes(move));
        return requestPage(request, facts, {
          now,
          form,
          inside,
          mayDecide: inside && user?.role === 'officer',
          mayCorrect: engine.rights('correction.propose', actor, request.subject).verdict === 'allowed',
          actorId: user?.id ?? '',
          requester: requesterCard(request, withholdings, user),
          link: mayLink && {
            state: request.linkRevoked ? 'revoked' : request.form.requesterEmail ? 'mailed' : 'paper',
            open: !request.linkRevoked,
            // Nobody can be mailed it, so it can be written down.
            url:
              !request.linkRevoked && !request.form.requesterEmail
                ? config.baseUrl + receiptPath(id, request.linkGeneration)
                : null,
          },
          conflict: status === 409 && decided ? { name: decided.accountName, at: decided.at } : null,
        });
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const model = seen.value;
    const holdUntilText = model.outward.holdUntil ? formatDate(model.outward.holdUntil) : '';
    const state = model.shownState;
    const open = state !== 'handled' && undecided.includes(state);
    const statusKind = open ? 'wait' : state === 'confirmed' ? 'ok' : state === 'declined' ? 'no' : 'neutral';
    return reply.page(
      c,
      'request/show',
      { ...model, holdUntilText, statusKind },
      {
        titleKey: model.mayDecide ? 'decide.title' : 'request.title',
        titleParams: { ref: model.request.reference },
        mood: 'officer',
        status,
        scripts,
      },
    );
  }

  async function decide(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const body = await readForm(c);
    // Whatever cannot be read is a try to confirm, for the rights table and the log.
    const attempted = decisions.find((one) => one === body.decision) ?? 'confirm';
    let faults: Form = emptyForm;
    const done = await decideRequest(engine, caller(c), id, attempted, ({ form }) => {
      const read = readDecision(body, today(), form.requesterRole === 'PERSON');
      if (!read.ok) faults = read;
      return read.ok ? read.value : null;
    });
    if (done.ok) {
      const { meetingId } = done.value;
      return meetingId
        ? reply.see(c, `/moten/${meetingId}`, 'bekraftad')
        : reply.see(c, `/begaran/${id}`, `beslut-${attempted}`);
    }
    if (done.code === 'not_found' || done.code === 'forbidden') return reply.refused(c, done.code);
    if (done.code === 'fields') return show(c, { values: { ...body, ...faults.values }, errors: faults.errors }, 422);
    const field = { hold_past: 'holdUntil', hold_too_long: 'holdUntil', case_unknown: 'caseNumber' }[done.code] ?? '';
    const last = formatDate(addDays(today(), 21));
    const errors = done.code === 'changed_by_someone_else' ? {} : { [field]: { code: done.code, params: { last } } };
    return show(c, { values: body, errors }, statusOf(done.code) === 409 ? 409 : 422);
  }

  /** An act of its own on the request's page, which says what was wrong with it. */
  function act<T>(
    read: (body: FormBody) => FieldsRead<T>,
    run: (c: Ctx, id: string, input: T) => Promise<Decision<null>>,
    done: string | ((input: T) => string),
  ) {
    return async (c: Ctx) => {
      const id = c.req.param('id') ?? '';
      const input = read(await readForm(c));
      if (!input.ok) return show(c, input, 422);
      const acted = await run(c, id, input.value);
      if (acted.ok) return reply.see(c, `/begaran/${id}`, typeof done === 'string' ? done : done(input.value));
      if (acted.code === 'not_found' || acted.code === 'forbidden') return reply.refused(c, acted.code);
      return show(c, { values: {}, errors: { '': { code: acted.code } } }, statusOf(acted.code) === 409 ? 409 : 422);
    };
  }
  const link = act(
    readLinkAct,
    (c, id, which) => changeReceiptLink(engine, caller(c), id, which),
    (which) => (which === 'renew' ? 'kvittolank-ny' : 'kvittolank-bort'),
  );
  const withhold = act(
    (body) => readWithholding(body, today()),
    (c, id, asked) => proposeWithholding(engine, caller(c), id, asked),
    'begarare',
  );
  const look = act(readSecondLook, (c, id, outcome) => lookAgain(engine, caller(c), id, outcome), 'begarare-granskad');

  async function assign(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const body = await readForm(c);
    const done = await assignRequest(engine, caller(c), id, typeof body.officer === 'string' ? body.officer : '');
    if (done.ok) return reply.see(c, `/begaran/${id}`, 'tilldelad');
    if (done.code === 'not_found' || done.code === 'forbidden') return reply.refused(c, done.code);
    return show(c, { values: {}, errors: { officer: { code: done.code } } }, statusOf(done.code) === 409 ? 409 : 422);
  }

  return [
    { method: 'get', path: '/begaran/ny', action: 'public.read', handle: (c) => formPage(c, emptyForm, 200) },
    { method: 'post', path: '/begaran', action: ['request.submit', 'request.register'], handle: submit },
    {
      method: 'get',
      path: '/begaran/kvitto/:token',
      action: 'request.receipt',
      handle: (c) => byToken(c, (id, token) => receipt(c, id, token, emptyForm, 200)),
    },
    {
      method: 'post',
      path: '/begaran/kvitto/:token/komplettering',
      action: 'request.supplement',
      handle: note('text', supplementRequest, 'komplettering'),
    },
    {
      method: 'post',
      path: '/begaran/kvitto/:token/aterkallelse',
      action: 'request.withdraw',
      handle: note('reason', withdrawRequest, 'aterkallad'),
    },
    { method: 'get', path: '/begaran/:id', action: 'request.see', handle: (c) => show(c, emptyForm, 200) },
    {
      method: 'post',
      path: '/begaran/:id/beslut',
      action: ['request.confirm', 'request.ask', 'request.hold', 'request.decline'],
      handle: decide,
    },
    { method: 'post', path: '/begaran/:id/lank', action: 'request.link', handle: link },
    { method: 'post', path: '/begaran/:id/begarare', action: 'request.withhold', handle: withhold },
    { method: 'post', path: '/begaran/:id/begarare/granskning', action: 'request.second_look', handle: look },
    { method: 'post', path: '/begaran/:id/tilldelning', action: 'request.assign', handle: assign },
  ];
}
