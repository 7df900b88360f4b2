import { type Actor, isCoded, type Subject } from '../../../kernel/access.ts';
import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import { type Engine, nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import type { Replies } from '../../../platform/web/reply.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { speakingAs } from '../rules.ts';
import { makeRelease, propose, readReleasable, recallCopy } from './commands.ts';
import { readRecall, readRelease } from './input.ts';
import { choosePage, copyPage, proposalPage } from './page.ts';
import { printCopy } from './render.ts';
import { copyFileName } from './rules.ts';
import {
  hasCopy,
  listReceived,
  locateCoded,
  locatePartyCopy,
  locateReleasable,
  locateRelease,
  type Reader,
  readCopyPdf,
  releasePage,
} from './store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const empty: Form = { values: {}, errors: {} };
const accountOf = (c: Ctx): string => c.get('session')?.user.id ?? '';
const idOf = (c: Ctx) => c.req.param('id') ?? '';

/** Frozen copies: an officer looks, releases and recalls; a party reads what it has been given, and never the case. */
export function releaseRoutes(house: House): Route[] {
  const { engine, reply, texts } = house;

  /** What would be released; until it is said what to whom, that is asked. */
  async function preview(c: Ctx, chosen: { party: string; document: string }, form: Form, status: 200 | 409 | 422) {
    const grounds = readRelease({ ...form.values, ...chosen });
    const seen = await view(engine, caller(c), {
      action: 'release.make',
      locate: (reads) => locateReleasable(reads, idOf(c)),
      read: async (reads, plan, now) => {
        const facts = await readReleasable(reads, plan);
        const named = grounds.ok ? grounds.value.grounds : [];
        return { facts, proposed: propose(facts, { ...chosen, grounds: named }, now) };
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { facts, proposed } = seen.value;
    const options = { titleKey: 'release.pageTitle', mood: 'officer' as const, status, scripts: ['form.js'] };
    if (proposed.ok) {
      return reply.page(c, 'consent/release', proposalPage(idOf(c), proposed.value, chosen.document, form), options);
    }
    // What nobody has chosen yet is no mistake.
    const chose = proposed.code === 'document' ? chosen.document : chosen.party;
    const errors = chose ? { [proposed.code]: { code: proposed.code } } : {};
    const model = choosePage(facts, { values: chosen, errors });
    const party = (code: string) => texts.t(`party.${code}`);
    const partyOptions = model.parties.map(({ id, party: code, organisation }) => ({
      value: id,
      label: [...new Set([organisation, party(code)])].join(', '),
    }));
    const minutes = model.documents.map(({ id, number }) => ({
      value: id,
      label: texts.t('release.minutesOf', { number }),
    }));
    const documentOptions = model.hasPlan
      ? [...minutes, { value: 'plan', label: texts.t('release.of.plan') }]
      : minutes;
    return reply.page(c, 'consent/choose', { ...model, partyOptions, documentOptions }, options);
  }

  async function release(c: Ctx) {
    const body = await readForm(c);
    const input = readRelease(body);
    const chosen = { party: [body.party ?? ''].flat()[0] ?? '', document: [body.document ?? ''].flat()[0] ?? '' };
    if (!input.ok) return preview(c, chosen, input, 422);
    const done = await makeRelease(engine, caller(c), idOf(c), input.value, (copy) => printCopy(copy, texts.t));
    if (done.ok) return reply.see(c, `/utlamnat/${done.value.releaseId}`, 'utlamnad');
    if (['party', 'document', 'ground', 'nothing_to_release'].includes(done.code)) {
      return preview(c, chosen, { values: body, errors: { '': { code: done.code } } }, 422);
    }
    if (done.code === 'changed_by_someone_else') {
      return preview(c, chosen, { values: body, errors: { '': { code: done.code } } }, 409);
    }
    return reply.refused(c, done.code);
  }

  const { received, show, file } = shelf(house, {
    list: () => '/utlamnat',
    back: () => null,
    reader: (c) => ({ accountId: accountOf(c) }),
    refused: reply.refused,
  });

  async function recalling(c: Ctx, form: Form, status: 200 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'release.recall',
      locate: (reads) => locateRelease(reads, idOf(c), { accountId: accountOf(c) }),
      read: async (_reads, one) => one,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { id, number, state, content } = seen.value;
    if (state !== 'made') return reply.see(c, `/utlamnat/${id}`);
    const model = { id, number, receiver: content.receiver, form };
    return reply.page(c, 'consent/recall', model, { titleKey: 'release.recall', mood: 'officer', status });
  }

  async function recall(c: Ctx) {
    const input = readRecall(await readForm(c));
    if (!input.ok) return recalling(c, input, 422);
    const done = await recallCopy(engine, caller(c), idOf(c), input.value);
    return done.ok ? reply.see(c, `/utlamnat/${idOf(c)}`, 'aterkallad-kopia') : reply.refused(c, done.code);
  }

  return [
    {
      method: 'get',
      path: '/arenden/:id/utlamnande',
      action: 'release.make',
      handle: (c) =>
        preview(c, { party: c.req.query('party') ?? '', document: c.req.query('document') ?? '' }, empty, 200),
    },
    { method: 'post', path: '/arenden/:id/utlamnande', action: 'release.make', handle: release },
    { method: 'get', path: '/utlamnat', action: 'release.list', handle: received },
    { method: 'get', path: '/utlamnat/:id', action: 'release.read', handle: show },
    { method: 'get', path: '/utlamnat/:id/exemplar.pdf', action: 'release.read', handle: file('pdf') },
    { method: 'get', path: '/utlamnat/:id/exemplar.json', action: 'release.read', handle: file('json') },
    {
      method: 'get',
      path: '/utlamnat/:id/aterkallelse',
      action: 'release.recall',
      handle: (c) => recalling(c, empty, 200),
    },
    { method: 'post', path: '/utlamnat/:id/aterkallelse', action: 'release.recall', handle: recall },
  ];
}

/** Where somebody reads what their party was given, and what is said to whoever may not. */
type Shelf = {
  list(c: Ctx): string;
  back(c: Ctx): string | null;
  reader(c: Ctx): Reader;
  refused: Replies['refused'];
};

function shelf(house: House, { list, back, reader, refused }: Shelf) {
  const { engine, reply } = house;

  async function received(c: Ctx) {
    const after = c.req.query('efter');
    const who = reader(c);
    const seen = await view<unknown, Awaited<ReturnType<typeof listReceived>>>(engine, caller(c), {
      action: 'release.list',
      locate: 'participantId' in who ? (reads) => locateCoded(reads, who.participantId) : nothingYet,
      read: (reads) => listReceived(reads, who, after && looksLikeId(after) ? after : null),
    });
    if (!seen.ok) return refused(c, seen.code);
    const rows = seen.value.slice(0, releasePage);
    const last = seen.value.length > releasePage ? rows.at(-1) : undefined;
    const model = { rows, list: list(c), back: back(c), next: last ? `${list(c)}?efter=${last.id}` : null };
    return reply.page(c, 'consent/received', model, { titleKey: 'release.received', mood: 'public', noindex: true });
  }

  async function show(c: Ctx) {
    const seen = await view(engine, caller(c), {
      action: 'release.read',
      locate: (reads) => locateRelease(reads, idOf(c), reader(c)),
      read: async (_reads, one) => one,
    });
    if (!seen.ok) return refused(c, seen.code);
    const actor = c.get('actor');
    const { subject } = seen.value;
    const self = speakingAs(actor, subject.individualUserId) !== null;
    const party = isParty(engine, actor, subject);
    const mayRecall =
      engine.rights('release.recall', actor, subject).verdict === 'allowed' && seen.value.state === 'made';
    return reply.page(c, 'consent/copy', copyPage(seen.value, { party, self, mayRecall, list: list(c) }), {
      titleKey: 'release.copy',
      mood: self ? 'person' : party ? 'public' : 'officer',
      noindex: true,
    });
  }

  const file = (extension: 'pdf' | 'json') => (c: Ctx) =>
    sendCopy(house, c, extension, (reads) => locateRelease(reads, idOf(c), reader(c)), refused);

  return { received, show, file };
}

/** Whether somebody reads as the party that a copy is for, and not as who handles the case or is the person. */
const isParty = (engine: Engine, actor: Actor, subject: Subject): boolean =>
  ['party', 'coded'].includes(engine.rights('release.read', actor, subject).by ?? '');

type Locate = (reads: Parameters<typeof locateRelease>[0]) => ReturnType<typeof locateRelease>;

/** A copy as a file; to its own party only while it is not recalled. */
async function sendCopy(
  { engine, reply }: House,
  c: Ctx,
  extension: 'pdf' | 'json',
  locate: Locate,
  refused: Replies['refused'],
) {
  const seen = await view(engine, caller(c), {
    action: 'release.read',
    locate,
    read: async (reads, copy) => ({
      copy,
      body: extension === 'pdf' ? await readCopyPdf(reads, copy.id) : JSON.stringify(copy.content, null, 2),
    }),
  });
  if (!seen.ok) return refused(c, seen.code);
  const { copy, body } = seen.value;
  if (isParty(engine, c.get('actor'), copy.subject) && copy.state === 'recalled') return reply.error(c, 404);
  return c.body(body, 200, {
    'Content-Type': extension === 'pdf' ? 'application/pdf' : 'application/json; charset=utf-8',
    'Content-Disposition': `inline; filename="${copyFileName(copy.content, extension)}"`,
    'Cache-Control': 'no-store',
  });
}

/** A party's copy of a meeting's minutes, for the paths of the minutes themselves. */
export const partyCopy =
  (house: House) =>
  (c: Ctx, meetingId: string, partyId: string, extension: 'pdf' | 'json'): Promise<Response> =>
    sendCopy(
      house,
      c,
      extension,
      (reads) => locatePartyCopy(reads, { meetingId, partyId, readerId: accountOf(c) }),
      house.reply.refused,
    );

/**
 * The copies of a link's party, for the paths of the link: to whoever has given the mailed code too, where the party's
 * organisation has chosen that. Who has not given it is asked for it, whatever they asked for.
 */
export function linkedCopies(house: House) {
  const { reply } = house;
  const participantOf = (c: Ctx): string => {
    const actor = c.get('actor');
    return actor.kind === 'link' ? actor.id : '';
  };
  const linkOf = (c: Ctx) => `/svar/${c.req.param('token')}`;
  const pages = shelf(house, {
    list: (c) => `${linkOf(c)}/exemplar`,
    back: linkOf,
    reader: (c) => ({ participantId: participantOf(c) }),
    refused: (c, code) => (isCoded(c.get('actor')) ? reply.refused(c, code) : reply.see(c, `${linkOf(c)}/kod`)),
  });
  return { ...pages, any: hasCopy };
}
