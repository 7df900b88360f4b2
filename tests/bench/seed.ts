import { type RawBuilder, sql } from 'kysely';
import { findDemoAccount, insertAccount, insertUnit, type Unit } from '../../src/features/account/store.ts';
import type { Individual } from '../../src/features/case/rules.ts';
import { type MinutesContent, noPrevious, type Sealed, sealContent } from '../../src/features/filing/document/rules.ts';
import type { Person } from '../../src/features/meeting/rules.ts';
import type { RequestForm } from '../../src/features/request/rules.ts';
import { newSalt } from '../../src/kernel/digest.ts';
import { newId } from '../../src/kernel/ids.ts';
import { addDays, type IsoDate, stockholmDate } from '../../src/kernel/time.ts';
import type { Vault } from '../../src/kernel/vault.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import type { Writes } from '../../src/platform/db/database.ts';
import type { House } from '../../src/platform/house.ts';
import { seedDemo } from '../../src/seed.ts';

/**
 * Fills a database that has the demo in it with many more cases, straight into the tables: the commands would need
 * days. Each case has a request, four meetings with three participants, a talk, three documents and six measures;
 * each officer has their thirty latest cases open. Sealed texts are made once and shared, and a document's file is a
 * few bytes. The SQL is what SQLite and PostgreSQL both understand.
 */

const meetingsPerCase = 4;
const openPerOfficer = 30;
const casesPerOfficer = 600;
const officersPerUnit = 10;
const undecidedPerUnit = 60;
const rowsAtOnce = 1_000;

type Sql = RawBuilder<unknown>;
const text = (value: string | null): Sql => sql.lit(value);
const join = (...parts: Sql[]): Sql => sql`${sql.join(parts, sql` || `)}`;
/** The last `width` digits of a whole number. */
const digits = (number: Sql, width: number): Sql => sql`substr(cast(${sql.lit(10 ** width)} + (${number}) as text), 2)`;
/** One of a few values by a number. */
function pick(number: Sql, values: readonly string[]): Sql {
  const [last, ...others] = values.toReversed().map(text);
  const cases = others.toReversed().map((value, at) => sql`when ${sql.lit(at)} then ${value}`);
  return cases.length === 0
    ? sql`${last}`
    : sql`case (${number}) % ${sql.lit(values.length)} ${sql.join(cases, sql` `)} else ${last} end`;
}
/** A time of a day, spread over the office hours by a number; `later` hours later. */
const clock = (day: IsoDate, number: Sql, later = 0): Sql =>
  join(
    text(`${day}T`),
    digits(sql`${sql.lit(8 + later)} + (${number}) % 8`, 2),
    text(':'),
    digits(sql`(${number}) % 60`, 2),
    text(':00.000Z'),
  );
/** UUIDv7 ids of one day: numbered, so that they sort as they were made. */
const idOf = (day: IsoDate) => {
  const prefix = newId(`${day}T08:00:00.000Z`).slice(0, 14);
  return (number: Sql): Sql => join(text(`${prefix}7000-8000-`), digits(number, 12));
};

/** `insert into table (columns) select values` for every whole number i from `from` and before `to`. */
async function insert(
  db: Writes['db'],
  table: string,
  from: number,
  to: number,
  row: Record<string, Sql>,
): Promise<void> {
  if (to <= from) return;
  const columns = sql.join(Object.keys(row).map((name) => sql.ref(name)));
  await sql`insert into ${sql.table(table)} (${columns})
    with recursive n(i) as (select ${sql.lit(from)} union all select i + 1 from n where i < ${sql.lit(to - 1)})
    select ${sql.join(Object.values(row))} from n`.execute(db);
}

/** Adds about `meetings` meetings and what belongs to them; returns how many there were. */
export async function seedMany(house: House, meetings: number): Promise<number> {
  const { database, clock: time } = house.engine;
  const today = stockholmDate(time.now());
  const demo = await findDemoAccount(database.reads, 'fk');
  const other = await findDemoAccount(database.reads, 'fk2');
  const coordinator = await findDemoAccount(database.reads, 'koordinator');
  if (!demo?.unitId || !other || !coordinator) throw new Error('seed: the demo accounts are not there');

  const cases = Math.ceil(meetings / meetingsPerCase);
  const officers = Math.max(4, Math.ceil(cases / casesPerOfficer));
  const units = Math.max(2, Math.ceil(officers / officersPerUnit));
  const first = idOf(addDays(today, -900));
  // The demo's two officers are the first two, and its unit the first.
  const officer = (n: Sql) =>
    sql`case ${n} when 0 then ${text(demo.id)} when 1 then ${text(other.id)} else ${first(n)} end`;
  const unit = (n: Sql) => sql`case ${n} when 0 then ${text(demo.unitId)} else ${first(n)} end`;
  const i = sql`i`;
  const officerNumber = (n: Sql) => sql`(${n}) % ${sql.lit(officers)}`;
  const unitNumber = (n: Sql) => sql`(${officerNumber(n)}) / ${sql.lit(Math.ceil(officers / units))}`;

  await database.transaction(async (writes) => {
    const prefix = newId(`${addDays(today, -900)}T08:00:00.000Z`).slice(0, 14);
    const numbered = (n: number) => `${prefix}7000-8000-${String(n).padStart(12, '0')}`;
    for (let n = 1; n < units; n++) {
      const made: Unit = {
        id: numbered(n),
        organisationId: demo.organisationId,
        name: `FK ${n}`,
        phone: '08-465 004 10',
        address: `FK ${n}`,
      };
      await insertUnit(writes, made);
    }
    for (let n = 2; n < officers; n++) {
      const unitOf = Math.floor(n / Math.ceil(officers / units));
      await insertAccount(writes, {
        ...demo,
        id: numbered(n),
        demoKey: null,
        unitId: unitOf === 0 ? demo.unitId : numbered(unitOf),
        name: `Officer ${n}`,
        personalNumber: null,
      });
    }
  });

  const sealed = sealTexts(database.reads.vault);
  const open = Math.min(cases, openPerOfficer * officers);
  for (const { from, to, day, live } of days(cases, open, today)) {
    const id = idOf(day);
    const officerId = officer(officerNumber(i));
    const unitId = unit(unitNumber(i));
    // Meeting k of case i.
    const held = live
      ? [-90, -60, -30, 0].map((days) => addDays(today, days))
      : [20, 50, 80, 110].map((days) => addDays(day, days));
    const ahead = addDays(today, 1);
    await database.transaction(async ({ db }) => {
      const put = (table: string, row: Record<string, Sql>) => insert(db, table, from, to, row);
      await put('case_file', {
        id: id(i),
        number: join(text(`${day.slice(0, 4)}/1`), digits(i, 6)),
        state: text(live ? 'open' : 'closed'),
        individual: pick(i, sealed.individuals),
        number_fp: join(text('seed '), digits(i, 12)),
        officer_id: officerId,
        unit_id: unitId,
        opened_at: clock(day, i),
        closed_at: live ? text(null) : clock(addDays(day, 130), i),
      });
      await put('request', {
        id: id(i),
        reference: join(digits(sql`i / 10000`, 4), text('-'), digits(sql`i % 10000`, 4)),
        state: text('confirmed'),
        channel: text('form'),
        received_at: clock(addDays(day, -5), i),
        created_at: clock(addDays(day, -5), i),
        requester_role: pick(i, ['REKO', 'ARBG', 'PERSON']),
        requester_account_id: sql`case i % 50 when 0 then ${text(coordinator.id)} end`,
        kind: text('reconciliation'),
        protected_identity: sql.lit(0),
        form: text(sealed.form),
        number_fp: join(text('seed '), digits(i, 12)),
        officer_id: officerId,
        unit_id: unitId,
        case_id: id(i),
        ended_at: clock(day, i),
      });
      await put('request_move', {
        id: id(i),
        request_id: id(i),
        move: text('confirm'),
        at: clock(day, i),
        account_id: officerId,
        disclosure: text('outcome'),
        details: text(sealed.empty),
      });
      for (const [k, heldOn] of held.entries()) {
        const coming = live && k === meetingsPerCase - 1;
        const meetingDay = coming ? ahead : heldOn;
        const at = sql`i * 4 + ${sql.lit(k)}`;
        await put('meeting', {
          id: id(at),
          case_id: id(i),
          request_id: k === 0 ? id(i) : text(null),
          kind: text(k === 0 ? 'reconciliation' : 'follow_up'),
          state: text(coming ? 'scheduled' : 'minuted'),
          reference: join(digits(sql`i / 10000`, 4), text('-'), digits(sql`i % 10000`, 4)),
          uid: join(id(at), text('@seed.example')),
          purpose: text(sealed.purpose),
          starts_at: clock(meetingDay, i),
          ends_at: clock(meetingDay, i, 1),
          place_kind: text('phone'),
          held_at: coming ? text(null) : clock(meetingDay, i),
          officer_id: officerId,
          unit_id: unitId,
          created_at: clock(day, i),
        });
        for (const [p, party] of ['PERSON', 'FK', 'ARBG'].entries()) {
          const one = sql`i * 16 + ${sql.lit(k * 4 + p)}`;
          await put('participant', {
            id: id(one),
            meeting_id: id(at),
            party: text(party),
            person: pick(i, sealed.persons),
            required: sql.lit(1),
            verified_at: clock(day, i),
            view: text('yes'),
            answer: pick(one, ['accepted', 'needs_action', 'declined']),
            delivery: text('sent'),
            sent_sequence: sql.lit(0),
            mail_tag: id(one),
            created_at: clock(day, i),
          });
        }
        if (coming) {
          await put('talk', {
            id: id(at),
            meeting_id: id(at),
            at: clock(day, i),
            account_id: officerId,
            how: text(sealed.purpose),
            views: text('{}'),
          });
          continue;
        }
        await put('minutes', {
          id: id(at),
          meeting_id: id(at),
          template_version: sql.lit(1),
          state: text('finalised'),
          opened_at: clock(meetingDay, i),
          opened_by: officerId,
          finalised_at: clock(meetingDay, i),
          finalised_by: officerId,
        });
        // A closed case's last meeting agreed on nothing more.
        const document = sealed.documents[k];
        if (!document) continue;
        await put('document', {
          id: id(at),
          case_id: id(i),
          meeting_id: id(at),
          kind: text('minutes'),
          position: sql.lit(k + 1),
          number: join(text(`${day.slice(0, 4)}/1`), digits(i, 6), text(`-${k + 1}`)),
          created_at: clock(meetingDay, i),
          created_by: officerId,
          content: text(document.content),
          hash: text(document.hash),
          previous_hash: text(document.previousHash),
          seal: text(document.seal),
          pdf: text(sealed.pdf),
        });
        for (const m of [1, 2]) {
          const number = k * 2 + m;
          await put('measure', {
            id: id(sql`i * 8 + ${sql.lit(number)}`),
            case_id: id(i),
            meeting_id: id(at),
            minutes_id: id(at),
            position: sql.lit(m),
            number: sql.lit(number),
            // Closed cases leave some measures behind that nobody ended.
            state: number > 4 ? pick(i, ['planned', 'ongoing']) : text('done'),
            body: text(sealed.measure),
            carried_out_by: text(m === 1 ? 'ARBG' : 'FK'),
            followed_up_by: text('FK'),
            due: text(addDays(meetingDay, live ? 20 : 60)),
            created_at: clock(meetingDay, i),
            created_by: officerId,
          });
        }
      }
    });
  }

  // The queue: some taken by a unit, of which half have an officer, some by none.
  const taken = undecidedPerUnit * units;
  const free = undecidedPerUnit + Math.round(cases / 100);
  for (let back = 25; back > 0; back--) {
    const day = addDays(today, -back);
    const id = idOf(day);
    const slice = (count: number): [number, number] => [
      Math.floor((count * (25 - back)) / 25),
      Math.floor((count * (26 - back)) / 25),
    ];
    const row = (base: number) => ({
      id: id(sql`i + ${sql.lit(base)}`),
      reference: join(digits(sql`(i + ${sql.lit(base)}) / 10000`, 4), text('-'), digits(sql`i % 10000`, 4)),
      state: pick(i, ['received', 'received', 'received', 'needs_info', 'on_hold']),
      channel: text('form'),
      received_at: clock(day, i),
      created_at: clock(day, i),
      requester_role: pick(i, ['REKO', 'ARBG', 'PERSON']),
      kind: pick(i, ['reconciliation', 'unsure']),
      protected_identity: sql.lit(0),
      form: text(sealed.form),
    });
    await database.transaction(async ({ db }) => {
      await insert(db, 'request', ...slice(taken), {
        ...row(80_000_000),
        unit_id: unit(sql`i % ${sql.lit(units)}`),
        officer_id: sql`case when i % ${sql.lit(units)} = 0 and i % 4 < 2 then ${text(demo.id)} end`,
      });
      await insert(db, 'request', ...slice(free), row(90_000_000));
    });
  }
  return cases * meetingsPerCase;
}

/** The cases by the day they were opened: the closed ones over two years, then the open ones. */
function* days(cases: number, open: number, today: IsoDate) {
  for (const { from, to, oldest, length, live } of [
    { from: 0, to: cases - open, oldest: -880, length: 720, live: false },
    { from: cases - open, to: cases, oldest: -150, length: 40, live: true },
  ]) {
    const perDay = Math.max(1, Math.ceil((to - from) / length));
    for (let at = from; at < to; at += perDay) {
      const day = addDays(today, oldest + Math.floor((at - from) / perDay));
      for (let part = at; part < Math.min(to, at + perDay); part += rowsAtOnce) {
        yield { from: part, to: Math.min(to, at + perDay, part + rowsAtOnce), day, live };
      }
    }
  }
}

function sealTexts(vault: Vault) {
  const names = ['Asta Berg', 'Bo Sund', 'Cecilia Ek', 'David Holm', 'Elin Vik'];
  const seal = (value: object) => vault.seal(JSON.stringify(value));
  const purpose = 'Komma överens om hur återgången till arbetet ska gå till och vad var och en gör.';
  const form: RequestForm = {
    ...{ requesterName: 'Nils Vester', requesterRole: 'ARBG', requesterRoleOther: '', requesterReference: '' },
    ...{ requesterOrganisation: '', onBehalfOf: '', requesterEmail: 'nils.vester@exempel.example', requesterPhone: '' },
    ...{ individualName: 'Asta Berg', individualNumber: null, individualContact: '', interpreterLanguage: '' },
    ...{ protectedIdentity: false, kind: 'unsure', purpose, tried: '', needs: '', questions: [], ownQuestion: '' },
    ...{ parties: [], partiesNote: '', wishes: '', consent: 'yes', disclosureBasis: '' },
  };
  const individual = (name: string): Individual => ({
    name,
    number: null,
    interpreterLanguage: null,
    protectedIdentity: false,
  });
  const person = (name: string): Person => ({
    name,
    title: '',
    organisation: 'Granvik Träförädling AB',
    email: 'nagon@exempel.example',
    phone: '',
  });
  const documents: { content: string; hash: string; previousHash: string; seal: string }[] = [];
  let previousHash = noPrevious;
  for (const position of [1, 2, 3]) {
    const content: Sealed<MinutesContent> = sealContent(minutesOf(position, purpose), previousHash, newSalt);
    const { hash } = content;
    documents.push({ content: seal(content), hash, previousHash, seal: vault.stamp(`${hash}${previousHash}`) });
    previousHash = hash;
  }
  return {
    individuals: names.map((name) => seal(individual(name))),
    persons: names.map((name) => seal(person(name))),
    form: seal(form),
    purpose: vault.seal(purpose),
    empty: seal({}),
    measure: seal({ text: 'Prova halva dagar i fyra veckor.', person: 'Eva Norling', goal: 'Tillbaka på halvtid' }),
    pdf: vault.seal('JVBERi0='),
    documents,
  };
}

function minutesOf(position: number, purpose: string): MinutesContent {
  return {
    document: {
      kind: 'minutes',
      number: `2024/000000-${position}`,
      position,
      templateVersion: 1,
      caseNumber: '2024/000000',
      finalisedAt: '2024-01-01T10:00:00.000Z',
      finalisedBy: 'Sara Lindqvist',
      reviewLeftOut: '',
      noFollowUpReason: '',
    },
    individual: { name: 'Asta Berg', number: null },
    meeting: {
      id: '00000000-0000-7000-8000-000000000000',
      kind: 'reconciliation',
      purpose,
      unit: 'Försäkringskassan Granvik',
      startsAt: null,
      endsAt: null,
      heldAt: null,
      placeKind: 'phone',
    },
    participants: [],
    texts: {
      planGoal: 'Tillbaka på halvtid före sommaren.',
      ownWords: 'Jag vill börja försiktigt.',
      otherNeeded: 'Kontakt med vården.',
    },
    measures: [],
  };
}

if (import.meta.main) {
  const { house, close } = await openHouse(readConfig(process.env));
  await seedDemo(house);
  process.stdout.write(`${await seedMany(house, Number(process.argv[2] ?? 1_000))} meetings\n`);
  await close();
}
