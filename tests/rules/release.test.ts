import { describe, expect, test } from 'vitest';
import { leftOut } from '../../src/features/approval/amendment/rules.ts';
import type { CaseParty } from '../../src/features/case/party/rules.ts';
import { copyDocument } from '../../src/features/consent/release/render.ts';
import {
  type Copy,
  copyOf,
  fingerprintOf,
  groundCodes,
  groundsFor,
  mayReserve,
  moveRelease,
  partsOf,
  type Source,
  sourceOfMinutes,
  sourceOfPlan,
} from '../../src/features/consent/release/rules.ts';
import type { Consent } from '../../src/features/consent/rules.ts';
import { type MinutesContent, sealContent } from '../../src/features/filing/document/rules.ts';
import { contentOf, fieldsOf } from '../../src/features/minutes/rules.ts';
import { planData, planTexts } from '../../src/features/plan/rules.ts';
import { questions } from '../../src/features/request/rules.ts';
import { newSalt } from '../../src/kernel/digest.ts';
import { type InformationKind, informationKinds } from '../../src/kernel/information.ts';
import { formatDate } from '../../src/kernel/time.ts';
import sv from '../../views/text/sv.json' with { type: 'json' };

const today = '2026-11-25';
const instant = '2026-11-25T10:00:00.000Z';
const receiver: CaseParty = { id: 'employer', caseId: 'case', party: 'ARBG', organisation: 'Verkstaden' };
const t = (key: string, params: object = {}) => {
  const texts = sv as Record<string, string>;
  return (texts[key] ?? key).replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => String(params[name as never] ?? ''));
};

/** What is said of a measure beside what, who and by when. */
const more = { kind: 'work_training' as const, start: '2026-12-01', followUpOn: '2027-01-14' };

/** Every word that was written in the minutes, and the kinds that must all be allowed before it is told. */
const needs: Record<string, InformationKind[]> = {
  purpose: ['measures'],
  planGoal: ['measures'],
  ...Object.fromEntries(
    ['part_time', 'adaptation', 'work_training', 'activity', 'change_of_employer'].flatMap((code) => [
      [`question-${code}-said`, ['work']],
      [`question-${code}-agreed`, ['work']],
    ]),
  ),
  'question-measures-said': ['measures', 'health'],
  'question-measures-agreed': ['measures'],
  'question-responsibility-said': ['measures'],
  'question-responsibility-agreed': ['measures'],
  'question-own_question-said': ['work', 'measures', 'health', 'social'],
  'question-own_question-agreed': ['work', 'measures', 'health', 'social'],
  ownQuestion: ['work', 'measures', 'health', 'social'],
  canDo: ['work'],
  cannotDo: ['work'],
  ownWords: ['work', 'measures', 'health', 'social'],
  notAgreed: ['work', 'measures', 'health', 'social'],
  takenAway: ['measures'],
  sipNeeds: ['health', 'social'],
  otherNeeded: ['measures'],
  followUpPurpose: ['measures'],
  measure1: ['measures'],
  measure2: ['measures'],
  PV: ['contact', 'health'],
  SOC: ['contact', 'social'],
  AF: ['contact'],
  otherEmployer: ['contact'],
  PERSON: ['contact'],
};
/** What is never told to a party, whoever says yes. */
const never = ['reviewLeftOut', 'noFollowUp', 'number', 'place', 'report', 'contact'];
const always = ['individual', 'ARBG', 'FK'];

const word = (name: string) => `kanarie${name.replaceAll(/[-_]/g, '')}slut`;
const person = (name: string, organisation: string) => ({
  ...{ name: word(name), title: '', organisation },
  email: '',
  phone: '',
});
const parties = [
  { party: 'PERSON', person: person('PERSON', '') },
  { party: 'FK', person: person('FK', '') },
  { party: 'ARBG', person: person('ARBG', 'verkstaden') },
  { party: 'ARBG', person: person('otherEmployer', 'Bageriet') },
  { party: 'PV', person: person('PV', 'Vårdcentralen') },
  { party: 'SOC', person: person('SOC', '') },
  { party: 'AF', person: person('AF', '') },
] as const;

function minutes(): MinutesContent {
  const template = {
    version: 1,
    kind: 'sip' as const,
    participantIds: [],
    asked: questions,
    ownQuestion: word('ownQuestion'),
  };
  const fields = [...fieldsOf(template).values()].map(({ name, type }) => {
    const text = type === 'date' ? '2027-01-20' : type === 'code' ? 'region' : word(name);
    return [name, { text, version: 1, by: '', at: instant }] as const;
  });
  const measure = (i: number) => ({
    ...{ id: `m${i}`, number: i, text: word(`measure${i}`), goal: '', person: '', due: null },
    ...{ carriedOutBy: 'ARBG' as const, followedUpBy: null },
    ...more,
  });
  const facts = {
    template,
    fields: new Map(fields),
    participants: parties.map((one, i) => ({ id: `p${i}`, ...one })),
    meeting: {
      ...{ id: 'meeting', kind: 'sip', caseNumber: '2026/000001', purpose: word('purpose'), placeKind: word('place') },
      ...{ startsAt: instant, endsAt: null, heldAt: null, unit: { name: 'Enheten' } },
      individual: { name: word('individual'), number: word('number') },
    },
    measures: [measure(1), measure(2)],
  };
  const filed = {
    position: 1,
    lastNumber: 0,
    finalisedAt: instant,
    finalisedBy: 'Namn',
    reason: word('reviewLeftOut'),
  };
  return contentOf(facts as never, { ...filed, noFollowUpReason: word('noFollowUp') });
}

function plan() {
  const report = { measureId: 'm1', status: 'done', note: word('report'), proposedDue: null, grantedDue: null };
  const measures = [1, 2].map((number) => ({
    ...{ id: `m${number}`, number, state: 'ongoing', text: word(`measure${number}`), goal: '', person: '', due: null },
    ...more,
    ...{ carriedOutBy: 'ARBG', followedUpBy: null, meetingId: 'meeting', reports: [{ ...report, at: instant }] },
  }));
  const facts = {
    found: { id: 'case', number: '2026/000001', individual: { name: word('individual') } },
    ...{
      contact: { name: 'Namn', phone: '1', unit: 'Enheten' },
      texts: planTexts([minutes()]),
      meetings: [],
      documents: [],
      goalNotes: [],
      contacts: [{ sector: 'employer', name: word('contact'), phone: '1' }],
      measures,
    },
  };
  return planData(facts as never, instant);
}

const sources: [string, Source][] = [
  ['minutes', sourceOfMinutes(minutes())],
  ['the plan', sourceOfPlan(plan(), [minutes()])],
];

type State = 'nothing' | 'yes' | 'ground' | 'elsewhere';
type States = Record<InformationKind, State>;

/** Each kind in each of four ways, in every combination. */
const combinations: States[] = informationKinds.reduce<Partial<States>[]>(
  (all, kind) =>
    (['nothing', 'yes', 'ground', 'elsewhere'] as const).flatMap((state) =>
      all.map((one) => ({ ...one, [kind]: state })),
    ),
  [{}],
) as States[];

const made: Parameters<typeof copyOf>[4] = {
  ...{ number: 'K7M2-4QXR', releasedAt: instant, releasedBy: 'Namn', unit: 'Enheten', phone: '1', reservation: false },
};

function copied(source: Source, states: States, leftOut: string[] = []) {
  const kindsThat = (state: State) => informationKinds.filter((kind) => states[kind] === state);
  const consent = (partyId: string, kinds: InformationKind[]): Consent => ({
    ...{ id: partyId, partyId, act: 'give', kinds, until: today, how: 'oral', note: '', exclusions: '' },
    ...{ at: instant, accountId: '', accountName: '', noted: true },
  });
  const consents = [consent('employer', kindsThat('yes')), consent('other', kindsThat('elsewhere'))];
  const grounds = kindsThat('ground').map((kind) => ({ kind }));
  return copyOf(source, receiver, partsOf(source, receiver, consents, grounds, today), leftOut, made);
}

describe.each(sources)('a copy of %s', (_name, source) => {
  const { said, ...told } = source;
  const written = Object.keys(needs).filter((name) => JSON.stringify(told).includes(word(name)));

  test('holds exactly what a yes or a ground allows, in its data and in its document', () => {
    expect(written.length).toBeGreaterThanOrEqual(7);
    let some = 0;
    for (const states of combinations) {
      const allowed = (kind: InformationKind) => states[kind] === 'yes' || states[kind] === 'ground';
      const expected = written.filter((name) => needs[name]?.every(allowed));
      const copy = copied(source, states);
      const texts = expected.filter((name) => !parties.some((one) => one.person.name === word(name)));
      // Follow-up day and overall responsibility are told with the measures, and are no words.
      if (texts.length === 0) {
        expect(copy).toEqual({ ok: false, code: 'nothing_to_release' });
        continue;
      }
      if (!copy.ok) throw new Error(copy.code);
      some++;
      const document = copyDocument(sealContent(copy.value, '0', newSalt), t);
      for (const text of [JSON.stringify(copy.value), JSON.stringify(document)]) {
        expect(written.filter((name) => text.includes(word(name)))).toEqual(expected);
        for (const name of never) expect(text).not.toContain(word(name));
        expect(text).toContain(word('individual'));
      }
      expect(document.sections.every(({ blocks }) => blocks.length > 0)).toBe(true);
    }
    expect(some).toBeGreaterThan(500);
  });

  test('of which something is not told is as if that had never been written', () => {
    for (const states of combinations) {
      const copy = copied(source, states);
      if (!copy.ok) continue;
      const told = JSON.stringify(copy.value);
      const without: Source = {
        ...source,
        participants: source.participants.filter(({ name }) => told.includes(name)),
        texts: Object.fromEntries(Object.keys(copy.value.texts).map((field) => [field, source.texts[field] ?? ''])),
        measures: source.measures.filter(({ text }) => told.includes(text)),
      };
      expect(copied(without, states)).toEqual(copy);
    }
  });

  const all = Object.fromEntries(informationKinds.map((kind) => [kind, 'yes'])) as States;
  test('says what a measure is, when it begins and when it is looked at, where that was written', () => {
    const copy = copied(source, all);
    if (!copy.ok) throw new Error(copy.code);
    expect(copy.value.measures).toMatchObject([more, more]);
    const printed = (value: Copy) => JSON.stringify(copyDocument(sealContent(value, '0', newSalt), t));
    const said = [t('measureKind.work_training'), formatDate(more.start), formatDate(more.followUpOn)];
    for (const words of said) expect(printed(copy.value)).toContain(words);
    const older = copy.value.measures.map(({ kind, start, followUpOn, ...one }) => one);
    const before = printed({ ...copy.value, measures: older });
    for (const words of [...said, 'undefined']) expect(before).not.toContain(words);
  });

  test('lacks what the officer took away, and its measures count on', () => {
    const copy = copied(source, all, ['measures.0', 'texts.ownWords', 'texts.planGoal']);
    if (!copy.ok) throw new Error(copy.code);
    expect(copy.value.measures.map(({ number, text }) => [number, text])).toEqual([[1, word('measure2')]]);
    const text = JSON.stringify(copy.value);
    expect(['measure1', 'ownWords', 'planGoal'].filter((name) => text.includes(word(name)))).toEqual([]);
  });

  test('does not get more by naming more', () => {
    const nothing = Object.fromEntries(informationKinds.map((kind) => [kind, 'nothing'])) as States;
    expect(copied(source, { ...nothing, work: 'yes' }, ['measures.99', '__proto__', 'texts'])).toEqual(
      copied(source, { ...nothing, work: 'yes' }),
    );
  });

  test('is looked at anew when it, or what the person said, has changed', () => {
    const seen = fingerprintOf(source, { id: 'a' });
    expect(fingerprintOf(structuredClone(source), { id: 'a' })).toBe(seen);
    expect(fingerprintOf(source, { id: 'b' })).not.toBe(seen);
    expect(fingerprintOf(source, null)).not.toBe(seen);
    expect(fingerprintOf({ ...source, measures: [] }, { id: 'a' })).not.toBe(seen);
  });
});

test('those who were there are told of only those the party may know of', () => {
  const source = sourceOfMinutes(minutes());
  const states = {
    contact: 'nothing',
    work: 'yes',
    measures: 'nothing',
    health: 'nothing',
    social: 'nothing',
  } as const;
  const copy = copied(source, states);
  if (!copy.ok) throw new Error(copy.code);
  expect(copy.value.participants.map(({ name }) => name)).toEqual([word('FK'), word('ARBG')]);
  for (const name of always) expect(JSON.stringify(copy.value)).toContain(word(name));
});

test('an own question goes with its answer', () => {
  const source = sourceOfMinutes(minutes());
  const all = Object.fromEntries(informationKinds.map((kind) => [kind, 'yes'])) as States;
  const answers = ['texts.question-own_question-said', 'texts.question-own_question-agreed'];
  const texts = (leftOut: string[]): Copy['texts'] => {
    const copy = copied(source, all, leftOut);
    return copy.ok ? copy.value.texts : {};
  };
  expect(texts(answers.slice(1)).ownQuestion).toBe(word('ownQuestion'));
  expect(texts(answers)).not.toHaveProperty('ownQuestion');
});

test('grounds that are between authorities are no grounds to tell a private party', () => {
  expect(groundsFor('AF')).toEqual(groundCodes);
  expect(groundsFor('FACK')).toEqual(['necessary', 'no_harm']);
  expect(groundsFor('NARST')).toEqual(['necessary', 'no_harm']);
});

test('a reservation is for those whom no secrecy binds', () => {
  expect((['ARBG', 'FACK', 'NARST'] as const).map(mayReserve)).toEqual([true, true, true]);
  expect((['AF', 'PV', 'SOC', 'FHV'] as const).map(mayReserve)).toEqual([false, false, false, false]);
});

test('a copy is recalled once', () => {
  expect(moveRelease('made')).toEqual({ ok: true, value: 'recalled' });
  expect(moveRelease('recalled')).toEqual({ ok: false, code: 'not_now' });
});

describe('the copy of an amendment', () => {
  const all = Object.fromEntries(informationKinds.map((kind) => [kind, 'yes'])) as States;
  const asking = (...list: string[]): Source => ({
    ...sourceOfMinutes(minutes()),
    taken: list.map((question) => ({ question, by: '', where: '' })),
  });
  const before = asking('a', 'b', 'c');
  test.each([
    ['nothing was left out: all of it', [], asking('b', 'c', 'd'), ['b', 'c', 'd']],
    ['one was left out, and the one before it goes', ['taken.1'], asking('b', 'c'), ['c']],
    ['one was left out, and stands in its place', ['taken.1'], before, ['a', 'c']],
    ['one was left out: no new one either', ['taken.0'], asking('a', 'b', 'c', 'd'), ['b', 'c']],
  ])('of questions taken away, %s', (_name, away, next, expected) => {
    const old = copied(before, all, away);
    if (!old.ok) throw new Error(old.code);
    const again = copied(next, all, leftOut(old.value, before, next));
    expect(again.ok && again.value.taken?.map(({ question }) => question)).toEqual(expected);
  });
});
