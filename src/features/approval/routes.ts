import { keepRemovals, removalWords } from '../../kernel/removal.ts';
import { stockholmDate } from '../../kernel/time.ts';
import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../platform/web/route.ts';
import { changeSection } from './change/commands.ts';
import { approve, noteAnswer, object, releaseForReview, sectionsByReader, settle, withdraw } from './commands.ts';
import { newRows, readApproval, readChange, readNote, readObjection, readRelease, readSettle } from './input.ts';
import {
  changePage,
  emptyForm,
  type Form,
  notePage,
  objectPage,
  overviewPage,
  ownPage,
  releasePage,
  unsent,
} from './page.ts';
import { changeable, draftOf, readableBy, rulesFor, sectionsRead, sheetOf } from './rules.ts';
import { locateReader, locateReviewed, readMinutesOf, readReadings } from './store.ts';

type Status = 200 | 409 | 422;
const idOf = (c: Ctx): string => c.req.param('id') ?? '';
const unchanged = { ...emptyForm, changed: false };

const minutes = (c: Ctx) => `/moten/${idOf(c)}/protokoll`;

/** Minutes that are out, as their officer comes to them. */
const readBy = ({ engine }: House, c: Ctx) =>
  view(engine, caller(c), {
    action: 'minutes.settle',
    locate: (reads) => locateReviewed(reads, idOf(c)),
    read: async (reads, at, now) => ({ facts: await readMinutesOf(reads, at), now }),
  });

/** What was to be done cannot be done any more: on to the minutes, or what was typed once more. */
const gone = ({ reply }: House, c: Ctx, { values }: Form, status: Status) =>
  status === 200 ? reply.see(c, minutes(c)) : reply.error(c, 409, values as FormBody);

/** Minutes that are out for review: for their officer, and for each of those who were there. */
export function approvalPages(house: House) {
  const { engine, reply } = house;

  async function officer(c: Ctx, form: Form = emptyForm, status: Status = 200) {
    const found = await readBy(house, c);
    if (!found.ok) return reply.refused(c, found.code);
    const { facts, now } = found.value;
    if (facts.minutes.state !== 'review') return gone(house, c, form, status);
    return reply.page(c, 'approval/overview', overviewPage(facts, form, now, status === 409), {
      ...{ titleKey: 'app.overview', mood: 'officer', status, scripts: ['form.js'] },
    });
  }

  /** What somebody may read today of what their word is asked about. */
  async function own(c: Ctx, form: Form & { changed: boolean } = unchanged, status: Status = 200) {
    const actor = c.get('actor');
    const found = await view(engine, caller(c), {
      action: 'minutes.review',
      locate: (reads) => locateReader(reads, idOf(c), actor),
      async read(reads, { participant, ...at }, now) {
        const facts = await readMinutesOf(reads, at);
        const { consents, readingOf } = await readReadings(reads, facts.meeting.caseId);
        const reading = participant && readingOf(participant);
        const readable = readableBy(draftOf(facts), reading, consents, stockholmDate(now));
        return { facts, participant, readable, now };
      },
    });
    if (!found.ok) return reply.refused(c, found.code);
    const { facts, participant, readable, now } = found.value;
    const reader = facts.review?.readers.find((one) => one.participantId === participant?.id);
    const person = participant?.party === 'PERSON';
    const options = { titleKey: 'app.title', mood: person ? ('person' as const) : ('public' as const), status };
    if (facts.minutes.state !== 'review' || !participant || !reader || reader.sections.length === 0) {
      const { phone } = facts.meeting.officer;
      const model = { id: idOf(c), state: facts.minutes.state, phone, unsent: unsent(form.values) };
      return reply.page(c, 'approval/waiting', model, options);
    }
    const represents = person && actor.kind === 'user' && actor.id !== facts.meeting.subject.individualUserId;
    const who = { reader, person, represents: represents ? participant.person.name : '' };
    return reply.page(c, 'approval/own', ownPage(facts, who, readable, now, form), {
      ...options,
      scripts: ['form.js'],
    });
  }

  return { officer, own };
}

export function approvalRoutes(house: House): Route[] {
  const { engine, reply, texts } = house;
  const { officer, own } = approvalPages(house);
  const words = removalWords(texts.t);
  const today = () => stockholmDate(engine.clock.now());

  async function askRelease(c: Ctx, form: Form, status: Status) {
    const found = await view(engine, caller(c), {
      action: 'minutes.release',
      locate: (reads) => locateReviewed(reads, idOf(c)),
      async read(reads, at, now) {
        const facts = await readMinutesOf(reads, at);
        return { facts, now, sections: await sectionsByReader(reads, facts, stockholmDate(now)) };
      },
    });
    if (!found.ok) return reply.refused(c, found.code);
    const { facts, now, sections } = found.value;
    if (facts.minutes.state !== 'draft') return status === 200 ? reply.see(c, minutes(c)) : reply.error(c, 409);
    return reply.page(c, 'approval/release', releasePage(facts, sections, form, now), {
      ...{ titleKey: 'app.release', mood: 'officer', status },
    });
  }

  async function release(c: Ctx) {
    const body = await readForm(c);
    const input = readRelease(body, today());
    if (!input.ok) return askRelease(c, input, 422);
    const done = await releaseForReview(engine, caller(c), idOf(c), input.value);
    if (done.ok) return reply.see(c, minutes(c), 'granskning');
    if (done.code === 'nothing_written' || done.code === 'changed_by_someone_else') {
      const status = done.code === 'nothing_written' ? 422 : 409;
      return askRelease(c, { values: body, errors: { '': { code: done.code } } }, status);
    }
    return late(c, done.code, body);
  }

  async function approving(c: Ctx) {
    const done = await approve(engine, caller(c), idOf(c), readApproval(await readForm(c)));
    if (done.ok) return reply.see(c, minutes(c), 'godkant');
    return again(c, done.code);
  }

  /** It is too late for it: what was typed can still be copied. */
  const late = (c: Ctx, code: string, body: FormBody) =>
    code === 'not_now' || code === 'finalised' ? reply.error(c, 409, body) : reply.refused(c, code);

  /** The own copy once more, with why nothing was done, and what was typed in vain. */
  const again = (c: Ctx, code: string, values: FormBody = {}) =>
    ['not_found', 'forbidden'].includes(code)
      ? reply.refused(c, code)
      : own(
          c,
          { values, errors: { '': { code } }, changed: code === 'changed_by_someone_else' },
          code === 'changed_by_someone_else' || code === 'finalised' ? 409 : 422,
        );

  async function askObject(c: Ctx, form: Form, status: Status) {
    const actor = c.get('actor');
    const asked = String([form.values.section ?? c.req.query('del') ?? ''].flat()[0]);
    const found = await view(engine, caller(c), {
      action: 'minutes.object',
      locate: (reads) => locateReader(reads, idOf(c), actor),
      async read(reads, { participant, ...at }, now) {
        const facts = await readMinutesOf(reads, at);
        const { consents, readingOf } = await readReadings(reads, facts.meeting.caseId);
        const reading = participant && readingOf(participant);
        const readable = readableBy(draftOf(facts), reading, consents, stockholmDate(now));
        const reader = facts.review?.readers.find((one) => one.participantId === participant?.id);
        const theirs = sectionsRead(readable).filter(({ code }) => reader?.sections.includes(code));
        return { facts, section: theirs.find(({ code }) => code === asked) };
      },
    });
    if (!found.ok) return reply.refused(c, found.code);
    const { facts, section } = found.value;
    if (facts.minutes.state !== 'review' || !section) {
      return form === emptyForm ? reply.see(c, minutes(c)) : own(c, { ...form, changed: false }, 422);
    }
    return reply.page(c, 'approval/object', objectPage(facts, section, form), {
      ...{ titleKey: 'app.object', mood: 'person', status, scripts: ['form.js'] },
    });
  }

  async function objecting(c: Ctx) {
    const body = await readForm(c);
    const input = readObjection(body);
    if (!input.ok) return askObject(c, input, 422);
    const done = await object(engine, caller(c), idOf(c), input.value);
    if (done.ok) return reply.see(c, minutes(c), input.value.kind === 'added' ? 'tillagt' : 'invandning');
    if (done.code === 'section') return askObject(c, { values: body, errors: { '': { code: done.code } } }, 422);
    return again(c, done.code, body);
  }

  async function withdrawing(c: Ctx) {
    const { objection = '' } = await readForm(c);
    const done = await withdraw(engine, caller(c), idOf(c), String([objection].flat()[0]));
    return done.ok ? reply.see(c, minutes(c), 'invandning-bort') : again(c, done.code);
  }

  async function askNote(c: Ctx, form: Form, status: Status) {
    const asked = String([form.values.participant ?? c.req.query('deltagare') ?? ''].flat()[0]);
    const found = await readBy(house, c);
    if (!found.ok) return reply.refused(c, found.code);
    const { facts, now } = found.value;
    const one = facts.participants.find(({ id }) => id === asked);
    const reader = facts.review?.readers.find(({ participantId }) => participantId === asked);
    if (facts.minutes.state !== 'review' || !one || !reader || reader.sections.length === 0) {
      return gone(house, c, form, status);
    }
    return reply.page(c, 'approval/note', notePage(facts, one, reader, form, now), {
      ...{ titleKey: 'app.note', mood: 'officer', status, scripts: ['form.js'] },
    });
  }

  async function note(c: Ctx) {
    const body = await readForm(c);
    const participantId = String([body.participant ?? ''].flat()[0]);
    const input = readNote(body, today());
    if (!input.ok) return askNote(c, { ...input, values: { ...input.values, participant: participantId } }, 422);
    const done = await noteAnswer(engine, caller(c), { meetingId: idOf(c), participantId }, input.value);
    if (done.ok) return reply.see(c, minutes(c), 'svar-antecknat');
    if (['section', 'objected'].includes(done.code)) {
      return askNote(c, { values: body, errors: { '': { code: done.code } } }, 422);
    }
    return late(c, done.code, body);
  }

  async function settling(c: Ctx) {
    const body = await readForm(c);
    const input = readSettle(body);
    if (!input.ok) return officer(c, input, 422);
    const done = await settle(engine, caller(c), idOf(c), input.value);
    if (done.ok) return reply.see(c, minutes(c), input.value.answer ? 'invandning-besvarad' : 'invandning-last');
    if (done.code === 'not_now' || done.code === 'finalised') {
      return officer(c, { values: body, errors: { '': { code: done.code } } }, 409);
    }
    return reply.refused(c, done.code);
  }

  async function askChange(c: Ctx, form: Form & { changed: boolean; same: boolean }, status: Status) {
    const asked = String([form.values.section ?? c.req.query('del') ?? ''].flat()[0]);
    const found = await readBy(house, c);
    if (!found.ok) return reply.refused(c, found.code);
    const { facts, now } = found.value;
    const code = changeable(facts).find((one) => one === asked);
    if (facts.minutes.state !== 'review' || !code) {
      return gone(house, c, form, status);
    }
    return reply.page(c, 'approval/change', changePage(facts, code, form, newRows, now), {
      ...{ titleKey: 'app.change', mood: 'officer', status, scripts: ['form.js'] },
    });
  }

  async function changing(c: Ctx) {
    const body = await readForm(c);
    const asked = String([body.section ?? ''].flat()[0]);
    let faults: Form = emptyForm;
    const done = await changeSection(engine, caller(c), idOf(c), asked, (facts, code) => {
      const rules = rulesFor(facts, sheetOf(facts, code));
      const measures = code === 'agreed_measures' ? facts.measures.map(({ id }) => id) : null;
      const keep = (field: string, typed: string) => keepRemovals(typed, facts.fields.get(field)?.text ?? '', words);
      const input = readChange(body, { rules, measures, keep }, today());
      if (!input.ok) faults = input;
      return input.ok ? input.value : null;
    });
    if (done.ok) return reply.see(c, minutes(c), 'del-andrad');
    const kept = { values: { ...body, ...faults.values }, errors: faults.errors, changed: false, same: false };
    if (done.code === 'fields') return askChange(c, kept, 422);
    if (done.code === 'same') return askChange(c, { ...kept, same: true }, 422);
    if (done.code === 'changed_by_someone_else') return askChange(c, { ...kept, changed: true }, 409);
    return late(c, done.code, body);
  }

  const at = '/moten/:id/protokoll';
  const change = { ...emptyForm, changed: false, same: false };
  return [
    {
      method: 'get',
      path: `${at}/granskning`,
      action: 'minutes.release',
      handle: (c) => askRelease(c, emptyForm, 200),
    },
    { method: 'post', path: `${at}/granskning`, action: 'minutes.release', handle: release },
    { method: 'post', path: `${at}/granskning/svar`, action: 'minutes.settle', handle: settling },
    { method: 'post', path: `${at}/godkannande`, action: 'minutes.approve', handle: approving },
    { method: 'get', path: `${at}/invandning`, action: 'minutes.object', handle: (c) => askObject(c, emptyForm, 200) },
    { method: 'post', path: `${at}/invandning`, action: 'minutes.object', handle: objecting },
    { method: 'post', path: `${at}/invandning/aterkallelse`, action: 'minutes.object', handle: withdrawing },
    {
      method: 'get',
      path: `${at}/besked`,
      action: 'minutes.settle',
      handle: (c) => askNote(c, emptyForm, 200),
    },
    { method: 'post', path: `${at}/besked`, action: 'minutes.settle', handle: note },
    { method: 'get', path: `${at}/andring`, action: 'minutes.settle', handle: (c) => askChange(c, change, 200) },
    { method: 'post', path: `${at}/andring`, action: 'minutes.settle', handle: changing },
  ];
}
