import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect } from 'vitest';
import type { MinutesContent, Sealed } from '../../src/features/filing/document/rules.ts';
import { findReview } from '../../src/features/minutes/review/store.ts';
import { permit } from '../../src/platform/db/access.ts';
import { goodRequest, openTestApp } from '../support/app.ts';
import { validateHtml } from '../support/html.ts';

export type Fields = Record<string, string | string[]>;

/**
 * A meeting that has been held, with its minutes written: the person has an account and a representative of the world's own making, the employer and
 * the employment service have accounts, the clinic has an address, social services have nothing. The person has said yes to
 * work and measures for the employer, and to all for the clinic.
 */
export async function openReviewWorld(now: string) {
  const test = await openTestApp({ now });
  const { database } = test.house.engine;
  const { db } = database.reads;
  let fk = await test.signIn('fk');
  const post = async (path: string, fields: Fields, status = 303): Promise<string> => {
    const response = await fk.post(path, fields);
    expect([path, response.status]).toEqual([path, status]);
    return response.headers.get('location') ?? '';
  };
  await test.visitor().post('/begaran', { ...goodRequest, questions: ['part_time', 'measures'] });
  const request = await db.selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
  const confirm = { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' };
  const meeting = (await post(`/begaran/${request.id}/beslut`, confirm)).split('/').at(-1) ?? '';
  const people = [
    ['PERSON', 'Tove Ask', '', 'tove@utomstaende.example'],
    ['FK', 'Sara Lindqvist', '', 'sara@utomstaende.example'],
    ['ARBG', 'Lena Dal', 'Verkstaden', 'lena@utomstaende.example'],
    ['PV', 'Vera Vik', 'Vårdcentralen', 'vera@utomstaende.example'],
    ['SOC', 'Siv Sand', 'Kommunen', ''],
    ['AF', 'Anna Falk', 'Arbetsförmedlingen', 'anna@utomstaende.example'],
  ] as const;
  for (const [party, name, organisation, email] of people) {
    const verified: Fields = email ? { verified: 'on', verifiedHow: 'Ringde.' } : {};
    await post(`/moten/${meeting}/deltagare`, { party, name, organisation, email, ...verified });
  }
  const rows = await db
    .selectFrom('participant')
    .select(['id', 'party', 'case_party_id'])
    .where('meeting_id', '=', meeting)
    .execute();
  const of = (party: string) => rows.find((row) => row.party === party)?.id ?? '';
  const partyOf = (party: string) => rows.find((row) => row.party === party)?.case_party_id ?? '';
  const views = Object.fromEntries(rows.map(({ id }) => [`party-${id}`, 'yes']));
  await post(`/moten/${meeting}/samtal`, { how: 'På telefon.', ...views });
  await post(`/moten/${meeting}/tid`, { startsAt: '2027-03-19T09:00', durationMinutes: '60', placeKind: 'phone' });
  const { case_id } = await db
    .selectFrom('meeting')
    .select('case_id')
    .where('id', '=', meeting)
    .executeTakeFirstOrThrow();
  const caseId = case_id ?? '';
  const accounts = await db.selectFrom('account').select(['id', 'demo_key']).execute();
  const account = (key: string) => accounts.find(({ demo_key }) => demo_key === key)?.id ?? '';
  await database.transaction(async (w) => {
    const bind = (party: string, key: string) =>
      w.db
        .updateTable('participant')
        .set({ account_id: account(key) })
        .where('id', '=', of(party))
        .execute();
    await bind('ARBG', 'arbetsgivare');
    await bind('AF', 'af');
    await w.db
      .updateTable('case_file')
      .set({ individual_account_id: account('individ') })
      .where('id', '=', caseId)
      .execute();
  });
  const consent = (party: string, kinds: string[]) =>
    post(`/arenden/${caseId}/samtycken`, { party: partyOf(party), kinds, how: 'oral' });
  await consent('ARBG', ['work', 'measures']);
  await consent('PV', ['contact', 'work', 'measures', 'health', 'social']);
  await post(`/moten/${meeting}/hallet`, {});
  const at = `/moten/${meeting}/protokoll`;
  const text: Record<string, string> = {
    canDo: 'Sitta en timme.',
    'question-measures-said': 'Värk i ryggen.',
    'question-part_time-agreed': 'Halvtid från maj.',
    followUpDate: '2027-06-01',
    [`attendance-${of('ARBG')}`]: 'present',
    [`attendance-${of('AF')}`]: 'absent',
  };
  const versions = Object.keys(text).map((name) => [`version-${name}`, '0']);
  await post(at, { ...text, ...Object.fromEntries(versions) });
  await post(`${at}/atgarder`, { text: 'Ordna en stol', carriedOutBy: 'ARBG', due: '2027-05-01' });

  const minutes = await db
    .selectFrom('minutes')
    .select('id')
    .where('meeting_id', '=', meeting)
    .executeTakeFirstOrThrow();
  type Visitor = ReturnType<typeof test.visitor>;
  return {
    ...{ test, db, database, meeting, caseId, at, of, partyOf, post, consent, account, minutesId: minutes.id },
    officer: () => fk,
    /** Sessions end; the officer comes again. */
    async signInAgain() {
      fk = await test.signIn('fk');
    },
    async page(who: Visitor, path: string, status = 200): Promise<string> {
      const response = await who.get(path);
      expect(response.status, path).toBe(status);
      const html = await response.text();
      validateHtml(html, path);
      return html;
    },
    review: async () => {
      const found = await findReview(permit(database.reads), minutes.id);
      if (!found) throw new Error('no review');
      return found;
    },
    /** Of the minutes' measures, in their order. */
    measureIds: async () =>
      (
        await db.selectFrom('measure').select('id').where('minutes_id', '=', minutes.id).orderBy('position').execute()
      ).map(({ id }) => id),
    state: async () =>
      (await db.selectFrom('minutes').select('state').where('id', '=', minutes.id).executeTakeFirstOrThrow()).state,
    contents: async (): Promise<Sealed<MinutesContent>[]> => {
      const found = await db
        .selectFrom('document')
        .select('content')
        .where('meeting_id', '=', meeting)
        .orderBy('position')
        .execute();
      return found.map(({ content }) => JSON.parse(database.reads.vault.open(content)));
    },
    /** Mails that have left since the last time, in order: to whom, subject, text. */
    async mails(): Promise<{ to: string; subject: string; text: string }[]> {
      await test.deliver();
      const folder = join(test.dataDir, 'mail');
      const files = readdirSync(folder)
        .sort()
        .filter((file) => !seen.has(file));
      for (const file of files) seen.add(file);
      const parsed = await Promise.all(files.map((file) => simpleParser(readFileSync(join(folder, file)))));
      const mails = parsed.map(({ to, subject, text }) => ({
        to: to && !Array.isArray(to) ? to.text : '',
        ...{ subject: subject ?? '', text: text ?? '' },
      }));
      // What is asked about the meeting is another matter.
      return mails.filter(({ text }) => !text.includes('/enkat/'));
    },
  };
}
const seen = new Set<string>();
export type ReviewWorld = Awaited<ReturnType<typeof openReviewWorld>>;
