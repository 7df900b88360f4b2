import { describe, expect, test } from 'vitest';
import {
  type LetterFacts,
  letterData,
  letterModel,
  renderLetter,
} from '../../src/features/invitation/letter/render.ts';
import { type LetterContent, letterContent } from '../../src/features/invitation/letter/rules.ts';
import {
  answersHow,
  type InvitationKind,
  invitationCalendar,
  invitationFacts,
  invitationMail,
  invitationMessage,
} from '../../src/features/invitation/mail.ts';
import {
  changeBetween,
  channelOf,
  type FixedMeeting,
  formerSelves,
  isUnsent,
  mayAnswer,
  needsLetter,
  sequenceOfChange,
  sequenceOfInvitation,
  standingAnswer,
  timeNotices,
} from '../../src/features/invitation/rules.ts';
import type { LetterKind } from '../../src/features/meeting/letter/rules.ts';
import type { Poll } from '../../src/features/meeting/poll/rules.ts';
import { type Answer, type Meeting, type Participant, placeKinds } from '../../src/features/meeting/rules.ts';
import { formatLongDate, stampAfter } from '../../src/kernel/time.ts';
import { readAttachment } from '../../src/platform/pdf/attachment.ts';
import { renderPdf } from '../../src/platform/pdf/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';
import { participant as anyone } from '../support/participant.ts';

const { t } = loadTexts('views/text');
const now = '2026-11-23T09:00:00.000Z';

const meeting: FixedMeeting = {
  id: '0198c2a4-6d1e-7c55-9a3b-2f6f0b1d7e11',
  caseId: 'kanarieid',
  caseNumber: 'kanarienummer',
  requestId: null,
  kind: 'sip',
  state: 'scheduled',
  version: 1,
  reference: 'K7M2-4QXR',
  uid: '0198c2a4-6d1e-7c55-9a3b-2f6f0b1d7e11@moten.example.se',
  sequence: 0,
  purpose: 'kanariesyfte',
  startsAt: '2026-12-17T12:00:00.000Z',
  endsAt: '2026-12-17T13:00:00.000Z',
  placeKind: 'care_centre',
  place: 'kanarieplats',
  videoUrl: 'https://video.example/kanarierum',
  interpreterLanguage: 'kanariespråk',
  interpreterBooked: false,
  plannedFor: null,
  heldAt: null,
  remindAt: null,
  wantsReminders: true,
  officer: { id: 'o', name: 'Sara Lind', phone: '08-465 004 01' },
  unit: { id: 'u', name: 'Granvik', address: 'Kontorsgatan 1, Granvik' },
  individual: { name: 'Kanarienamn', number: null, interpreterLanguage: null, protectedIdentity: false },
};

const participant = (change: Partial<Participant> = {}): Participant =>
  anyone({
    ...{ meetingId: meeting.id, comment: 'kanariesvar' },
    person: { ...anyone().person, title: 'chef', organisation: 'Verkstaden' },
    ...change,
  });
const person = (email: string) => ({ ...participant().person, email });

describe('what a change is', () => {
  const table: [string, Partial<FixedMeeting>, 'time' | 'place' | null][] = [
    ['nothing', {}, null],
    ['the beginning', { startsAt: '2026-12-17T11:00:00.000Z' }, 'time'],
    ['the end', { endsAt: '2026-12-17T13:30:00.000Z' }, 'time'],
    ['the kind of place', { placeKind: 'phone' }, 'place'],
    ['the place', { place: 'rum 2' }, 'place'],
    ['the video room', { videoUrl: '' }, 'place'],
    ['time and place', { endsAt: '2026-12-17T13:30:00.000Z', place: 'rum 2' }, 'time'],
    ['the interpreter', { interpreterBooked: true }, null],
  ];
  test.each(table)('%s', (_what, after, change) => {
    expect(changeBetween(meeting, { ...meeting, ...after })).toBe(change);
  });
});

describe('SEQUENCE', () => {
  test.each([
    ['nobody invited', 0, [], 1],
    ['all have the first', 0, [0, 0, null], 1],
    ['somebody was removed', 0, [0, 1], 2],
    ['somebody was added again', 1, [1, 1, 4], 5],
  ])('of a change, %s', (_who, current, sent, expected) => {
    expect(sequenceOfChange(current, sent, 'time')).toBe(expected);
    expect(sequenceOfChange(current, sent, 'cancel')).toBe(expected);
  });

  test.each([
    ['new', 2, [], 2],
    ['removed once', 0, [1], 2],
    ['removed long ago', 5, [1], 5],
    ['removed twice', 0, [1, 3], 4],
  ])('of the first REQUEST to somebody %s', (_who, current, cancelled, expected) => {
    expect(sequenceOfInvitation(current, cancelled)).toBe(expected);
  });

  test.each([
    [null, 0, true],
    [0, 0, false],
    [0, 1, true],
    [2, 1, false],
  ])('sent %j of a meeting at %i: unsent is %s', (sentSequence, sequence, unsent) => {
    expect(isUnsent({ sentSequence }, sequence)).toBe(unsent);
  });

  test.each<[Answer, number | null, number | null, Answer]>([
    ['accepted', 0, 0, 'accepted'],
    ['declined', 2, 2, 'declined'],
    ['accepted', 0, 1, 'needs_action'],
    ['accepted', 1, 0, 'needs_action'],
    ['accepted', null, null, 'needs_action'],
  ])('%s to %j when %j was sent stands as %s', (answer, answerSequence, sentSequence, stands) => {
    expect(standingAnswer({ answer, answerSequence, sentSequence })).toBe(stands);
  });
});

describe('how somebody is reached', () => {
  test.each([
    ['a verified address', 'a@b.example', now, 'mail'],
    ['an address nobody verified', 'a@b.example', null, 'none'],
    ['no address', '', null, 'letter'],
    ['no address, verified telephone', '', now, 'letter'],
  ] as const)('%s: %s', (_what, email, verifiedAt, channel) => {
    expect(channelOf(participant({ person: person(email), verifiedAt }))).toBe(channel);
  });

  test('those who had the same address and were told that they are out', () => {
    const gone = { removedAt: now, sentSequence: 1 };
    const rows = [
      participant({ id: 'same', ...gone }),
      participant({ id: 'other case', ...gone, person: person('LENA@verkstad.example.se') }),
      participant({ id: 'not removed', sentSequence: 1 }),
      participant({ id: 'never invited', removedAt: now }),
      participant({ id: 'another', ...gone, person: person('bo@verkstad.example.se') }),
    ];
    expect(formerSelves(participant(), rows).map(({ id }) => id)).toEqual(['same', 'other case']);
    const nobody = participant({ ...gone, person: person('') });
    expect(formerSelves(participant({ person: person('') }), [nobody])).toEqual([]);
  });
});

describe('time', () => {
  test.each([
    ['a Thursday', '2026-12-17T12:00:00.000Z', []],
    ['a Sunday', '2026-12-13T12:00:00.000Z', ['weekend']],
    ['a Saturday that is a holiday', '2026-12-26T12:00:00.000Z', ['holiday']],
    ['Friday night in Stockholm', '2026-12-11T22:30:00.000Z', []],
    ['Saturday in Stockholm', '2026-12-11T23:30:00.000Z', ['weekend']],
    ['the hour that comes twice', '2027-10-31T00:30:00.000Z', ['ambiguous', 'weekend']],
    ['the second time it comes', '2027-10-31T01:30:00.000Z', ['ambiguous', 'weekend']],
  ])('%s', (_what, startsAt, codes) => {
    expect(timeNotices(startsAt, []).map(({ code }) => code)).toEqual(codes);
    const clash = { startsAt, endsAt: startsAt };
    expect(timeNotices(startsAt, [clash])).toContainEqual({ code: 'clash', ...clash });
  });

  test.each<[Meeting['state'], string | null, string, boolean]>([
    ['scheduled', meeting.startsAt, now, true],
    ['scheduled', meeting.startsAt, '2026-12-17T11:59:59.999Z', true],
    ['scheduled', meeting.startsAt, '2026-12-17T12:00:00.000Z', false],
    ['planning', null, now, false],
    ['cancelled', meeting.startsAt, now, false],
    ['held', meeting.startsAt, now, false],
  ])('an answer to a %s meeting at %s, given %s: %s', (state, startsAt, at, may) => {
    expect(mayAnswer({ state, startsAt }, at)).toBe(may);
  });

  test.each([
    ['the first', null, '2026-11-23T09:00:00.999Z', '2026-11-23T09:00:00.999Z'],
    ['seconds later', '2026-11-23T09:00:00.999Z', '2026-11-23T09:00:01.000Z', '2026-11-23T09:00:01.000Z'],
    ['in the same second', '2026-11-23T09:00:00.100Z', '2026-11-23T09:00:00.999Z', '2026-11-23T09:00:01.100Z'],
    ['again', '2026-11-23T09:00:01.100Z', '2026-11-23T09:00:00.999Z', '2026-11-23T09:00:02.100Z'],
  ])('a stamp: %s', (_what, last, at, stamp) => {
    expect(stampAfter(last, at)).toBe(stamp);
  });
});

describe('what leaves by mail', () => {
  const facts = invitationFacts(meeting, participant(), 3, now);
  const link = 'http://localhost:3000/svar/x';
  const kinds: [InvitationKind, string, boolean][] = [
    ['request', 'Möte torsdag 17 december 2026 kl. 13.00 (K7M2-4QXR)', true],
    ['update', 'Ändrat möte: torsdag 17 december 2026 kl. 13.00 (K7M2-4QXR)', true],
    ['place', 'Ändrat möte: torsdag 17 december 2026 kl. 13.00 (K7M2-4QXR)', true],
    ['cancel', 'Inställt möte torsdag 17 december 2026 kl. 13.00 (K7M2-4QXR)', false],
    ['removed', 'Inställt möte torsdag 17 december 2026 kl. 13.00 (K7M2-4QXR)', false],
  ];

  test.each(kinds)('%s', (kind, subject, linked) => {
    const message = invitationMessage(kind, facts);
    const mail = invitationMail(message.kind, message.facts, link, 'på länken', t);
    expect(mail.subject).toBe(subject);
    expect(mail.link).toBe(linked ? link : null);
    expect(mail.paragraphs.join('\n')).not.toContain('{{');
  });

  test.each(placeKinds)('%s is named in words that point at nobody', (placeKind) => {
    const place =
      { office: meeting.unit.address, video: 'Video', phone: 'Telefon' }[placeKind as string] ?? 'Se länken';
    const mail = invitationMail('invitation.request', { ...facts, placeKind }, link, 'på länken', t);
    expect(mail.paragraphs).toContain(`Plats: ${place}`);
    const object = invitationCalendar({ ...facts, placeKind }, { link, organizer: 'm@x.se', dtstamp: now }, t);
    expect(object.location).toBe(place);
  });

  test.each([
    [false, ', på länken:'],
    [true, ', på länken eller i din kalender:'],
  ])('answers in a calendar are spoken of where they are read: %s', (read, words) => {
    const mail = invitationMail('invitation.request', facts, link, answersHow(read, t), t);
    expect(mail.paragraphs.join()).toContain(`${formatLongDate(facts.answerBy)}${words}`);
  });

  test('the facts in the outbox hold nothing about the individual, the place or others', () => {
    expect(JSON.stringify(facts).toLowerCase()).not.toMatch(/kanarie|lena dal|sip|chef/);
  });

  test('an unknown kind is a mistake, not a mail', () => {
    expect(() => invitationMail('invitation.other', facts, link, '', t)).toThrow('invitation.other');
  });
});

describe('the letter', () => {
  const times = Array.from({ length: 20 }, (_, at) => ({
    id: `${at}`,
    uid: `${at}@x`,
    startsAt: `2026-12-0${1 + (at % 9)}T12:00:00.000Z`,
    endsAt: `2026-12-0${1 + (at % 9)}T13:00:00.000Z`,
    booked: false,
  }));
  const poll: Poll = {
    ...{
      id: 'p',
      meetingId: meeting.id,
      state: 'open',
      version: 1,
      lastDay: '2026-11-27',
      holds: false,
      createdAt: now,
    },
    ...{ options: times, asked: [], votes: [] },
  };
  const contents: LetterContent[] = [
    ...(['request', 'update', 'place', 'counter_declined'] as const).map((kind) => ({ kind, meeting })),
    ...(['cancel', 'removed'] as const).map((kind) => ({ kind, startsAt: meeting.startsAt, endsAt: meeting.endsAt })),
    { kind: 'poll', poll },
  ];
  const facts = (content: LetterContent, change: Partial<Participant> = {}): LetterFacts => ({
    ...{ content, meeting, one: participant(change), notice: null, now },
    ...{ baseUrl: 'http://localhost:3000', linkKey: Buffer.alloc(32) },
  });
  const when = 'torsdag 17 december 2026, kl. 13.00–14.00';
  const slip = [
    'Från: Lena Dal',
    'Referens K7M2-4QXR',
    'göras på ett annat sätt',
    'Svarar du åt någon annan',
    'Skicka till',
  ];
  const full = [
    when,
    'kanarieplats',
    '08-465 004 01',
    '/svar/',
    'Ja, jag kommer',
    'Kanske',
    'Nej, jag kan inte',
    ...slip,
  ];

  test.each<[LetterContent['kind'], string, string[], boolean]>([
    ['request', 'Möte med Försäkringskassan', ['har bokat ett möte', ...full], true],
    ['update', 'Ny tid för ditt möte', ['svara igen', ...full], true],
    ['place', 'Ändrat möte', ['svara igen', ...full], true],
    ['counter_declined', 'Tiden du föreslog går inte', ['Mötet är kvar', ...full], true],
    ['cancel', 'Mötet är inställt', [`Mötet ${when} är inställt`, '08-465 004 01'], false],
    ['removed', 'Du behöver inte vara med på mötet', [when, '08-465 004 01'], false],
    ['poll', 'Vilka tider passar dig?', ['Kan vid behov', 'fredag 27 november 2026', '/svar/', ...slip], true],
  ])('%s: “%s”', (kind, title, words, answers) => {
    const content = contents.find((one) => one.kind === kind) as LetterContent;
    const model = letterModel(facts(content), t);
    expect(model.title).toBe(title);
    expect(model.address).toEqual(['Verkstaden', 'Lena Dal']);
    const text = JSON.stringify(model);
    for (const word of words) expect(text).toContain(word);
    expect(model.tearOff !== undefined).toBe(answers);
    // How to tell that it is genuine, in each.
    expect(text).toContain('ett nummer som du själv letar upp');
  });

  test('to the person has what the law wants them told, and says who may answer for them; to others neither', () => {
    const content = contents[0] as LetterContent;
    const notice = 'Kanarieinformation.';
    expect(JSON.stringify(letterModel({ ...facts(content, { party: 'PERSON' }), notice }, t))).toContain(notice);
    expect(JSON.stringify(letterModel(facts(content, { party: 'PERSON' }), t))).toContain('ombud');
    expect(JSON.stringify(letterModel(facts(content), t))).not.toContain('ombud');
  });

  test.each(
    (['ARBG', 'PERSON', 'TOLK'] as const).flatMap((party) => contents.map((content) => [party, content] as const)),
  )('to %s tells neither whom nor what kind of meeting it is about: %o', (party, content) => {
    const text = JSON.stringify(letterModel(facts(content, { party }), t)).toLowerCase();
    expect(text).not.toMatch(/kanarienamn|kanariesyfte|kanarienummer|kanariesvar|kanariespråk|\bsip\b|avstämningsmöte/);
  });

  test.each(
    contents,
  )('$kind is a file of both standards, with its facts and without its link inside', async (content) => {
    const one = facts(content);
    const json = readAttachment(Buffer.from(await renderLetter(one, t))) ?? '';
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(letterData(one))));
    expect(json).not.toMatch(/kanarie(namn|syfte|nummer|svar|språk)|svar\//);
    await renderPdf(letterModel(one, t), { standard: 'ua-1', createdAt: one.now });
  });

  test.each<[string, Partial<Meeting>, Partial<Participant>, LetterContent['kind'] | null, string | null]>([
    ['invited by mail, wants it on paper', {}, { sentSequence: 0 }, null, 'request'],
    ['not invited', {}, { sentSequence: null }, null, null],
    ['a change', {}, { sentSequence: 1 }, 'update', 'update'],
    ['called off', { state: 'cancelled' }, { sentSequence: 1 }, 'cancel', 'cancel'],
    ['called off, but told of nothing', { state: 'cancelled' }, { sentSequence: 1 }, 'request', null],
    ['taken out', {}, { sentSequence: 1, removedAt: now }, 'removed', 'removed'],
    ['taken out before anything was printed', {}, { sentSequence: 0, removedAt: now }, 'request', null],
    ['asked for times', { state: 'proposed' }, { sentSequence: null }, 'poll', 'poll'],
    ['asked for times that are booked, not invited', {}, { sentSequence: null }, 'poll', null],
    ['held', { state: 'held' }, { sentSequence: 0 }, 'request', null],
  ])('what is printed: %s', (_case, change, one, kind, printed) => {
    const latest = kind && { kind, startsAt: meeting.startsAt, endsAt: meeting.endsAt };
    const live = change.state === 'proposed' ? poll : null;
    expect(letterContent({ ...meeting, ...change }, participant(one), latest, live)?.kind ?? null).toBe(printed);
  });

  test.each<[string, Partial<Participant>, boolean, LetterKind, boolean]>([
    ['an address that is verified', {}, false, 'request', false],
    ['no address', { person: { ...participant().person, email: '' } }, false, 'update', true],
    ['a protected identity', {}, true, 'request', true],
    ['a protected identity, somebody who signs in', { accountId: 'a' }, true, 'request', false],
    ['a protected identity, a colleague', { party: 'FK' }, true, 'request', false],
    ['an address nobody vouches for: a change waits', { verifiedAt: null }, false, 'update', false],
    ['an address nobody vouches for: called off', { verifiedAt: null }, false, 'cancel', true],
    ['an address nobody vouches for: taken out', { verifiedAt: null }, true, 'removed', true],
  ])('who needs one: %s', (_case, change, protectedIdentity, kind, needed) => {
    const individual = { ...meeting.individual, protectedIdentity };
    expect(needsLetter({ individual }, participant(change), kind)).toBe(needed);
  });
});
