import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkPath } from '../../src/kernel/links.ts';
import { addDays, formatDate, instantOf, stockholmDate } from '../../src/kernel/time.ts';
import { readConfig } from '../../src/platform/config.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';
import { type Browser, launchBrowser, type OpenPage, openPage } from '../support/browser.ts';
import { choose, enter, focused, go, tabTo, walk, write, writeDay } from '../support/keyboard.ts';
import { readThrough, standsUnder } from '../support/reading.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Approving, reporting, closing and answering without a mouse: the officer at a desk, the others on a phone. */

const { t } = loadTexts(`${viewsDir}text`);
const today = stockholmDate(instantOf(Temporal.Now.instant()));
let browser: Browser;
let server: TestServer;
let officer: OpenPage;
let person: OpenPage;
let employer: OpenPage;
let caseFile: string;
let minutes: string;

async function signedIn(account: string, width: number): Promise<OpenPage> {
  const one = await openPage(browser, server.baseUrl, { viewport: { width, height: 800 } });
  await send(one, '/logga-in/demo', { account });
  return one;
}
/** As a form is sent, for what other journeys are about. */
async function send(by: OpenPage, path: string, form: Record<string, string>): Promise<string> {
  const headers = { origin: server.baseUrl };
  const answer = await by.page.request.post(path, { form, headers, maxRedirects: 0 });
  expect([path, answer.status()]).toEqual([path, 303]);
  return answer.headers().location ?? '';
}
const html = async (by: OpenPage, path: string) => (await by.page.request.get(path)).text();
/** Where the page starts: at what was done or at what is wrong, where the focus is seen. */
async function startsAt(open: OpenPage): Promise<string> {
  const { name, wrong } = await focused(open, -1);
  expect([name, wrong]).toEqual([name, '']);
  return open.page.evaluate<string>('document.activeElement.id');
}
const main = ({ page }: OpenPage) => page.locator('main').innerText();

/** The link in one of the mails that ask what people thought. */
async function surveyLink(): Promise<string | undefined> {
  const folder = join(server.dataDir, 'mail');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.eml')) : [];
  const mails = await Promise.all(files.map((name) => simpleParser(readFileSync(join(folder, name)))));
  return mails.flatMap(({ text }) => /\/enkat\/[\w-]{65}/.exec(text ?? '') ?? [])[0];
}

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  officer = await signedIn('fk', 1280);
  person = await signedIn('individ', 375);
  employer = await signedIn('arbetsgivare', 375);
  caseFile = /\/arenden\/[0-9a-f-]{36}/.exec(await html(person, '/arenden'))?.[0] ?? '';
  const next = { kind: 'follow_up', purpose: 'Se hur halvtiden går.', plannedFor: '' };
  const meeting = await send(officer, `${caseFile}/moten`, next);
  const views = (await html(officer, `${meeting}/samtal`)).matchAll(/name="(party-[0-9a-f-]{36})"/g);
  await send(officer, `${meeting}/samtal`, {
    how: 'På telefon.',
    ...Object.fromEntries([...views].map(([, name]) => [name, 'yes'])),
  });
  const time = { startsAt: `${addDays(today, 7)}T10:00`, durationMinutes: '60', placeKind: 'phone' };
  await send(officer, `${meeting}/tid`, time);
  await send(officer, `${meeting}/hallet`, {});
  minutes = `${meeting}/protokoll`;
  const present = (await html(officer, minutes)).matchAll(/name="(attendance-[0-9a-f-]{36})"/g);
  const texts = { canDo: 'Stå i en timme.', otherNeeded: 'Ett samtal i veckan.', followUpPurpose: 'Se hur det går.' };
  const fields = { ...texts, ...Object.fromEntries([...present].map(([, name]) => [name, 'present'])) };
  const versions = Object.keys(fields).map((name) => [`version-${name}`, '0']);
  await send(officer, minutes, { ...fields, ...Object.fromEntries(versions) });
});

afterAll(async () => {
  for (const one of [officer, person, employer]) await one?.close();
  await browser?.close();
  await server?.stop();
});

test('minutes are sent out, objected to, answered, changed, approved and locked with the keys alone', async () => {
  const about = `: ${t('min.ability')}`;
  await officer.visit(minutes);
  await readThrough(officer.page, [t('min.title'), t('min.attendance')]);
  await go(officer, t('min.toReview'));
  await readThrough(officer.page, [t('app.release'), t('app.release.readers')]);
  await walk(officer);
  await writeDay(officer, t('app.lastDay'), addDays(today, -1));
  await enter(officer);
  expect(await startsAt(officer)).toBe('fel');
  await writeDay(officer, t('app.lastDay'), addDays(today, 14));
  await go(officer, t('app.release.button'));
  expect([await startsAt(officer), await main(officer)]).toEqual([
    'besked',
    expect.stringContaining(t('app.overview')),
  ]);

  await person.visit(minutes);
  const copy = await readThrough(person.page, [t('app.title')]);
  // Each answer comes after the part that it is about, and says which.
  for (const name of ['app.approve.this', 'app.own.say']) {
    const answers = standsUnder(copy, t(name));
    expect(answers.length).toBeGreaterThan(3);
    for (const [part, heading] of answers) expect(part).toBe(heading);
  }
  expect(await walk(person)).toContain(t('app.approve'));
  await person.checkNarrow();
  await go(person, t('app.own.say') + about);
  await go(person, t('app.object.send'));
  expect(await startsAt(person)).toBe('fel');
  // From the summary to the field that it is about.
  await tabTo(person, t('err.required', { label: t('app.object.what') }));
  await person.page.keyboard.press('Enter');
  expect((await focused(person)).name).toBe(t('app.object.what'));
  await person.page.keyboard.type('Jag kan stå längre än så.');
  await write(person, t('app.object.instead'), 'Stå i två timmar.');
  await go(person, t('app.object.send'));
  expect([await startsAt(person), await main(person)]).toEqual(['besked', expect.stringContaining('längre än så')]);
  await go(person, t('app.approve'));
  expect(await startsAt(person)).toBe('besked');
  expect(await main(person)).not.toContain(t('app.approve.help'));

  await officer.visit(minutes);
  expect(await main(officer)).toContain('Jag kan stå längre än så.');
  const overview = await readThrough(officer.page, [t('app.overview'), t('app.overview.answers')]);
  for (const [part, heading] of standsUnder(overview, t('app.change.this'))) expect(part).toBe(heading);
  await walk(officer);
  await write(officer, t('app.answer.write'), 'Tack, jag ändrar det.');
  await go(officer, t('app.answer.read'));
  expect(await startsAt(officer)).toBe('besked');
  await go(officer, t('app.change.this') + about);
  await walk(officer);
  await write(officer, t('min.works'), 'Stå i två timmar.');
  await go(officer, t('app.change.button'));
  expect(await startsAt(officer)).toBe('besked');

  await person.visit(minutes);
  await go(person, t('app.approve.this') + about);
  expect([await startsAt(person), await main(person)]).toEqual(['besked', expect.stringContaining(t('app.settled'))]);
  await employer.visit(minutes);
  await go(employer, t('app.approve'));
  expect(await startsAt(employer)).toBe('besked');

  await officer.visit(minutes);
  await go(officer, `${t('app.note')}: Helena Brodin`);
  await choose(officer, t('app.note.kind'), t('app.note.kind.approved'));
  await choose(officer, t('app.note.via'), t('invite.via.phone'));
  await writeDay(officer, t('app.note.day'), today);
  await write(officer, t('app.note.how'), 'Ringde upp på numret i ärendet.');
  await go(officer, t('common.save'));
  expect([await startsAt(officer), await main(officer)]).toEqual([
    'besked',
    expect.stringContaining(t('app.overview.ready')),
  ]);
  await go(officer, t('min.toFinalise'));
  await go(officer, t('min.finalise.button'));
  expect([await startsAt(officer), await main(officer)]).toEqual([
    'besked',
    expect.stringContaining('Stå i två timmar.'),
  ]);
});

test('who carries something out asks for more time, signed in and by link, and is answered', async () => {
  const [measure] = /\/atgarder\/[0-9a-f-]{36}/.exec(await html(employer, '/mina-atgarder')) ?? [''];
  const asked = addDays(today, 30);
  await employer.visit('/mina-atgarder');
  await walk(employer);
  await go(employer, t('plan.numbered', { number: 1 }));
  await readThrough(employer.page, [t('plan.numbered', { number: 1 }), t('ownMeasure.say')]);
  await walk(employer);
  await employer.checkNarrow();
  await writeDay(employer, t('plan.report.newDate'), addDays(today, -1));
  await enter(employer);
  expect(await startsAt(employer)).toBe('fel');
  await choose(employer, t('plan.report'), t('measureStatus.ongoing'));
  await write(employer, t('plan.report.obstacle'), 'Bordet är försenat.');
  await writeDay(employer, t('plan.report.newDate'), asked);
  await go(employer, t('plan.report.send'));
  const waits = t('ownMeasure.asked', { date: formatDate(asked) });
  expect([await startsAt(employer), await main(employer)]).toEqual(['besked', expect.stringContaining(waits)]);

  await officer.visit('/forsenat');
  await walk(officer);
  await go(officer, t('watch.decide'));
  await go(officer, t('decideDue.send'));
  expect(await startsAt(officer)).toBe('fel');
  await choose(officer, t('decideDue.field.decision'), t('decideDue.granted'));
  await go(officer, t('decideDue.send'));
  // What was done is told where the page starts: at the measure.
  expect(await officer.page.locator('#atgard-1 #besked').innerText()).toContain(t('done.ny-dag'));
  const at = await officer.page.locator('#besked').boundingBox();
  expect(at?.y).toBeGreaterThanOrEqual(0);
  expect(at?.y).toBeLessThan(officer.page.viewportSize()?.height ?? 0);

  const { linkKey } = readConfig({ DATA_DIR: server.dataDir });
  const guest = await openPage(browser, server.baseUrl, { viewport: { width: 375, height: 800 } });
  await guest.visit(linkPath(linkKey, 'measure', measure.split('/').at(-1) ?? '', 1));
  const granted = t('ownMeasure.granted', { date: formatDate(today) });
  expect(await main(guest)).toContain(granted);
  await walk(guest);
  await guest.checkNarrow();
  await choose(guest, t('plan.report'), t('measureStatus.done'));
  await go(guest, t('plan.report.send'));
  expect(await startsAt(guest)).toBe('besked');
  await guest.close();
});

test('a case is closed, and what people thought of a meeting is answered by link', async () => {
  await officer.visit(caseFile);
  await go(officer, t('close.title'));
  await walk(officer);
  await go(officer, t('close.prepare'));
  expect(await startsAt(officer)).toBe('fel');
  const legends = officer.page.locator('.card--quiet legend');
  await choose(officer, t('close.reasonLabel'), t('close.goal_reached'));
  await write(officer, t('close.ownLabel'), 'Jag klarar mig nu.');
  for (const legend of await legends.allInnerTexts()) {
    await choose(officer, legend, t(/^\d+\. /.test(legend) ? 'close.outcome.done' : 'close.reach.partly'));
  }
  await tabTo(officer, t('close.cancelMeetings'));
  await officer.page.keyboard.press('Space');
  await writeDay(officer, t('close.closesOn'), today);
  await go(officer, t('close.prepare'));
  expect(await startsAt(officer)).toBe('besked');
  await person.visit(`${caseFile}/avslut`);
  await walk(person);
  await person.checkNarrow();
  expect(await main(person)).toContain('Jag klarar mig nu.');
  await go(officer, t('close.do'));
  expect(await startsAt(officer)).toBe('besked');

  const guest = await openPage(browser, server.baseUrl, { viewport: { width: 375, height: 800 } });
  await expect.poll(() => surveyLink(), { timeout: 10_000 }).toBeDefined();
  await guest.visit((await surveyLink()) ?? '');
  await walk(guest);
  await guest.checkNarrow();
  for (const question of await guest.page.locator('legend').allInnerTexts()) {
    await choose(guest, question, t('survey.answer.mostly'));
  }
  await go(guest, t('survey.send'));
  expect(await main(guest)).toContain(t('survey.thanks'));
  await guest.close();
});
