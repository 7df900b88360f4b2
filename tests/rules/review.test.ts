import { describe, expect, test } from 'vitest';
import { isTold, readableBy, sectionsFor, silent } from '../../src/features/approval/rules.ts';
import type { CaseParty } from '../../src/features/case/party/rules.ts';
import type { Consent } from '../../src/features/consent/rules.ts';
import type { MinutesContent } from '../../src/features/filing/document/rules.ts';
import {
  type AnswerKind,
  approvalOf,
  checkLastDay,
  endOf,
  isAsked,
  isOver,
  leftToApprove,
  mayAnswer,
  mayFinalise,
  type Review,
  type ReviewAnswer,
  type ReviewSection,
  recordOf,
  remindAt,
  standing,
  unread,
  usualLastDay,
  usualLastDayAgain,
  wordingOf,
  wordOf,
} from '../../src/features/minutes/review/rules.ts';
import { moveMinutes } from '../../src/features/minutes/rules.ts';
import type { InformationKind } from '../../src/kernel/information.ts';
import { participant } from '../support/participant.ts';

const sections: ReviewSection[] = ['goal', 'ability'];
let serial = 0;
/** `a approved goal`, `b objected ability 1` (said of wording 1), with marks: `read`, `back`. */
function answer(line: string): ReviewAnswer {
  const [participantId = '', kind, section, version = '0', ...marks] = line.split(' ');
  const at = `2027-03-${String(10 + serial).padStart(2, '0')}T09:00:00.000Z`;
  serial++;
  return {
    ...{ id: `answer-${serial}`, participantId, section: section as ReviewSection, kind: kind as AnswerKind, at },
    ...{ sectionVersion: Number(version), text: 'Text', instead: '', via: 'own', how: '', day: null, answer: '' },
    ...{
      readAt: marks.includes('read') ? at : null,
      answeredAt: null,
      withdrawnAt: marks.includes('back') ? at : null,
    },
  };
}
function review(lines: string[], changes: [ReviewSection, number, string][] = []): Review {
  serial = 0;
  return {
    ...{ minutesId: 'm', releasedAt: '2027-03-01T09:00:00.000Z', lastDay: '2027-03-26', remindAt: null },
    readers: ['a', 'b', 'none'].map((participantId) => ({
      ...{ participantId, sections: participantId === 'none' ? [] : sections, told: 'mail' as const },
    })),
    changes: changes.map(([section, version, lastDay]) => ({
      section,
      version,
      lastDay,
      at: '2027-03-20T09:00:00.000Z',
    })),
    answers: lines.map(answer),
  };
}
const a = { participantId: 'a', sections, told: 'mail' as const };
const everything = ['a approved goal', 'a approved ability', 'b approved goal', 'b approved ability'];
const changed: [ReviewSection, number, string][] = [['ability', 1, '2027-04-02']];

describe('states.md Minutes and section approval', () => {
  test.each([
    ['draft', 'release', 'review'],
    ['review', 'reopen', 'draft'],
    ['review', 'finalise', 'finalised'],
    ['draft', 'reopen', 'not_now'],
    ['review', 'release', 'not_now'],
    ['draft', 'finalise', 'reason_needed'],
    ['finalised', 'release', 'finalised'],
    ['finalised', 'reopen', 'finalised'],
  ] as const)('%s %s → %s', (state, move, to) => {
    const moved = moveMinutes(state, move, '');
    expect(moved.ok ? moved.value : moved.code).toBe(to);
  });

  test.each<[string, string[], [ReviewSection, number, string][], string]>([
    ['nothing said', [], [], 'none silent'],
    ['all approved', ['a approved goal', 'a approved ability'], [], 'approved approved'],
    ['one of two', ['a approved ability'], [], 'approved partly'],
    ['an objection', ['a approved goal', 'a objected ability'], [], 'objected objected'],
    ['an addition is no word about the text', ['a added ability'], [], 'none silent'],
    ['somebody else’s', ['b approved ability'], [], 'none silent'],
    ['taken back', ['a objected ability 0 back'], [], 'none silent'],
    [
      'taken back and approved',
      ['a objected ability 0 back', 'a approved ability', 'a approved goal'],
      [],
      'approved approved',
    ],
    ['approved before it was changed', ['a approved goal', 'a approved ability'], changed, 'none partly'],
    ['approved after it was changed', ['a approved goal', 'a approved ability 1'], changed, 'approved approved'],
    ['objected, changed and silent', ['a approved goal', 'a objected ability'], changed, 'none objected'],
    [
      'objected, changed and approved',
      ['a approved goal', 'a objected ability', 'a approved ability 1'],
      changed,
      'approved approved',
    ],
  ])('%s', (_name, lines, changes, expected) => {
    const one = review(lines, changes);
    expect(`${approvalOf(one, 'a', 'ability').state} ${wordOf(one, a).state}`).toBe(expected);
  });

  test('who may read nothing is not asked', () => {
    expect(wordOf(review([]), { ...a, participantId: 'none', sections: [] }).state).toBe('not_asked');
  });

  test('a change asks again about its own section alone', () => {
    const one = review(everything, changed);
    expect(leftToApprove(one, a)).toEqual(['ability']);
    expect([wordingOf(review(everything), sections), wordingOf(one, sections)]).toEqual([
      'goal.0 ability.0',
      'goal.0 ability.1',
    ]);
  });
});

describe('when minutes can be locked', () => {
  const day = (date: string) => `${date}T09:00:00.000Z`;
  test.each<[string, string[], [ReviewSection, number, string][], string, string]>([
    ['somebody is silent', ['a approved goal'], [], day('2027-03-26'), 'review_open'],
    ['the last minute of the last day in Stockholm', [], [], '2027-03-26T22:59:00.000Z', 'review_open'],
    ['the first of the day after', [], [], '2027-03-26T23:00:00.000Z', 'ok'],
    ['all have answered before it', everything, [], day('2027-03-20'), 'ok'],
    [
      'an objection is an answer, once it is read',
      ['a objected goal 0 read', ...everything.slice(1)],
      [],
      day('2027-03-20'),
      'ok',
    ],
    [
      'an objection that nobody has read',
      ['a objected goal', ...everything.slice(1)],
      [],
      day('2027-04-20'),
      'unread_objections',
    ],
    ['an addition that nobody has read', [...everything, 'b added goal'], [], day('2027-04-20'), 'unread_objections'],
    ['one that was taken back unread', ['a objected goal 0 back', ...everything], [], day('2027-03-20'), 'ok'],
    ['a section that was changed waits for its own last day', everything, changed, day('2027-03-27'), 'review_open'],
    // Summer time begins on the 28th: the day ends an hour earlier in UTC.
    ['in summer time', everything, changed, '2027-04-02T22:00:00.000Z', 'ok'],
    [
      'and all have answered again',
      [...everything, 'a approved ability 1', 'b approved ability 1'],
      changed,
      day('2027-03-27'),
      'ok',
    ],
  ])('%s', (_name, lines, changes, now, expected) => {
    const may = mayFinalise(review(lines, changes), now);
    expect(may.ok ? 'ok' : may.code).toBe(expected);
  });

  test('what was never out is not judged here', () => {
    expect(mayFinalise(null, day('2027-03-01')).ok).toBe(true);
    expect(isOver(review([]), day('2027-03-27'))).toBe(true);
    expect(endOf(review([], [['goal', 1, '2027-03-10']]))).toBe('2027-03-26');
  });

  test('what stands goes into the minutes, with everybody’s word', () => {
    const lines = [
      'a objected goal 0 read',
      'b objected ability 0 read',
      'b approved ability 1',
      'a added ability 0 read',
      'a objected ability 0 back',
    ];
    const one = review(lines, changed);
    expect(standing(one).map(({ id }) => id)).toEqual(['answer-1', 'answer-4']);
    expect(unread(one)).toEqual([]);
    const known = ['a', 'b', 'none'].map((id) => participant({ id }));
    const record = recordOf(one, known, '2027-04-20');
    expect(record.objections.map(({ kind, section }) => `${kind} ${section}`)).toEqual([
      'objected goal',
      'added ability',
    ]);
    expect([...record.words].map(([id, { state }]) => `${id} ${state}`)).toEqual([
      'a objected',
      'b partly',
      'none not_asked',
    ]);
    expect(record.review).toMatchObject({
      lastDay: '2027-04-02',
      answers: ['answer-1', 'answer-2', 'answer-3', 'answer-4', 'answer-5'],
    });
    // Nobody could answer longer than the text was out.
    expect(recordOf(one, known, '2027-03-20').review.lastDay).toBe('2027-03-20');
  });
});

describe('what may be answered', () => {
  test.each([
    ['approved', 'goal', 'ok'],
    ['approved', 'ability', 'objected'],
    ['objected', 'ability', 'ok'],
    ['added', 'ability', 'ok'],
    ['objected', 'sip', 'section'],
    ['approved', 'sip', 'section'],
  ] as const)('%s of %s: %s', (kind, section, expected) => {
    const may = mayAnswer(review(['a objected ability']), a, { kind, section });
    expect(may.ok ? 'ok' : may.code).toBe(expected);
  });
});

describe('days', () => {
  test.each([
    // Christmas, New Year, Epiphany.
    ['2026-12-18', '2027-01-08', '2026-12-29'],
    // Easter and the change to summer time.
    ['2027-03-18', '2027-04-05', '2027-03-25'],
    ['2027-06-18', '2027-07-05', '2027-06-28'],
  ])('from %s: until %s, again until %s', (today, usual, again) => {
    expect([usualLastDay(today), usualLastDayAgain(today)]).toEqual([usual, again]);
  });

  test.each([
    ['2027-03-18', false, 'notAfterToday'],
    ['2027-03-19', false, 'ok'],
    ['2027-05-17', false, 'ok'],
    ['2027-05-18', false, 'tooFarReview'],
    ['2027-03-20', true, 'tooSoon'],
    ['2027-03-21', true, 'ok'],
  ] as const)('%s, again %s: %s', (day, again, expected) => {
    const checked = checkLastDay(day, '2027-03-18', again);
    expect(checked.ok ? 'ok' : checked.code).toBe(expected);
  });

  test.each([
    ['a Friday', '2027-04-09', '2027-04-01T09:00:00.000Z', '2027-04-08T06:00:00.000Z'],
    ['the Tuesday after Easter', '2027-03-30', '2027-03-18T09:00:00.000Z', '2027-03-25T07:00:00.000Z'],
    ['a Sunday', '2027-04-11', '2027-04-01T09:00:00.000Z', '2027-04-09T06:00:00.000Z'],
    ['tomorrow', '2027-04-02', '2027-04-01T09:00:00.000Z', null],
  ])('reminds before %s', (_name, lastDay, now, expected) => {
    expect(remindAt(lastDay, now)).toBe(expected);
  });
});

describe('who is asked', () => {
  test.each([
    ['PERSON', 'absent', 'yes', true],
    ['ARBG', 'present', 'yes', true],
    ['ARBG', '', 'not_asked', true],
    ['ARBG', 'absent', 'yes', false],
    ['ARBG', 'present', 'no', false],
    ['FK', 'present', 'yes', false],
    ['TOLK', 'present', 'yes', false],
  ] as const)('%s, %s, view %s: %s', (party, attendance, view, expected) => {
    expect(isAsked({ party, view }, attendance)).toBe(expected);
  });
});

describe('what each reads', () => {
  const content = {
    document: { templateVersion: 2, caseNumber: '2027/1', finalisedAt: '' },
    individual: { name: 'Tove Ask', number: null },
    meeting: { id: 'm', kind: 'reconciliation', purpose: 'Nästa steg.', startsAt: null, endsAt: null, heldAt: null },
    participants: [
      { party: 'ARBG', name: 'Lena', title: '', organisation: 'Verkstaden', attendance: 'present' },
      { party: 'PV', name: 'Vera', title: '', organisation: 'Vårdcentralen', attendance: 'present' },
    ],
    texts: { canDo: 'Sitta.', 'question-measures-said': 'Värk.', ownWords: 'Jag vill.', rehabilitation: 'yes' },
    taken: [{ question: 'Vem ringer?', by: '', where: '' }],
    measures: [
      {
        id: 'x',
        number: 1,
        text: 'En stol',
        goal: '',
        carriedOutBy: 'ARBG',
        person: '',
        followedUpBy: null,
        due: null,
      },
    ],
  } as unknown as MinutesContent;
  const party: CaseParty = { id: 'p', caseId: 'c', party: 'ARBG', organisation: 'Verkstaden' };
  const yes = (kinds: InformationKind[]): Consent[] => [
    {
      id: 'k',
      partyId: 'p',
      act: 'given',
      kinds,
      until: '2027-12-31',
      exclusions: '',
      at: '2027-01-01T00:00:00.000Z',
    } as unknown as Consent,
  ];

  test.each<[string, Parameters<typeof readableBy>[1], InformationKind[], ReviewSection[]]>([
    [
      'the person, all of it',
      'person',
      [],
      ['participants', 'measures', 'ability', 'own_words', 'rehabilitation', 'taken_away', 'agreed_measures'],
    ],
    ['nobody known, nothing', null, ['work', 'measures', 'health', 'social', 'contact'], []],
    ['a party without a yes, nothing', party, [], []],
    ['work', party, ['work'], ['ability']],
    ['measures, and questions taken away', party, ['measures'], ['taken_away', 'agreed_measures']],
    ['measures and health', party, ['measures', 'health'], ['measures', 'taken_away', 'agreed_measures']],
    [
      'everything but what is withheld from all',
      party,
      ['work', 'measures', 'health', 'social', 'contact'],
      ['participants', 'measures', 'ability', 'own_words', 'taken_away', 'agreed_measures'],
    ],
  ])('%s', (_name, reading, kinds, expected) => {
    expect(sectionsFor(content, reading, yes(kinds), '2027-03-18')).toEqual(expected);
    const readable = JSON.stringify(readableBy(content, reading, yes(kinds), '2027-03-18'));
    expect(readable.includes('Värk.')).toBe(expected.includes('measures'));
  });
});

describe('who is told', () => {
  const verifiedAt = '2027-03-01T09:00:00.000Z';
  test.each([
    ['a verified address', { email: 'a@b.example', verifiedAt, delivery: 'sent' }, true],
    ['one that nobody verified', { email: 'a@b.example', verifiedAt: null, delivery: null }, false],
    ['none', { email: '', verifiedAt: null, delivery: null }, false],
    [
      'one that mail came back from: the officer rings',
      { email: 'a@b.example', verifiedAt, delivery: 'bounced' },
      false,
    ],
  ] as const)('%s', (_name, { email, ...rest }, told) => {
    expect(isTold({ ...rest, person: { ...participant({ id: 'a' }).person, email } })).toBe(told);
  });

  test.each([
    ['who is silent', [], true, ['a', 'b']],
    ['not who has answered about everything', ['b approved goal', 'b objected ability'], true, ['a']],
    ['not a person who wants no reminders', [], false, ['b']],
  ])('of the last day, %s', (_name, lines, wantsReminders, expected) => {
    const people = [
      { id: 'a', party: 'PERSON' as const },
      { id: 'b', party: 'ARBG' as const },
      { id: 'none', party: 'SOC' as const },
      { id: 'never a reader', party: 'AF' as const },
    ];
    expect(silent(review(lines), people, wantsReminders).map(({ id }) => id)).toEqual(expected);
  });
});
