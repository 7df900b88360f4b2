import { describe, expect, test } from 'vitest';
import type { CaseParty } from '../../src/features/case/party/rules.ts';
import { copyDocument } from '../../src/features/consent/release/render.ts';
import { copyOf, partsOf, sourceOfMinutes, sourceOfPlan } from '../../src/features/consent/release/rules.ts';
import type { Consent } from '../../src/features/consent/rules.ts';
import { type MinutesContent, sealContent } from '../../src/features/filing/document/rules.ts';
import { type MeetingKind, meetingKindCodes } from '../../src/features/meeting/rules.ts';
import { minutesDocument } from '../../src/features/minutes/render.ts';
import {
  checkField,
  contentOf,
  fieldsOf,
  outline,
  partsField,
  partsOfMeeting,
  type TemplateFacts,
  templateOf,
} from '../../src/features/minutes/rules.ts';
import {
  type concerns,
  isConcerned,
  placeOf,
  sectionsOf,
  takenField,
  templateVersion,
} from '../../src/features/minutes/template/rules.ts';
import { planData, planTexts } from '../../src/features/plan/rules.ts';
import { questions } from '../../src/features/request/rules.ts';
import { newSalt } from '../../src/kernel/digest.ts';
import { informationKinds } from '../../src/kernel/information.ts';
import type { Party } from '../../src/kernel/parties.ts';
import sv from '../../views/text/sv.json' with { type: 'json' };

/** Templates as data: every version of every kind, side by side, and what they mean for who gets to read what. */

const texts = sv as Record<string, string>;
const t = (key: string, params: object = {}) =>
  (texts[key] ?? key).replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => String(params[name as never] ?? ''));
const instant = '2026-11-25T10:00:00.000Z';
const today = '2026-11-25';
const versions = Array.from({ length: templateVersion }, (_, i) => i + 1);
const templates = versions.flatMap((version) => meetingKindCodes.map((kind) => ({ version, kind })));

const facts = (version: number, kind: MeetingKind, more: Partial<TemplateFacts> = {}): TemplateFacts => ({
  ...{ version, kind, participantIds: ['p1'], asked: [], ownQuestion: '' },
  ...more,
});

describe.each(templates)('template $version of $kind', ({ version, kind }) => {
  const sections = sectionsOf({ version, kind });
  const fields = sections.flatMap((one) => one.fields);

  test('names nothing twice, and every text is there', () => {
    expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length);
    expect(new Set(sections.map(({ code }) => code)).size).toBe(sections.length);
    const keys = [
      ...sections.flatMap(({ code, heading, help, concerns }) => [
        ...[heading, help, `min.section.${code}`, `min.concerns.${concerns}`],
      ]),
      ...fields.flatMap(({ label, help, wordings = [], codes = [], family }) => [
        ...[label, help, ...wordings, ...codes.map((code) => `${family}.${code}`)],
      ]),
    ];
    expect(keys.filter((key) => key !== undefined && !(key in texts))).toEqual([]);
  });

  test('says of every field which kinds of information it needs a yes for', () => {
    expect(fields.filter(({ kinds }) => kinds.length === 0).map(({ name }) => name)).toEqual([]);
    for (const { kinds } of fields) expect(kinds.filter((kind) => !informationKinds.includes(kind))).toEqual([]);
  });

  // GDPR art. 9 (domain.md A3); the person's own words are nobody else's to word.
  test('asks for no diagnosis and no substance, and words nothing for the person', () => {
    const asked = fields.flatMap(({ name, label }) => [name, texts[label] ?? '']).join('\n');
    expect(asked).not.toMatch(/diagnos|sjukdomshistori|alkohol|drog|missbruk|beroende|substan/i);
    expect(fields.filter(({ own, wordings = [] }) => own && wordings.length > 0)).toEqual([]);
    expect(fields.filter(({ own }) => own).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['planGoal', 'ownWords']),
    );
  });
});

describe('version 1 stays as it was', () => {
  const names = (kind: MeetingKind) => [...fieldsOf(facts(1, kind)).keys()].join(' ');
  const answers = (...codes: string[]) => codes.flatMap((code) => [`question-${code}-said`, `question-${code}-agreed`]);
  const usual = [
    ...['attendance-p1', 'planGoal', ...answers(...questions)],
    ...['canDo', 'cannotDo', 'ownWords', 'notAgreed', 'takenAway', 'otherNeeded', 'followUpDate', 'followUpPurpose'],
  ];
  const all = new Set(answers(...questions));
  const asking = (...codes: string[]) => usual.filter((name) => !all.has(name) || answers(...codes).includes(name));
  const expected: Record<MeetingKind, string[]> = {
    reconciliation: usual,
    follow_up: usual,
    joint_assessment: usual,
    multi_party: usual,
    closing: asking('responsibility'),
    sip: asking('measures', 'activity', 'responsibility').flatMap((name) =>
      name === 'otherNeeded' ? ['sipNeeds', 'sipOverall', name] : [name],
    ),
  };
  test.each(meetingKindCodes)('the fields of %s', (kind) => {
    expect(names(kind)).toBe(expected[kind].join(' '));
  });

  test('its headings and labels, in their order', () => {
    const written = Object.fromEntries(expected.sip.concat(answers(...questions)).map((name) => [name, 'x']));
    const read = outline({ version: 1, kind: 'sip' }, written);
    expect(read.map(({ heading, texts }) => [heading, ...texts.map(({ label }) => label)].join(' '))).toEqual([
      'plan.goalTitle ',
      ...questions.map((code) => `question.${code} min.said min.agreed`),
      'min.ability min.works min.worksNot',
      'min.ownWords ',
      'min.notAgreed ',
      'min.field.takenAway ',
      'min.field.sipNeeds ',
      'min.field.otherNeeded.sip ',
    ]);
  });
});

test('version 2 asks for the level and the terms of work training, and what to try, avoid and adapt', () => {
  for (const kind of ['reconciliation', 'follow_up', 'joint_assessment', 'multi_party'] as const) {
    const names = [...fieldsOf(facts(2, kind)).keys()];
    expect(names).toEqual(
      expect.arrayContaining([
        ...['question-work_training-level', 'question-work_training-conditions'],
        ...['question-activity-try', 'question-activity-avoid', 'question-activity-adapt'],
      ]),
    );
  }
});

test('who was there for what is a list of the sections of the meeting, in their order', () => {
  const parts = partsOfMeeting(facts(2, 'closing', { asked: ['part_time'], ownQuestion: 'Får hunden vara med?' }));
  expect(parts).toEqual([
    ...['since_last', 'goal', 'part_time', 'own_question', 'responsibility', 'ability', 'own_words', 'not_agreed'],
    ...['employer_plan', 'rehabilitation', 'other', 'taken_away', 'agreed_measures', 'follow_up'],
  ]);
  const rule = fieldsOf(facts(2, 'closing')).get(partsField('p1'));
  if (!rule) throw new Error('no field');
  expect(checkField(rule, ' ability  goal ')).toEqual({ ok: true, value: 'goal ability' });
  expect(checkField(rule, 'goal part_time')).toEqual({ ok: false, code: 'choice' });
  expect(checkField(rule, '')).toEqual({ ok: true, value: '' });
  expect(fieldsOf(facts(1, 'closing')).has(partsField('p1'))).toBe(false);
});

test.each<[keyof typeof concerns, Party, boolean]>([
  ['everyone', 'ARBG', true],
  ['support', 'ARBG', false],
  ['support', 'PV', true],
  ['support', 'PERSON', true],
  ['job', 'PV', false],
  ['job', 'ARBG', true],
  ['principals', 'SOC', true],
  ['principals', 'STOD', true],
])('a section for %s concerns %s: %s', (whom, party, expected) => {
  expect(isConcerned({ concerns: whom }, party)).toBe(expected);
});

const receiver = (party: Party, organisation: string): CaseParty => ({
  id: party,
  caseId: 'case',
  party,
  organisation,
});
const employer = receiver('ARBG', 'Verkstaden');
const people = [
  { id: 'p1', party: 'PERSON', organisation: '' },
  { id: 'p2', party: 'ARBG', organisation: 'Verkstaden' },
  { id: 'p3', party: 'ARBG', organisation: 'Verkstaden' },
  { id: 'p4', party: 'PV', organisation: 'Vårdcentralen' },
] as const;

/** Minutes with a word in every field, of which the employers were there for some. */
function minutes(version: number, attendance: Record<string, string>): MinutesContent {
  const template = facts(version, 'reconciliation', {
    participantIds: people.map(({ id }) => id),
    asked: [...questions],
  });
  const typed = [...fieldsOf(template).values()].map(({ name, type }) => {
    const text =
      attendance[name] ?? (type === 'date' ? '2027-01-20' : type === 'code' ? 'present' : `ord ${name} slut`);
    return [
      name,
      { text: type === 'list' && !(name in attendance) ? '' : text, version: 1, by: '', at: instant },
    ] as const;
  });
  const measure = (number: number, carriedOutBy: Party) => ({
    ...{ id: `m${number}`, number, text: `åtgärd ${number} slut`, goal: '', person: '', due: null, followedUpBy: null },
    carriedOutBy,
  });
  const made = {
    template,
    fields: new Map(typed),
    participants: people.map((one) => ({
      ...one,
      person: { name: one.id, title: '', organisation: one.organisation },
    })),
    meeting: {
      ...{ id: 'meeting', kind: 'reconciliation', caseNumber: '2026/000001', purpose: 'syfte', placeKind: null },
      ...{ startsAt: instant, endsAt: null, heldAt: null, unit: { name: 'Enheten' } },
      individual: { name: 'Tove', number: null },
    },
    measures: [measure(1, 'ARBG'), measure(2, 'PV')],
  };
  const filed = { position: 1, lastNumber: 0, finalisedAt: instant, finalisedBy: 'Namn', reason: '' };
  return contentOf(made as never, { ...filed, noFollowUpReason: '' });
}

const yes = (partyId: string): Consent => ({
  ...{
    id: partyId,
    partyId,
    act: 'give',
    kinds: informationKinds,
    until: today,
    how: 'oral',
    note: '',
    exclusions: '',
  },
  ...{ at: instant, accountId: '', accountName: '', noted: true },
});
const made = {
  ...{ number: 'K7M2-4QXR', releasedAt: instant, releasedBy: 'Namn', unit: 'Enheten', phone: '1', reservation: false },
};
/** Everything that a party which may know all is told: in its data, which its file says too. */
function told(source: Parameters<typeof partsOf>[0], party: CaseParty): string {
  const copy = copyOf(source, party, partsOf(source, party, [yes(party.id)], [], today), [], made);
  if (!copy.ok) throw new Error(copy.code);
  return JSON.stringify([copy.value, copyDocument(sealContent(copy.value, '0', newSalt), t)]);
}
const toldOf = (version: number, attendance: Record<string, string>, party = employer) =>
  told(sourceOfMinutes(minutes(version, attendance)), party);

describe('who was not there for a section does not get it', () => {
  const left = { 'attendance-p2': 'part', 'attendance-p2-parts': 'goal part_time follow_up' };
  const bothLeft = { ...left, 'attendance-p3': 'part', 'attendance-p3-parts': 'adaptation' };

  test('though they may know of everything', () => {
    const copy = toldOf(2, bothLeft);
    for (const name of ['planGoal', 'question-part_time-said', 'question-adaptation-agreed', 'followUpPurpose']) {
      expect(copy).toContain(`ord ${name} slut`);
    }
    for (const name of ['canDo', 'ownWords', 'question-measures-said', 'assessment-body-resource', 'otherNeeded']) {
      expect(copy).not.toContain(`ord ${name} slut`);
    }
    expect(copy).not.toContain(`ord ${takenField(1, 'question')} slut`);
    // What they are to do themselves they are told, and nothing of what others do.
    expect(copy).toContain('åtgärd 1 slut');
    expect(copy).not.toContain('åtgärd 2 slut');
  });

  test('and is not told that there was more', () => {
    const copy = toldOf(2, bothLeft);
    expect(copy).not.toContain('"parts"');
    for (const key of ['min.ability', 'min.section.ability', 'question.measures', 'min.ownWords']) {
      expect(copy).not.toContain(texts[key]);
    }
  });

  test.each<[string, Record<string, string>, CaseParty, boolean]>([
    ['one of them stayed', left, employer, true],
    ['both left', bothLeft, employer, false],
    [
      'nothing is noted of what they were there for',
      { 'attendance-p2': 'part', 'attendance-p3': 'part' },
      employer,
      false,
    ],
    ['they were there after all', { ...bothLeft, 'attendance-p2': 'present' }, employer, true],
    ['they did not come', { 'attendance-p2': 'absent', 'attendance-p3': 'absent' }, employer, true],
    ['it is about another party', bothLeft, receiver('PV', 'Vårdcentralen'), true],
    ['it is about who was not called', bothLeft, receiver('AF', ''), true],
  ])('%s', (_what, attendance, party, expected) => {
    expect(toldOf(2, attendance, party).includes('ord canDo slut')).toBe(expected);
  });

  test('nor out of the plan, where it stands after the meeting', () => {
    const content = minutes(2, bothLeft);
    const measures = content.measures.map((one) => ({ ...one, state: 'ongoing', meetingId: 'meeting', reports: [] }));
    const found = { id: 'case', number: '2026/000001', individual: { name: 'Tove' } };
    const contact = { name: 'Namn', phone: '1', unit: 'Enheten' };
    const lists = { measures, meetings: [], documents: [content], goalNotes: [], contacts: [] };
    const plan = planData({ found, contact, texts: planTexts([content]), ...lists } as never, instant);
    const copy = told(sourceOfPlan(plan, [content]), employer);
    expect(copy).toContain('ord planGoal slut');
    expect(copy).not.toContain('ord ownWords slut');
    expect(copy).not.toContain('ord otherNeeded slut');
    expect([copy.includes('åtgärd 1 slut'), copy.includes('åtgärd 2 slut')]).toEqual([true, false]);
  });

  test("that rehabiliteringsersättning can be paid is FK's own assessment, and told to nobody", () => {
    const source = sourceOfMinutes(minutes(2, { rehabilitation: 'yes' }));
    expect(source.texts.rehabilitation).toBe('yes');
    expect(partsOf(source, employer, [yes(employer.id)], [], today).map(({ name }) => name)).not.toContain(
      'texts.rehabilitation',
    );
  });

  test('version 1 noted no sections, and is released as it was', () => {
    expect(toldOf(1, { 'attendance-p2': 'part', 'attendance-p3': 'part' })).toContain('ord canDo slut');
  });

  test('the minutes say who was there for what', () => {
    const content = minutes(2, left);
    expect(content.participants[1]).toMatchObject({ attendance: 'part', parts: ['goal', 'part_time', 'follow_up'] });
    expect(content.participants[2]).not.toHaveProperty('parts');
    const document = JSON.stringify(minutesDocument(content, t));
    expect(document).toContain(
      ['goal', 'part_time', 'follow_up'].map((part) => texts[`min.section.${part}`]).join(', '),
    );
  });
});

describe('questions taken away', () => {
  test('are rows; empty ones leave none, and half a row is kept', () => {
    const rows = Object.fromEntries(
      [...fieldsOf(facts(2, 'sip')).keys()].filter((name) => name.startsWith('taken-')).map((name) => [name, '']),
    );
    const content = minutes(2, {
      ...rows,
      ...{ 'taken-1-question': 'Byta avdelning?', 'taken-1-by': 'Eva', 'taken-1-where': 'Ledningsgruppen' },
      'taken-4-by': 'Bo',
    });
    expect(content.taken).toEqual([
      { question: 'Byta avdelning?', by: 'Eva', where: 'Ledningsgruppen' },
      { question: '', by: 'Bo', where: '' },
    ]);
    expect(Object.keys(content.texts).filter((name) => name.startsWith('taken'))).toEqual([]);
    const table = minutesDocument(content, t).sections.find(({ heading }) => heading === texts['min.field.takenAway']);
    expect(table?.blocks[0]).toMatchObject({
      rows: [
        ['Byta avdelning?', 'Eva', 'Ledningsgruppen'],
        ['', 'Bo', ''],
      ],
    });
  });

  test('were a text in version 1', () => {
    const content = minutes(1, {});
    expect(content).not.toHaveProperty('taken');
    expect(content.texts.takenAway).toBe('ord takenAway slut');
    expect(content.document.templateVersion).toBe(1);
  });
});

test('what was filed before there were versions was written with the first', () => {
  expect(templateOf({ document: {}, meeting: { kind: 'sip' } })).toEqual({ version: 1, kind: 'sip' });
  expect(placeOf({ version: 1, kind: 'sip' }, 'takenAway')?.section.code).toBe('taken_away');
  expect(placeOf({ version: 2, kind: 'sip' }, 'takenAway')).toBe(null);
});
