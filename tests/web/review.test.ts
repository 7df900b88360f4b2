import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tendReviews } from '../../src/features/approval/commands.ts';
import { readAttachment } from '../../src/platform/pdf/attachment.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';
import { openReviewWorld, type ReviewWorld } from './review-world.ts';

/** Minutes go out to everybody, are approved, objected to, changed and locked; over Easter 2027 and the change to summer time. */

// Thursday in the week before Easter; summer time begins on Easter Day, 28 March.
const released = '2027-03-18T09:00:00.000Z';
let world: ReviewWorld;
type Visitor = ReturnType<ReviewWorld['officer']>;
let person: Visitor;
let employer: Visitor;
let af: Visitor;
const signIn = async () => {
  await world.signInAgain();
  person = await world.test.signIn('individ');
  employer = await world.test.signIn('arbetsgivare');
  af = await world.test.signIn('af');
};
beforeAll(async () => {
  world = await openReviewWorld(released);
  await signIn();
  await world.mails();
});
afterAll(() => world.test.close());

const to = (mails: { to: string }[]) => mails.map((mail) => mail.to.split('@')[0]).sort();
const measureOf = (key: string, text: string, due: string) => ({
  [`measure-${key}-text`]: text,
  [`measure-${key}-carriedOutBy`]: 'ARBG',
  [`measure-${key}-due`]: due,
});
const answers = async (party: string) =>
  (await world.review()).answers.filter(({ participantId }) => participantId === world.of(party));

describe('minutes that are out', () => {
  it('have a last day that is offered in working days, over Easter', async () => {
    const page = await world.page(world.officer(), `${world.at}/granskning`);
    // Ten working days after 18 March, without Good Friday and Easter Monday.
    expect(page).toContain('value="2027-04-05"');
    expect(page).toContain('Allt');
    for (const [lastDay, why] of [
      ['2027-03-18', 'efter i dag'],
      ['2027-06-18', 'högst 60 dagar'],
      ['', 'Fyll i'],
      ['2027-02-30', 'som finns'],
    ] as const) {
      const response = await world.officer().post(`${world.at}/granskning`, { lastDay });
      expect([response.status, (await response.text()).includes(why)], lastDay).toEqual([422, true]);
    }
    expect(await world.state()).toBe('draft');
    expect(await (await person.get(world.at)).text()).not.toContain('Sitta en timme.');
  });

  it('are told of by neutral mail to those whose address is verified, and given to who may read', async () => {
    await world.post(`${world.at}/granskning`, { lastDay: '2027-04-05' });
    expect(await world.state()).toBe('review');
    const mails = await world.mails();
    expect(to(mails)).toEqual(['lena', 'tove', 'vera']);
    for (const { text, subject } of mails) {
      expect(text).toContain(`http://localhost:3000${world.at}`);
      expect(text).toContain('5 april 2027');
      for (const word of ['Tove', 'avstämning', 'stol', 'anteckning', 'Verkstaden', '19 mars'])
        expect(subject + text).not.toContain(word);
    }
    const { readers } = await world.review();
    const sections = Object.fromEntries(readers.map((one) => [one.participantId, one.sections]));
    expect(sections[world.of('PERSON')]).toEqual([
      'participants',
      'part_time',
      'measures',
      'ability',
      'agreed_measures',
      'follow_up',
    ]);
    expect(sections[world.of('ARBG')]).toEqual(
      ['participants', 'part_time', 'ability', 'agreed_measures', 'follow_up'].slice(1),
    );
    expect(sections[world.of('SOC')]).toEqual([]);
    // Of who did not come, nobody but the person is asked; nor FK, which locks.
    expect(world.of('AF') in sections).toBe(false);
    expect(world.of('FK') in sections).toBe(false);
    expect((await world.officer().post(`${world.at}/granskning`, { lastDay: '2027-04-06' })).status).toBe(409);
    expect((await world.review()).lastDay).toBe('2027-04-05');
  });

  it('are read by each as far as they may', async () => {
    const own = await world.page(person, world.at);
    expect(own).toContain('Värk i ryggen.');
    expect(own).toContain('Att godkänna betyder att texten stämmer');
    const theirs = await world.page(employer, world.at);
    expect(theirs).toContain('Sitta en timme.');
    expect(theirs).toContain('Du ser bara de delar som du får läsa');
    expect(await world.page(person, `/arenden/${world.caseId}`)).toContain(`href="${world.at}"`);
    for (const word of ['Värk i ryggen.', 'Stöd och insatser', 'Siv Sand']) expect(theirs).not.toContain(word);
    for (const nobody of [af, await world.test.signIn('koordinator'), await world.test.signIn('admin')]) {
      for (const path of [world.at, `${world.at}/invandning?del=ability`])
        expect((await nobody.get(path)).status).toBe(404);
      expect((await nobody.post(`${world.at}/godkannande`, {})).status).toBe(404);
    }
    const colleague = await world.test.signIn('fk2');
    expect(await (await colleague.get(world.at)).text()).not.toContain('Ändra den här delen');
    expect((await colleague.post(`${world.at}/godkannande`, {})).status).toBe(403);
    expect((await world.officer().post(`${world.at}/godkannande`, {})).status).toBe(403);
  });

  it('are not written in any more, and nothing that was typed is lost', async () => {
    const patched = await world.officer().patch(world.at, { field: 'canDo', text: 'Ligga.', baseVersion: 1 });
    expect([patched.status, await patched.json()]).toEqual([409, { code: 'finalised', kept: true }]);
    const form = await world.officer().post(world.at, { canDo: 'Ligga hela dagen.', 'version-canDo': '1' });
    expect(form.status).toBe(409);
    expect(await form.text()).toContain('Ligga hela dagen.');
    for (const path of ['atgarder', '']) {
      const words = { text: 'Mer vila.', carriedOutBy: 'FK' };
      const late = await world.officer().post(`${world.at}${path && '/'}${path}`, words);
      expect(late.status).toBe(409);
    }
  });

  it('are not locked while somebody is silent and the last day has not gone', async () => {
    const early = await world
      .officer()
      .post(`${world.at}/faststallande`, { reason: '', noFollowUpReason: 'Bokas sedan.' });
    expect([early.status, await world.state()]).toEqual([422, 'review']);
    expect(await early.text()).toContain('Alla har inte svarat');
  });
});

describe('what is said about them', () => {
  it('an objection is about a section that is theirs, and says what', async () => {
    await world.page(employer, `${world.at}/invandning?del=ability`);
    for (const [fields, status] of [
      [{ section: 'ability', text: '' }, 422],
      [{ section: 'ability', text: 'x'.repeat(1_001) }, 422],
      [{ section: 'measures', text: 'Hemligt?' }, 422],
      [{ section: 'nonsense', text: 'Vad?' }, 422],
    ] as const) {
      const response = await employer.post(`${world.at}/invandning`, fields);
      expect(response.status, JSON.stringify(fields).slice(0, 40)).toBe(status);
      expect(await response.text()).not.toContain('Värk');
    }
    expect(await answers('ARBG')).toEqual([]);
    expect(
      (
        await employer.post(`${world.at}/invandning`, {
          section: 'ability',
          text: 'Det var två timmar.',
          instead: 'Sitta två timmar.',
        })
      ).status,
    ).toBe(303);
    expect(
      (
        await person.post(`${world.at}/invandning`, {
          kind: 'added',
          section: 'part_time',
          text: 'Jag vill börja på en tisdag.',
        })
      ).status,
    ).toBe(303);
    expect((await employer.post(`${world.at}/godkannande`, { section: 'ability' })).status).toBe(422);
  });

  it('is read by the officer before anything is locked', async () => {
    const overview = await world.page(world.officer(), world.at);
    expect(overview).toContain('2 invändningar är inte lästa');
    expect(overview).toContain('Det var två timmar.');
    const waits = () => world.page(world.officer(), '/inkorg');
    expect(await waits()).toContain('2 invändningar eller tillägg att läsa');
    // Whoever is against one part may have said nothing yet about the others.
    expect(overview).toMatch(/\d delar utan svar/);
    expect(overview).toMatch(/Har inte svarat: [^<]+; /);
    const blocked = await world
      .officer()
      .post(`${world.at}/faststallande`, { reason: 'Bråttom.', noFollowUpReason: 'Bokas sedan.' });
    expect([blocked.status, await world.state()]).toEqual([422, 'review']);
    const [addition] = await answers('PERSON');
    await world.post(`${world.at}/granskning/svar`, { objection: addition?.id ?? '', answer: 'Det står med.' });
    const [objection] = await answers('ARBG');
    await world.post(`${world.at}/granskning/svar`, { objection: objection?.id ?? '' });
    expect((await answers('ARBG')).map(({ readAt, answer }) => [readAt !== null, answer])).toEqual([[true, '']]);
    expect(await world.page(person, world.at)).toContain('Det står med.');
    expect(await waits()).not.toContain('anteckningarna från mötet');
    const unknown = await world.officer().post(`${world.at}/granskning/svar`, { objection: 'nonsense-id' });
    expect(unknown.status).toBe(409);
  });

  it('the whole copy is approved but for what one objects to; others approve section by section, or by telephone', async () => {
    expect((await employer.post(`${world.at}/godkannande`, { seen: 'ability.7' })).status).toBe(409);
    expect((await employer.post(`${world.at}/godkannande`, {})).status).toBe(303);
    expect((await answers('ARBG')).map(({ kind, section }) => `${kind} ${section}`)).toEqual([
      'objected ability',
      ...['part_time', 'agreed_measures', 'follow_up'].map((section) => `approved ${section}`),
    ]);
    expect((await person.post(`${world.at}/godkannande`, { section: 'ability', seen: 'ability.0' })).status).toBe(303);
    await world.page(world.officer(), `${world.at}/besked?deltagare=${world.of('PV')}`);
    const note = {
      participant: world.of('PV'),
      kind: 'approved',
      via: 'phone',
      day: '2027-03-18',
      how: 'Vera ringde.',
    };
    expect((await world.officer().post(`${world.at}/besked`, { ...note, how: '' })).status).toBe(422);
    expect((await world.officer().post(`${world.at}/besked`, { ...note, day: '2027-03-19' })).status).toBe(422);
    expect((await world.officer().post(`${world.at}/besked`, { ...note, kind: 'objected' })).status).toBe(422);
    await world.post(`${world.at}/besked`, note);
    expect(new Set((await answers('PV')).map(({ section }) => section)).size).toBe(6);
    expect(
      (await answers('PV')).every(
        ({ via, how, kind }) => via === 'phone' && how === 'Vera ringde.' && kind === 'approved',
      ),
    ).toBe(true);
  });

  it('a change asks again about that section alone, those who may read it', async () => {
    await world.mails();
    // With what was said against it beside it.
    expect(await world.page(world.officer(), `${world.at}/andring?del=ability`)).toContain('Det var två timmar.');
    const change = { section: 'ability', canDo: 'Sitta två timmar.', lastDay: '2027-04-09', was: 'ability.0' };
    expect((await world.officer().post(`${world.at}/andring`, { ...change, lastDay: '2027-03-19' })).status).toBe(422);
    expect((await world.officer().post(`${world.at}/andring`, { ...change, canDo: 'Sitta en timme.' })).status).toBe(
      422,
    );
    expect((await world.officer().post(`${world.at}/andring`, { ...change, was: 'ability.1' })).status).toBe(409);
    expect(await world.state()).toBe('review');
    await world.post(`${world.at}/andring`, change);
    expect(to(await world.mails())).toEqual(['lena', 'tove', 'vera']);
    const page = await world.page(employer, world.at);
    expect(page).toContain('Den här delen har ändrats');
    expect(page).toContain('Sitta två timmar.');
    expect(page.match(/Godkänd 18 mars/g)?.length).toBe(3);
    expect((await employer.post(`${world.at}/godkannande`, { section: 'ability', seen: 'ability.0' })).status).toBe(
      409,
    );
    expect((await employer.post(`${world.at}/godkannande`, { section: 'ability', seen: 'ability.1' })).status).toBe(
      303,
    );
    // Measures too, where nobody but those who read them is asked.
    await world.page(world.officer(), `${world.at}/andring?del=agreed_measures`);
    const measures = { section: 'agreed_measures', lastDay: '2027-04-09' };
    const [chair = ''] = await world.measureIds();
    await world.post(`${world.at}/andring`, { ...measures, ...measureOf(chair, 'Ordna en stol', '2027-05-08') });
    expect((await employer.post(`${world.at}/godkannande`, {})).status).toBe(303);
  });

  it('a change made of an older page says what the section is now, and takes no measure for another', async () => {
    const measures = { section: 'agreed_measures', lastDay: '2027-04-09' };
    const [chair = ''] = await world.measureIds();
    await world.post(`${world.at}/andring`, { ...measures, ...measureOf('new0', 'Ring i maj', '2027-05-20') });
    const [, call = ''] = await world.measureIds();
    const old = parseForm(
      await world.page(world.officer(), `${world.at}/andring?del=agreed_measures`),
      `${world.at}/andring`,
    );
    await world.post(`${world.at}/andring`, {
      ...measures,
      [`measure-${chair}-text`]: '',
      [`measure-${chair}-remove`]: 'on',
    });
    const typed = fillForm(old, { [`measure-${call}-text`]: 'Ring i juni' });
    const late = await world.officer().post(`${world.at}/andring`, Object.fromEntries(typed));
    const html = await late.text();
    validateHtml(html, 'an older page');
    expect([late.status, html.includes('Så står det nu'), html.includes('Ring i maj')]).toEqual([409, true, true]);
    expect(
      (
        await world
          .officer()
          .post(`${world.at}/andring`, Object.fromEntries(fillForm(parseForm(html, `${world.at}/andring`), {})))
      ).status,
    ).toBe(303);
    const left = (await world.page(person, world.at)).match(/Ring i \w+|Ordna en stol/g);
    expect(left).toEqual(['Ring i juni']);
    // As it was.
    const restore = {
      ...measureOf('new0', 'Ordna en stol', '2027-05-08'),
      [`measure-${call}-text`]: '',
      [`measure-${call}-remove`]: 'on',
    };
    await world.post(`${world.at}/andring`, { ...measures, ...restore });
    expect((await employer.post(`${world.at}/godkannande`, {})).status).toBe(303);
  });

  it('who was there after all is asked, and who was not there is asked no more', async () => {
    await world.consent('AF', ['work']);
    const change = { section: 'participants', lastDay: '2027-04-09' };
    await world.mails();
    await world.page(world.officer(), `${world.at}/andring?del=participants`);
    await world.post(`${world.at}/andring`, { ...change, [`attendance-${world.of('AF')}`]: 'remote' });
    expect(await world.page(af, world.at)).toContain('Sitta två timmar.');
    expect((await af.post(`${world.at}/godkannande`, { section: 'ability' })).status).toBe(303);
    await world.post(`${world.at}/andring`, { ...change, [`attendance-${world.of('AF')}`]: 'absent' });
    const gone = await world.page(af, world.at);
    expect(gone).toContain('Det finns inget för dig att läsa just nu');
    expect((await af.post(`${world.at}/godkannande`, {})).status).toBe(422);
    expect((await af.post(`${world.at}/invandning`, { section: 'ability', text: 'Jo.' })).status).toBe(422);
  });

  it('a section that is emptied keeps what was said about it, and can be written in again', async () => {
    const say = { section: 'measures', text: 'Jag har inte ont i ryggen.' };
    expect((await person.post(`${world.at}/invandning`, say)).status).toBe(303);
    const change = { section: 'measures', lastDay: '2027-04-09' };
    await world.post(`${world.at}/andring`, { ...change, 'question-measures-said': '' });
    for (const who of [world.officer(), person]) expect(await world.page(who, world.at)).toContain(say.text);
    const objection = (await answers('PERSON')).at(-1);
    await world.post(`${world.at}/granskning/svar`, { objection: objection?.id ?? '', answer: 'Struket.' });
    expect(await world.page(world.officer(), world.at)).toContain('Delen har ingen text');
    expect((await person.post(`${world.at}/godkannande`, { section: 'measures' })).status).toBe(422);
    // One that never said anything, too.
    expect(await world.page(world.officer(), world.at)).toContain('protokoll/andring?del=own_words');
    await world.page(world.officer(), `${world.at}/andring?del=own_words`);
    await world.post(`${world.at}/andring`, { ...change, 'question-measures-said': 'Värk i nacken.' });
    expect(await world.page(person, world.at)).toContain('Värk i nacken.');
    expect((await person.post(`${world.at}/godkannande`, { section: 'measures' })).status).toBe(303);
    expect((await world.officer().get(`${world.at}/andring?del=nonsense`)).status).toBe(303);
  });

  it('what the person has taken back is no longer read, nor answered', async () => {
    await world.consent('ARBG', ['measures']);
    const page = await world.page(employer, world.at);
    expect(page).not.toContain('Sitta två timmar.');
    const late = await employer.post(`${world.at}/invandning`, {
      section: 'ability',
      text: 'Och nu?',
      instead: 'Så här.',
    });
    expect(late.status).toBe(422);
    const kept = await late.text();
    validateHtml(kept, 'no longer theirs');
    for (const word of ['Och nu?', 'Så här.']) expect(kept).toContain(word);
    await world.consent('ARBG', ['work', 'measures']);
  });

  it('the silent are reminded once, on the working day before the last day', async () => {
    const at = async (instant: string) => {
      world.test.setClock(instant);
      await tendReviews(world.test.house.engine);
      return to(await world.mails());
    };
    await world.mails();
    // The last day is Friday 9 April now; before 8 April at 8 in summer time nothing leaves.
    expect(await at('2027-04-02T06:00:00.000Z')).toEqual([]);
    expect(await at('2027-04-08T05:59:00.000Z')).toEqual([]);
    expect(await at('2027-04-08T06:00:00.000Z')).toEqual(['tove', 'vera']);
    expect(await at('2027-04-08T06:01:00.000Z')).toEqual([]);
    expect(await at('2027-04-09T21:59:00.000Z')).toEqual([]);
  });

  it('ends with its last day, in Stockholm; silence is written down and is no yes', async () => {
    await signIn();
    const lock = () =>
      world.officer().post(`${world.at}/faststallande`, { reason: '', noFollowUpReason: 'Bokas sedan.' });
    expect((await lock()).status).toBe(422);
    expect(
      (await person.post(`${world.at}/invandning`, { section: 'follow_up', text: 'Juni är för sent.' })).status,
    ).toBe(303);
    world.test.setClock('2027-04-09T22:00:00.000Z');
    expect((await lock()).status).toBe(422);
    expect(await world.page(world.officer(), '/inkorg')).toContain('En invändning eller ett tillägg att läsa');
    const late = (await answers('PERSON')).at(-1);
    await world.post(`${world.at}/granskning/svar`, { objection: late?.id ?? '', answer: 'Vi hann inte tidigare.' });
    expect(await world.page(world.officer(), '/inkorg')).toContain(
      'Sista dagen har gått. Lås anteckningarna från mötet',
    );
    expect((await lock()).status).toBe(303);
    expect(await world.page(world.officer(), '/inkorg')).not.toContain('anteckningarna från mötet');
    expect(await world.state()).toBe('finalised');
    expect(to(await world.mails())).toEqual(['lena', 'tove', 'vera']);
  });

  it('stands in the document, as data and on paper', async () => {
    const [content] = await world.contents();
    const words = Object.fromEntries(content?.participants.map((one) => [one.party, one.answer?.state]) ?? []);
    expect(words).toEqual({
      PERSON: 'objected',
      FK: undefined,
      ARBG: 'approved',
      PV: 'partly',
      SOC: 'not_asked',
      AF: 'not_asked',
    });
    expect(content?.document.review).toMatchObject({ releasedAt: released, lastDay: '2027-04-09' });
    expect(content?.objections?.map(({ kind, section, text, answer }) => ({ kind, section, text, answer }))).toEqual([
      { kind: 'added', section: 'part_time', text: 'Jag vill börja på en tisdag.', answer: 'Det står med.' },
      { kind: 'objected', section: 'follow_up', text: 'Juni är för sent.', answer: 'Vi hann inte tidigare.' },
    ]);
    // The next step: copies to the parties.
    const copies = `href="/arenden/${world.caseId}/utlamnande"`;
    expect(await world.page(world.officer(), world.at)).toContain(copies);
    const page = await world.page(person, world.at);
    expect(page).not.toContain(copies);
    const pdf = new Uint8Array(await (await person.get(`${world.at}.pdf`)).arrayBuffer());
    expect(JSON.parse(readAttachment(Buffer.from(pdf)) ?? '')).toEqual(content);
    const printed = (await extractText(pdf, { mergePages: true })).text.replaceAll(/\s+/g, ' ');
    for (const text of [page, printed]) {
      for (const word of ['Juni är för sent.', 'Vi hann inte tidigare.', 'Inte tillfrågad', 'Godkänd 18 mars 2027'])
        expect(text).toContain(word);
    }
    expect((await verifyInstallation(world.database)).faults).toEqual([]);
  });

  it('is in a copy as far as its party may read it', async () => {
    const release = async (party: string) => {
      const made = await world.post(`/arenden/${world.caseId}/utlamnande`, {
        party: world.partyOf(party),
        document: 'minutes',
      });
      const pdf = new Uint8Array(await (await world.officer().get(`${made}/exemplar.pdf`)).arrayBuffer());
      for (const text of [
        await world.page(world.officer(), made),
        (await extractText(pdf, { mergePages: true })).text,
      ]) {
        const word = /Svar om texten från Lena Dal:?\s+(?:<[^>]+>\s*)*Godkänd 18 mars 2027/;
        expect(word.test(text.replaceAll(/\s+/g, ' '))).toBe(party === 'ARBG');
      }
      return JSON.parse(await (await world.officer().get(`${made}/exemplar.json`)).text());
    };
    // The person's words about work and measures, which the employer may know; what others answered it may not.
    const theirs = await release('ARBG');
    expect(theirs.objections).toEqual(undefined);
    expect(
      theirs.participants.map((one: { party: string; answer?: object }) => [one.party, one.answer !== undefined]),
    ).toEqual([
      ['FK', false],
      ['ARBG', true],
    ]);
    expect((await release('PV')).objections).toHaveLength(2);
    const late = await employer.post(`${world.at}/godkannande`, {});
    expect(late.status).toBe(409);
    const own = await late.text();
    validateHtml(own, 'too late');
    expect(own).toContain('klara och låsta');
    expect(own + (await world.page(employer, world.at))).not.toContain('Juni');
    const said = await employer.post(`${world.at}/invandning`, { section: 'ability', text: 'Det var tre timmar.' });
    expect([said.status, (await said.text()).includes('Det var tre timmar.')]).toEqual([409, true]);
    // Nor is what the officer writes on a page opened before.
    const words = 'Sitta i fyra timmar.';
    const changed = await world
      .officer()
      .post(`${world.at}/andring`, { section: 'ability', canDo: words, was: 'ability.1' });
    expect(changed.status).toBe(409);
    const page = await changed.text();
    validateHtml(page, 'too late to change');
    expect(page).toContain(`<p class="preview">${words}</p>`);
    expect(page).not.toContain('Skicka igen');
  });
});

it('every page of a review has been looked at', () => {
  const pages = ['release', 'overview', 'own', 'object', 'note', 'change', 'waiting'];
  expect(pages.filter((name) => !world.test.rendered.has(`approval/${name}`))).toEqual([]);
  const views = readdirSync(join(viewsDir, 'approval')).map((file) => file.replace('.hbs', ''));
  const parts = ['section', 'said', 'word', 'box', 'measure', 'objections'];
  expect(views.sort()).toEqual([...pages, ...parts, 'amend', 'amend-preview'].sort());
});
