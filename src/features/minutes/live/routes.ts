import type { User } from '../../../kernel/access.ts';
import { keepRemovals, removalWords, showRemovals } from '../../../kernel/removal.ts';
import { characters } from '../../../kernel/text.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { statusOf } from '../../../platform/web/reply.ts';
import { type Ctx, caller, type Route, readForm, userOf } from '../../../platform/web/route.ts';
import { readPatch } from '../input.ts';
import { type MinutesFacts, textCap, unwritten } from '../rules.ts';
import { listFields, readMinutes } from '../store.ts';
import { contribute } from './commands.ts';
import { besidePage, contributePage, earlierTexts, goingOn, type Typed } from './page.ts';
import { type Earlier, goesOn, standingOf, takenInField } from './rules.ts';
import { listChanged, listHistory, locateContributing } from './store.ts';

const idOf = (c: Ctx): string => c.req.param('id') ?? '';

/**
 * A mark that somebody has opened a page of the minutes, which was logged: with it the page asks for what is new without
 * a row in the log each time.
 */
const pageMark = ({ engine }: House, meetingId: string, user: User, openedAt: IsoInstant): string =>
  `${openedAt}.${engine.database.reads.vault.stamp(`minutes page ${meetingId} ${user.id} ${openedAt}`)}`;
function continues(house: House, mark: string, meetingId: string, user: User, now: IsoInstant): boolean {
  const openedAt = mark.slice(0, mark.lastIndexOf('.'));
  return mark === pageMark(house, meetingId, user, openedAt) && goesOn(openedAt, now);
}

/** What the page that an officer writes on gets besides its fields. */
export function liveModel(house: House, c: Ctx, facts: MinutesFacts, history: readonly Earlier[]) {
  const now = house.engine.clock.now();
  const user = userOf(c);
  return {
    ...besidePage(facts, user.id, now),
    ...goingOn(facts),
    now,
    account: user.id,
    mark: pageMark(house, facts.meeting.id, user, now),
    earlier: earlierTexts(facts, history),
  };
}

/** The page where somebody who takes part writes for themselves. */
export async function showContribute(house: House, c: Ctx, typed: Typed | null, status: 200 | 409 | 422) {
  const { engine, reply } = house;
  const user = userOf(c);
  const found = await view(engine, caller(c), {
    action: 'minutes.contribute',
    locate: (reads) => locateContributing(reads, idOf(c), user),
    async read(reads, { meeting, minutes, participantId, field }, now) {
      const [fields, earlier] = await Promise.all([
        listFields(reads, minutes.id),
        listHistory(reads, minutes.id, field),
      ]);
      const { id: meetingId, kind, startsAt, endsAt, individual } = meeting;
      const own = { said: fields.get(field), taken: fields.get(takenInField(participantId)), version: minutes.version };
      const page = contributePage({ meetingId, kind, startsAt, endsAt, individual: individual.name }, own, typed);
      const mark = pageMark(house, meetingId, user, now);
      return {
        ...page,
        box: { ...page.box, earlier },
        ...{ closed: minutes.state !== 'draft', out: minutes.state === 'review' },
        phone: meeting.officer.phone,
        // The person reads the whole of it once it is final.
        self: engine.rights('document.read', user, meeting.subject).by === 'self',
        account: user.id,
        mark,
      };
    },
  });
  if (!found.ok) return reply.refused(c, found.code);
  return reply.page(c, 'minutes/contribute', found.value, {
    ...{ titleKey: 'contrib.title', mood: 'public', status },
    scripts: [
      'form.js',
      ...(found.value.closed ? ['minutes-locked.js'] : ['minutes-both.js', 'minutes.js', 'minutes-live.js']),
    ],
  });
}

/** What is new in minutes that are being written; and what somebody who takes part writes for them. */
export function liveRoutes(house: House): Route[] {
  const { engine, reply, renderer, texts } = house;
  const words = removalWords(texts.t);
  const keep = (typed: string, standing: string) => keepRemovals(typed, standing, words);

  async function changes(c: Ctx) {
    const id = idOf(c);
    const user = userOf(c);
    const now = engine.clock.now();
    const after = Number(c.req.query('efter'));
    const since = Number.isSafeInteger(after) ? after : 0;
    const goesOn = continues(house, c.req.query('sida') ?? '', id, user, now);
    const at = await locateContributing(engine.database.reads, id, user);
    const writes = at !== null && engine.rights('minutes.write', user, at.subject).verdict === 'allowed';
    c.header('Cache-Control', 'no-store');
    const found = await view(engine, caller(c), {
      action: writes ? 'minutes.write' : 'minutes.contribute',
      locate: async () => at,
      continues: goesOn,
      async read(reads, opened) {
        const { version, state, id: minutesId } = opened.minutes;
        if (version === since && goesOn) return null;
        // A row of its own in the log begins a page of its own.
        const head = { version, state, ...(!goesOn && { mark: pageMark(house, id, user, now) }) };
        const worded = (text: string) => showRemovals(text, words);
        if (!writes) {
          const fields = await listFields(reads, minutesId);
          const said = fields.get(opened.field) ?? unwritten;
          const standing = standingOf(said, fields.get(takenInField(opened.participantId)));
          return {
            ...head,
            fields: [{ field: 'contribution', text: worded(said.text), version: said.version }],
            standing: said.text === '' ? '' : texts.t(`contrib.standing.${standing}`),
          };
        }
        const [changed, facts, history] = await Promise.all([
          listChanged(reads, minutesId, since),
          readMinutes(reads, opened),
          listHistory(reads, minutesId),
        ]);
        const beside = besidePage(facts, user.id, now);
        const earlier = Object.entries(earlierTexts(facts, history));
        return {
          ...head,
          fields: changed.map((one) => ({ ...one, text: worded(one.text) })),
          measures: renderer.body('minutes/measures', beside),
          contributions: renderer.body('minutes/contributions', beside),
          writers: renderer.body('minutes/writers', beside),
          earlier: Object.fromEntries(
            earlier.map(([field, list]) => [field, renderer.body('minutes/earlier', { earlier: list })]),
          ),
        };
      },
    });
    if (!found.ok) return c.json({ code: found.code }, statusOf(found.code));
    return found.value === null ? c.body(null, 204) : c.json(found.value);
  }

  async function contributing(c: Ctx) {
    const body = await readForm(c);
    const [text = ''] = [body.contribution ?? ''].flat();
    const [version = '0', was] = String([body['version-contribution'] ?? '0'].flat()[0]).split('.');
    const change = { text, baseVersion: Number(version) || 0, was };
    const saved = await contribute(engine, caller(c), idOf(c), change, keep);
    if (!saved.ok) return reply.refused(c, saved.code);
    const [conflict = null] = saved.value.conflicts.values();
    const [code] = Object.values(saved.value.errors);
    if (saved.value.late) return showContribute(house, c, { values: body, errors: {}, conflict: null }, 409);
    if (!conflict && !code) return reply.see(c, `/moten/${idOf(c)}/protokoll`, 'bidrag');
    const over = characters(text) - textCap;
    const errors = { contribution: { code: conflict ? 'conflict' : (code ?? ''), params: { over } } };
    return showContribute(house, c, { values: body, errors, conflict }, conflict ? 409 : 422);
  }

  async function patch(c: Ctx) {
    const change = readPatch(await c.req.json().catch(() => null));
    c.header('Cache-Control', 'no-store');
    if (change?.field !== 'contribution') return c.json({ code: 'json' }, 422);
    const saved = await contribute(engine, caller(c), idOf(c), change, keep);
    if (!saved.ok) return c.json({ code: saved.code }, statusOf(saved.code));
    if (saved.value.late) return c.json({ code: 'finalised', kept: saved.value.kept.length > 0 }, 409);
    const [code] = Object.values(saved.value.errors);
    if (code) return c.json({ code }, 422);
    const [now] = saved.value.conflicts.values();
    if (now) return c.json({ version: now.version, text: showRemovals(now.text, words), by: now.by }, 409);
    return c.json({ version: Object.values(saved.value.versions)[0] });
  }

  const own = '/moten/:id/protokoll/bidrag';
  return [
    {
      method: 'get',
      path: '/moten/:id/protokoll/andringar',
      action: ['minutes.write', 'minutes.contribute'],
      handle: changes,
    },
    { method: 'post', path: own, action: 'minutes.contribute', handle: contributing },
    { method: 'patch', path: own, action: 'minutes.contribute', handle: patch },
  ];
}
