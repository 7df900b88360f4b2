import type { Subject } from '../../kernel/access.ts';
import type { FieldErrors } from '../../kernel/fields.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import { keepRemovals, removalWords, showRemovals } from '../../kernel/removal.ts';
import { stockholmDate } from '../../kernel/time.ts';
import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { statusOf } from '../../platform/web/reply.ts';
import { type Ctx, caller, type FormBody, type Route, readForm, userOf } from '../../platform/web/route.ts';
import {
  finaliseMinutes,
  holdMeeting,
  type Print,
  putMeasure,
  removeMeasure,
  saveFields,
  type Told,
} from './commands.ts';
import { hasMeasure, readFields, readFinalise, readMeasure, readPatch } from './input.ts';
import { takeIn } from './live/commands.ts';
import { liveModel, liveRoutes, showContribute } from './live/routes.ts';
import { listHistory, locateContributing } from './live/store.ts';
import { agendaPart, finalisePage, lateTexts, type Outcome, readPage, writePage } from './page.ts';
import { printMinutes } from './render.ts';
import { contentOf } from './rules.ts';
import {
  countAsked,
  type FollowUp,
  type FoundMinutes,
  listBefore,
  locateFinalised,
  locateHeld,
  locateOpened,
  minutesState,
  readBefore,
  readFollowed,
  readFollowUp,
  readMinutes,
} from './store.ts';

type Status = 200 | 409 | 422;
const writing = [
  'form.js',
  'minutes-both.js',
  'minutes.js',
  'minutes-measure.js',
  'minutes-live.js',
  'minutes-keys.js',
];
const failedTake = (outcome: Outcome | undefined) =>
  outcome && { takeFailed: outcome.takeFailed, takeError: outcome.takeError };
const idOf = (c: Ctx): string => c.req.param('id') ?? '';
const draftFiling = { position: 0, lastNumber: 0, finalisedAt: '', finalisedBy: '', reason: '', noFollowUpReason: '' };

/** Which of several wordings is asked for: its place in the case's chain; the latest without one. */
const positionIn = (c: Ctx): number | undefined => {
  const asked = c.req.query('nr');
  return asked && /^\d{1,6}$/.test(asked) ? Number(asked) : undefined;
};

/** What features/approval does for minutes that are out: their pages, and the mail when they are final. */
export type Approval = {
  officer(c: Ctx, form?: { values: FormBody; errors: FieldErrors }, status?: Status): Promise<Response>;
  own(c: Ctx): Promise<Response>;
  told: Told;
};

/** Minutes: opened when the meeting has been held, written, locked, read. */
export function minutesRoutes(house: House, approval: Approval): Route[] {
  const { engine, reply, texts } = house;
  const { reads } = engine.database;

  const opened = (c: Ctx, action: 'meeting.see' | 'minutes.write') =>
    view(engine, caller(c), { action, locate: (from) => locateOpened(from, idOf(c)), read: readMinutes });

  async function askHeld(c: Ctx, status: Status) {
    const found = await view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (from) => locateHeld(from, idOf(c)),
      read: async (from, meeting) => ({ ...meeting, asked: await countAsked(from, meeting.id) }),
    });
    if (!found.ok) return reply.refused(c, found.code);
    const { id, asked, state, kind, individual, startsAt, endsAt } = found.value;
    const ready = state === 'scheduled';
    const opened = state === 'held' || state === 'minuted';
    const model = { id, asked, kind, startsAt, endsAt, ready, opened, individual: individual.name };
    return reply.page(c, 'minutes/held', model, { titleKey: 'min.held.title', mood: 'officer', status });
  }

  async function show(c: Ctx) {
    const [at, state, own] = await Promise.all([
      locateHeld(reads, idOf(c)),
      minutesState(reads, idOf(c)),
      locateContributing(reads, idOf(c), userOf(c)),
    ]);
    const may = (
      action:
        | ('document.read' | 'minutes.write' | 'minutes.settle' | 'minutes.contribute')
        | ('meeting.see' | 'meeting.arrange'),
      found: { subject: Subject } | null = at,
    ) => found !== null && engine.rights(action, c.get('actor'), found.subject).verdict === 'allowed';
    if (state === 'finalised' && may('document.read')) return showFinalised(c, 200, false);
    if (state === 'review' && may('minutes.settle')) return approval.officer(c);
    if (state === 'draft' && may('minutes.write')) return showWrite(c, 200, undefined, c.req.query('atgard') ?? null);
    if (state && state !== 'review' && may('minutes.contribute', own)) return showContribute(house, c, null, 200);
    if (!state && may('meeting.arrange')) return reply.see(c, `/moten/${idOf(c)}/hallet`);
    // Whoever may not see the meeting is answered alike whether there is anything or not, but for what is out to them.
    if (!may('meeting.see')) return approval.own(c);
    const found = await opened(c, 'meeting.see');
    if (!found.ok) return reply.refused(c, found.code);
    const { minutes, meeting } = found.value;
    const reader = { self: false, caseId: meeting.caseId, maySeeMeeting: true, tooLate: false, late: [] };
    const model = readPage(contentOf(found.value, draftFiling), minutes.state, reader);
    return reply.page(c, 'minutes/read', model, { titleKey: 'min.title', mood: 'officer' });
  }

  async function showFinalised(c: Ctx, status: Status, tooLate: boolean) {
    const found = await view(engine, caller(c), {
      action: 'document.read',
      locate: (from) => locateFinalised(from, idOf(c), positionIn(c)),
      async read(from, document) {
        const writes = engine.rights('minutes.write', c.get('actor'), document.subject).verdict === 'allowed';
        const minutes = writes ? (await locateOpened(from, idOf(c)))?.open(from).minutes : null;
        const history = minutes ? await listHistory(from, minutes.id) : [];
        return { ...document, late: history.filter(({ late }) => late) };
      },
    });
    if (!found.ok) return reply.refused(c, found.code);
    const { content, caseId, subject, late, wordings } = found.value;
    const actor = c.get('actor');
    const self = engine.rights('document.read', actor, subject).by === 'self';
    const maySeeMeeting = engine.rights('meeting.see', actor, subject).verdict === 'allowed';
    const mayAmend = engine.rights('minutes.amend', actor, subject).verdict === 'allowed';
    const model = readPage(content, 'finalised', { self, caseId, maySeeMeeting, tooLate, late, mayAmend }, wordings);
    return reply.page(c, 'minutes/read', model, {
      titleKey: 'min.title',
      mood: self ? 'person' : 'officer',
      status,
      scripts: ['form.js', 'minutes-locked.js'],
    });
  }

  async function showWrite(c: Ctx, status: Status, outcome: Outcome | undefined, editing: string | null) {
    const found = await view(engine, caller(c), {
      action: 'minutes.write',
      locate: (from) => locateOpened(from, idOf(c)),
      async read(from, at) {
        // Whoever comes to write minutes is not therefore one whom the person wrote to.
        const may = engine.rights('preparation.see', c.get('actor'), at.meeting.subject).verdict === 'allowed';
        const [facts, before, history, followed] = await Promise.all([
          readMinutes(from, at),
          may ? readBefore(from, at.meeting.id) : null,
          listHistory(from, at.minutes.id),
          readFollowed(from, at.meeting),
        ]);
        return { facts, before, history, agenda: agendaPart(followed, engine.clock.now()) };
      },
    });
    if (!found.ok) return reply.refused(c, found.code);
    const { facts, before, history, agenda } = found.value;
    const live = { ...liveModel(house, c, facts, history), ...failedTake(outcome) };
    const finishes = engine.rights('minutes.finalise', c.get('actor'), facts.meeting.subject).verdict === 'allowed';
    const officer = facts.meeting.officer.name;
    const model = { ...writePage(facts, before, editing, outcome, live.earlier), live, agenda, finishes, officer };
    return reply.page(c, 'minutes/write', model, {
      titleKey: 'min.title',
      mood: 'officer',
      status,
      scripts: [...writing, 'wordings.js'],
    });
  }

  /** What was typed into minutes that were locked meanwhile is shown once more, to be copied. */
  async function showTooLate(c: Ctx, body: FormBody) {
    const found = await opened(c, 'minutes.write');
    const late = found.ok ? lateTexts(found.value, body) : [];
    const out = found.ok && found.value.minutes.state === 'review';
    if (late.length === 0 && !out) return showFinalised(c, 409, true);
    const settles =
      found.ok && engine.rights('minutes.settle', c.get('actor'), found.value.meeting.subject).verdict === 'allowed';
    if (late.length === 0 && settles) return approval.officer(c, { values: {}, errors: {} }, 409);
    const model = { id: idOf(c), late, out };
    return reply.page(c, 'minutes/too-late', model, {
      titleKey: out ? 'min.tooLate.review.title' : 'min.tooLate',
      ...{ mood: 'officer', status: 409 },
    });
  }

  const words = removalWords(house.texts.t);
  const keep = (typed: string, standing: string) => keepRemovals(typed, standing, words);

  /** The whole page as a form: its fields, and the measure in it. Each is saved or kept on its own. */
  async function saveForm(c: Ctx, measureAsked: boolean) {
    const id = idOf(c);
    const body = await readForm(c);
    const saved = await saveFields(engine, caller(c), id, (rules) => readFields(body, rules.values()), keep);
    if (!saved.ok) return reply.refused(c, saved.code);
    if (saved.value.late) return showTooLate(c, body);
    const { errors } = saved.value;
    const conflicts = [...saved.value.conflicts.keys()];

    const remove = String(body.remove ?? '');
    if (remove) await removeMeasure(engine, caller(c), id, remove);
    const changesRemoved = remove !== '' && body.measure === remove;
    let measureErrors: FieldErrors = {};
    let measureFailed = false;
    let measureSaved = false;
    let changed = false;
    if (!changesRemoved && (hasMeasure(body) || (measureAsked && !remove))) {
      const measure = readMeasure(body);
      if (measure.ok) {
        const put = await putMeasure(engine, caller(c), id, measure.value);
        measureSaved = put.ok;
        measureFailed = changed = !put.ok;
      } else {
        measureErrors = measure.errors;
        measureFailed = true;
      }
    }

    const take = String(body.take ?? '');
    let takeError = '';
    if (take) {
      const at = { participant: take, field: String(body[`take-to-${take}`] ?? '') };
      const quote: Parameters<typeof takeIn>[4] = ({ party, person }, text) =>
        texts.t('contrib.quote', { name: person.name, party: texts.t(`partyMid.${party}`), text });
      const taken = await takeIn(engine, caller(c), id, at, quote);
      if (!taken.ok) takeError = taken.code;
    }

    const wrong = Object.keys(errors).length > 0 || Object.keys(measureErrors).length > 0;
    if (wrong || conflicts.length > 0 || changed || takeError) {
      const takeFailed = takeError ? take : '';
      const failed = { measureErrors, measureFailed, measureSaved, takeFailed, takeError };
      const outcome = { posted: body, conflicts, errors, ...failed };
      const editing = measureFailed ? String(body.measure ?? '') : null;
      return showWrite(c, conflicts.length > 0 || changed ? 409 : 422, outcome, editing);
    }
    const added = measureSaved ? 'atgard' : undefined;
    const next = body.next === 'review' ? 'granskning' : 'faststallande';
    if (body.next) return reply.see(c, `/moten/${id}/protokoll/${next}`, added);
    // The page that asked by its scripts shows it by itself.
    if (take && c.req.header('accept') === 'application/json') return c.body(null, 204);
    if (take) return reply.see(c, `/moten/${id}/protokoll#bidrag`, 'inlyft');
    const edit = String(body.edit ?? '');
    if (looksLikeId(edit)) return reply.see(c, `/moten/${id}/protokoll?atgard=${edit}#ny-atgard`, added);
    const done = remove ? 'atgard-borta' : (added ?? 'sparat');
    return reply.see(c, `/moten/${id}/protokoll${done === 'sparat' ? '' : '#atgarder'}`, done);
  }

  async function patch(c: Ctx) {
    const change = readPatch(await c.req.json().catch(() => null));
    c.header('Cache-Control', 'no-store');
    if (!change) return c.json({ code: 'json' }, 422);
    const saved = await saveFields(engine, caller(c), idOf(c), () => [change], keep);
    if (!saved.ok) return c.json({ code: saved.code }, statusOf(saved.code));
    if (saved.value.late) return c.json({ code: 'finalised', kept: saved.value.kept.length > 0 }, 409);
    const { versions, conflicts, errors } = saved.value;
    if (errors[change.field]) return c.json({ code: errors[change.field] }, 422);
    const now = conflicts.get(change.field);
    if (!now) return c.json({ version: versions[change.field] });
    return c.json({ version: now.version, text: showRemovals(now.text, words), by: now.by }, 409);
  }

  async function askFinalise(c: Ctx, form: Parameters<typeof finalisePage>[3], status: Status) {
    const read = await view(engine, caller(c), {
      action: 'minutes.finalise',
      locate: (from) => locateOpened(from, idOf(c)),
      read: async (from, at, now) => ({
        found: await readMinutes(from, at),
        before: await listBefore(from, at),
        followUp: { ...(await readFollowUp(from, at.meeting, now)), now },
      }),
    });
    if (!read.ok) return reply.refused(c, read.code);
    const { found, before, followUp } = read.value;
    if (found.minutes.state === 'finalised') {
      return status === 200 ? reply.see(c, `/moten/${idOf(c)}/protokoll`) : showFinalised(c, 409, true);
    }
    const documents = [...before, contentOf(found, draftFiling)];
    const model = finalisePage(found, documents, followUp, form, status === 409);
    const missing = model.lawMissing.map((code) => texts.t(`plan.item.${code}`)).join(', ');
    return reply.page(
      c,
      'minutes/finalise',
      { ...model, missing },
      { titleKey: 'min.finalise.title', mood: 'officer', status, scripts: ['form.js', 'minutes-measure.js'] },
    );
  }

  async function finalise(c: Ctx) {
    const id = idOf(c);
    const body = await readForm(c);
    let faults: Parameters<typeof finalisePage>[3] = { values: body, errors: {} };
    const read = ({ minutes, fields }: FoundMinutes, { next, closing }: FollowUp) => {
      const day = fields.get('followUpDate')?.text || null;
      const followUp = { booked: next !== null, closing, day, today: stockholmDate(engine.clock.now()) };
      const input = readFinalise(body, { reviewed: minutes.state === 'review', followUp });
      if (!input.ok) faults = input;
      return input.ok ? input.value : null;
    };
    const print: Print = (content, createdAt) => printMinutes(content, texts.t, createdAt);
    const done = await finaliseMinutes(engine, caller(c), id, read, print, approval.told);
    if (done.ok)
      return reply.see(c, `/moten/${id}/protokoll`, done.value.booked ? 'faststallt-planerat' : 'faststallt');
    if (done.code === 'fields') return askFinalise(c, faults, 422);
    if (done.code === 'unread_objections' || done.code === 'review_open') {
      return askFinalise(c, { values: body, errors: { '': { code: done.code } } }, 422);
    }
    if (done.code === 'finalised' || done.code === 'changed_by_someone_else') {
      return askFinalise(c, { values: body, errors: {} }, 409);
    }
    return reply.refused(c, done.code);
  }

  return [
    { method: 'get', path: '/moten/:id/hallet', action: 'meeting.arrange', handle: (c) => askHeld(c, 200) },
    {
      method: 'post',
      path: '/moten/:id/hallet',
      action: 'meeting.arrange',
      async handle(c) {
        const held = await holdMeeting(engine, caller(c), idOf(c));
        if (held.ok) return reply.see(c, `/moten/${idOf(c)}/protokoll`, 'hallet');
        if (held.code === 'not_now') return askHeld(c, 422);
        return held.code === 'changed_by_someone_else' ? askHeld(c, 409) : reply.refused(c, held.code);
      },
    },
    {
      method: 'get',
      path: '/moten/:id/protokoll',
      action: [
        ...(['minutes.write', 'minutes.settle', 'minutes.review', 'minutes.contribute'] as const),
        ...(['meeting.arrange', 'meeting.see', 'document.read'] as const),
      ],
      handle: show,
    },
    { method: 'patch', path: '/moten/:id/protokoll', action: 'minutes.write', handle: patch },
    { method: 'post', path: '/moten/:id/protokoll', action: 'minutes.write', handle: (c) => saveForm(c, false) },
    {
      method: 'post',
      path: '/moten/:id/protokoll/atgarder',
      action: 'minutes.write',
      handle: (c) => saveForm(c, true),
    },
    { method: 'post', path: '/moten/:id/protokoll/inlyft', action: 'minutes.write', handle: (c) => saveForm(c, false) },
    {
      method: 'get',
      path: '/moten/:id/protokoll/faststallande',
      action: 'minutes.finalise',
      handle: (c) => askFinalise(c, { values: {}, errors: {} }, 200),
    },
    { method: 'post', path: '/moten/:id/protokoll/faststallande', action: 'minutes.finalise', handle: finalise },
    ...liveRoutes(house),
  ];
}
