import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCalendar, readMail } from '../../src/features/invitation/reply/input.ts';
import {
  type Addressed,
  judge,
  type MailRead,
  tagsOf,
  type Verdict,
  windowsZones,
} from '../../src/features/invitation/reply/rules.ts';
import type { KeptVote, Poll } from '../../src/features/meeting/poll/rules.ts';
import type { Participant } from '../../src/features/meeting/rules.ts';
import {
  bare,
  bounce,
  exchange,
  google,
  type Invitation,
  ios,
  letter,
  type Said,
  thunderbird,
} from '../support/calendar-replies.ts';
import { randomReplies } from '../support/random-replies.ts';

const now = '2026-11-25T09:00:00.000Z';
const meeting = {
  uid: 'm1@localhost',
  state: 'scheduled' as const,
  startsAt: '2026-12-18T08:00:00.000Z',
  endsAt: '2026-12-18T09:00:00.000Z',
};
const invitation: Invitation = {
  uid: meeting.uid,
  sequence: 1,
  organizer: 'moten+ab12@localhost',
  attendee: 'Lena@verkstad.example.se',
};
const participant = (change: Partial<Participant> = {}): Participant => ({
  id: 'lena',
  meetingId: 'm1',
  party: 'ARBG',
  person: { name: 'Lena Dal', title: '', organisation: '', email: 'Lena@verkstad.example.se', phone: '' },
  required: false,
  verifiedAt: now,
  verifiedHow: 'ringde',
  view: 'yes',
  answer: 'needs_action',
  answerSequence: null,
  answeredAt: null,
  answeredFor: null,
  answeredVia: null,
  comment: '',
  proposedStart: null,
  proposedEnd: null,
  proposedSequence: null,
  proposedAt: null,
  replySequence: null,
  replyStamp: null,
  delivery: 'sent',
  sentSequence: 1,
  removedAt: null,
  mailTag: 'ab12',
  linkGeneration: 1,
  version: 1,
  accountId: null,
  casePartyId: null,
  ...change,
});
const other = participant({
  id: 'bo',
  mailTag: 'cd34',
  person: { ...participant().person, email: 'bo@facket.example.se' },
});
const yes: Said = { partstat: 'ACCEPTED', stamp: '20261125T080000Z' };
const later = { start: '20261221T100000', end: '20261221T113000' };

const about = (change: Partial<Participant> = {}, more: Partial<Addressed> = {}): Addressed => ({
  meeting,
  participants: [participant(change), other],
  taggedId: 'lena',
  poll: null,
  ofHold: false,
  ...more,
});
const read = async (raw: string | Buffer): Promise<MailRead> => readMail(Buffer.from(raw));
const verdictOf = async (raw: string | Buffer, to: Addressed | null = about()): Promise<Verdict> =>
  judge(await read(raw), to, now);
const inShort = (verdict: Verdict): string =>
  verdict.end === 'processed'
    ? [verdict.code, verdict.change.answer?.answer, verdict.change.proposal?.startsAt, verdict.change.proposal?.endsAt]
        .filter(Boolean)
        .join(' ')
    : `${verdict.end} ${verdict.code}`;

describe('what each client says', () => {
  const proposing: Said = { ...yes, partstat: 'TENTATIVE', proposed: later };
  const proposed = '2026-12-21T09:00:00.000Z';
  test.each<[string, string | Buffer, string]>([
    ['Google', google(invitation, yes), 'answer accepted'],
    ['Google, another time', google(invitation, proposing), `counter tentative ${proposed} 2026-12-21T10:30:00.000Z`],
    ['iPhone', ios(invitation, yes), 'answer accepted'],
    ['iPhone, another time', ios(invitation, proposing), `counter tentative ${proposed} `],
    ['Exchange, without ORGANIZER', exchange(invitation, { ...yes, partstat: 'DECLINED' }), 'answer declined'],
    [
      'Exchange, another time',
      exchange(invitation, proposing),
      `counter tentative ${proposed} 2026-12-21T10:30:00.000Z`,
    ],
    ['Thunderbird, twin parts', thunderbird(invitation, yes), 'answer accepted'],
    ['From is an alias', bare(invitation, yes, { from: 'lena.dal@privat.example.se' }), 'answer accepted'],
    [
      'ATTENDEE in other letters',
      bare({ ...invitation, attendee: 'LENA@Verkstad.example.SE' }, yes),
      'answer accepted',
    ],
    ['MAILTO:', bare(invitation, yes, { change: (ics) => ics.replaceAll('mailto:', 'MAILTO:') }), 'answer accepted'],
    [
      'folds with TAB',
      bare(invitation, yes, { change: (ics) => ics.replace('PARTSTAT', 'PAR\r\n\tTSTAT') }),
      'answer accepted',
    ],
    ['line feeds alone', bare(invitation, yes, { change: (ics) => ics.replaceAll('\r\n', '\n') }), 'answer accepted'],
    [
      'line ends spelt out',
      bare(invitation, yes, { change: (ics) => ics.replaceAll('\r\n', '=0D=0A') }),
      'answer accepted',
    ],
    ['no METHOD in the MIME header', bare(invitation, yes, { type: 'text/calendar' }), 'answer accepted'],
    ['only attached', bare(invitation, yes, { type: 'application/octet-stream; name=invite.ics' }), 'answer accepted'],
    ['no answer', bare(invitation, { ...yes, partstat: 'NEEDS-ACTION' }), 'ignored no_answer'],
    [
      'the same time again as a COUNTER',
      exchange(invitation, { ...yes, proposed: { start: '20261218T090000', end: '20261218T100000' } }),
      'answer accepted',
    ],
    ['our own REQUEST', bare(invitation, yes, { method: 'REQUEST' }), 'ignored not_an_answer'],
    ['a bounce with our invitation in it', bounce(invitation, bare(invitation, yes)), 'bounced'],
    ['a bounce that is only a delay', bounce(invitation, bare(invitation, yes), 'delayed'), 'ignored report'],
    [
      'out of office',
      letter(invitation.organizer, 'lena@verkstad.example.se', 'Semester.', 'Auto-Submitted: auto-replied'),
      'ignored automatic',
    ],
    ['a letter', letter(invitation.organizer, 'lena@verkstad.example.se', 'Jag kommer.'), 'human letter'],
    [
      'delegation',
      bare(invitation, yes, {
        attendee: `ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:ny@x.example":mailto:${invitation.attendee}`,
      }),
      'human delegated',
    ],
    ['a stranger', bare({ ...invitation, attendee: 'frammande@x.example' }, yes), 'human stranger'],
    [
      'another participant’s name on their plus-address',
      bare({ ...invitation, attendee: 'bo@facket.example.se' }, yes),
      'human stranger',
    ],
    ['an older SEQUENCE', google({ ...invitation, sequence: 0 }, yes), 'ignored stale'],
    ['a SEQUENCE never sent', google({ ...invitation, sequence: 7 }, yes), 'human ahead'],
    ['another meeting’s UID', google({ ...invitation, uid: 'x@localhost' }, yes), 'human other_meeting'],
    ['no DTSTAMP', bare(invitation, yes, { change: (ics) => ics.replace(/DTSTAMP.*\r\n/, '') }), 'human unreadable'],
    ['half an object', bare(invitation, yes, { change: (ics) => ics.slice(0, 120) }), 'human unreadable'],
    ['no METHOD', bare(invitation, yes, { change: (ics) => ics.replace(/METHOD.*\r\n/, '') }), 'human unreadable'],
    ['garbage', Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 37) % 256)), 'human letter'],
    ['nothing', '', 'human letter'],
    ['a mail too large', Buffer.concat([bare(invitation, yes), Buffer.alloc(1024 * 1024)]), 'human too_large'],
    [
      'a time that has been',
      google(invitation, { ...proposing, proposed: { start: '20261001T100000', end: '20261001T110000' } }),
      'human proposal',
    ],
    [
      'a zone nobody knows',
      bare(invitation, yes, {
        method: 'COUNTER',
        change: (ics) =>
          ics.replace('DTSTART:', 'DTSTART;TZID=Customized Time Zone:').replace('080000Z\r\nDTEND', '080000\r\nDTEND'),
      }),
      'human proposal',
    ],
  ])('%s', async (_name, raw, expected) => {
    expect(inShort(await verdictOf(raw))).toBe(expected.trim());
  });

  test.each<[string, Buffer, string]>([
    ['UTF-8, labelled Latin-1', Buffer.from('Går åt, jaha'), 'iso-8859-1'],
    ['UTF-8 without a label', Buffer.from('Går åt, jaha'), ''],
    ['Latin-1, labelled', Buffer.from('Går åt, jaha', 'latin1'), 'iso-8859-1'],
    ['Latin-1, labelled UTF-8', Buffer.from('Går åt, jaha', 'latin1'), 'utf-8'],
    ['a label that is none', Buffer.from('Går åt, jaha', 'latin1'), 'x-nonsense'],
  ])('%s is read right', async (_name, comment, charset) => {
    const [before, after] = bare(
      invitation,
      { ...yes, comment: 'HERE' },
      { type: `text/calendar${charset && `; charset=${charset}`}` },
    )
      .toString()
      .split('HERE');
    const raw = Buffer.concat([Buffer.from(before ?? ''), comment, Buffer.from(after ?? '')]);
    const verdict = await verdictOf(raw);
    expect(verdict.end === 'processed' && verdict.change.answer?.comment).toBe('Går åt, jaha');
  });

  test('a calendar inside a forwarded mail is nobody’s answer', async () => {
    const inner = bare(invitation, yes).toString();
    const raw = letter(invitation.organizer, 'lena@verkstad.example.se', '').replace(
      /Content-Type.*/s,
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSe nedan\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n${inner}\r\n--b--\r\n`,
    );
    expect(inShort(await verdictOf(raw))).toBe('human letter');
  });

  test('a mail of too many or too large parts is for a human', async () => {
    const many = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(500)}--b--\r\n`;
    expect(inShort(await verdictOf(many))).toBe('human unreadable');
    expect(inShort(await verdictOf(`X: ${'y'.repeat(300_000)}\r\n\r\nhej`))).toBe('human unreadable');
    let deep = 'hej';
    for (let i = 0; i < 200; i++)
      deep = `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n${deep}\r\n--b${i}--\r\n`;
    expect(inShort(await verdictOf(deep))).toBe('human unreadable');
  });
});

describe('whom an answer is from', () => {
  const untagged = (change: Partial<Participant> = {}) => about(change, { taggedId: null });
  test.each<[string, string | Buffer, Addressed | null, string]>([
    ['UID and ATTENDEE, sent from that address', google(invitation, yes), untagged(), 'answer accepted'],
    [
      'UID and ATTENDEE, sent from another',
      bare(invitation, yes, { from: 'x@privat.example.se' }),
      untagged(),
      'human stranger',
    ],
    [
      'an address in a display name',
      bare(invitation, yes, { from: '"lena@verkstad.example.se" <x@privat.example.se>' }),
      untagged(),
      'human stranger',
    ],
    ['nothing that is known', google(invitation, yes), null, 'human no_meeting'],
    ['somebody removed', google(invitation, yes), about({ removedAt: now }), 'ignored removed'],
    ['somebody not invited', google(invitation, yes), about({ sentSequence: null }), 'human stranger'],
    [
      'after the meeting was called off',
      google(invitation, yes),
      about({}, { meeting: { ...meeting, state: 'cancelled' } }),
      'ignored closed',
    ],
    [
      'after it began',
      google(invitation, yes),
      about({}, { meeting: { ...meeting, startsAt: now } }),
      'ignored closed',
    ],
    ['a bounce to nobody known', bounce(invitation, ''), null, 'human bounce'],
  ])('%s', async (_name, raw, to, expected) => {
    expect(inShort(await verdictOf(raw, to))).toBe(expected);
  });

  test.each([
    [['moten+ab12@localhost'], ['ab12']],
    [['Moten+AB12@localhost'.toLowerCase(), 'moten+ab12@localhost', 'x@y.se'], ['ab12']],
    [
      ['moten@localhost', 'moten+@localhost', 'moten+a b@localhost', 'moten+ab12@elsewhere', 'andra+ab12@localhost'],
      [],
    ],
  ])('plus-addresses %j', (to, tags) => {
    expect(tagsOf(to, 'moten@localhost')).toEqual(tags);
  });
});

describe('an answer to a hold', () => {
  const option = (id: string) => ({
    ...{ id, uid: `${id}@localhost`, booked: false },
    ...{ startsAt: '2026-12-21T09:00:00.000Z', endsAt: '2026-12-21T10:00:00.000Z' },
  });
  const asked = {
    ...{ participantId: 'lena', address: 'Lena@verkstad.example.se', askedAt: now, held: true },
    ...{ delivery: 'sent' as const, answeredAt: null, remindedAt: null },
  };
  const live: Poll = {
    ...{ id: 'p', meetingId: 'm1', state: 'open', version: 1, lastDay: '2026-11-27', holds: true, createdAt: now },
    ...{ options: [option('t1'), option('t2')], asked: [asked], votes: [] },
  };
  const voted = (at: string, via: KeptVote['via'], vote: KeptVote['vote']): Partial<Poll> => ({
    votes: [{ optionId: 't1', participantId: 'lena', vote, at, via }],
  });
  const to = { ...invitation, uid: 't1@localhost', sequence: 0 };
  const unbooked: Addressed['meeting'] = { uid: 'm1@localhost', state: 'proposed', startsAt: null, endsAt: null };
  const said = (partstat: Said['partstat'], more: Partial<Said> = {}): Said => ({ ...yes, partstat, ...more });
  const held = { start: '20261221T100000', end: '20261221T110000' };

  test.each<[string, string | Buffer, Partial<Poll>, Partial<Addressed>, string]>([
    ['yes', google(to, yes), {}, {}, 'vote t1 yes'],
    ['perhaps', ios(to, said('TENTATIVE')), {}, {}, 'vote t1 if_needed'],
    ['no', exchange(to, said('DECLINED')), {}, {}, 'vote t1 no'],
    ['to another time', thunderbird({ ...to, uid: 't2@localhost' }, yes), {}, {}, 'vote t2 yes'],
    ['while the meeting has a time', google(to, yes), {}, { meeting }, 'vote t1 yes'],
    ['without a plus-address', google(to, yes), {}, { taggedId: null }, 'vote t1 yes'],
    ['newer than the one before', google(to, yes), voted('2026-11-25T07:00:00.000Z', 'mail', 'no'), {}, 'vote t1 yes'],
    ['older than it', google(to, yes), voted('2026-11-25T08:00:01.000Z', 'mail', 'no'), {}, 'ignored older'],
    [
      'older than the one by link',
      google(to, yes),
      voted('2026-11-25T08:00:01.000Z', 'link', 'no'),
      {},
      'ignored older',
    ],
    ['the same again', google(to, yes), voted('2026-11-25T08:00:00.000Z', 'mail', 'yes'), {}, 'ignored older'],
    ['another in one second', google(to, yes), voted('2026-11-25T08:00:00.000Z', 'mail', 'no'), {}, 'human same_time'],
    ['no word of it', google(to, said('NEEDS-ACTION')), {}, {}, 'ignored no_answer'],
    ['after the last day', google(to, yes), { lastDay: '2026-11-24' }, {}, 'ignored closed'],
    ['when answering has ended', google(to, yes), { state: 'closed' }, {}, 'ignored closed'],
    ['when another time was booked', google(to, yes), { state: 'booked' }, {}, 'ignored closed'],
    ['of an earlier proposal', google({ ...to, uid: 't0@localhost' }, yes), {}, { ofHold: true }, 'ignored closed'],
    ['a UID of nothing', google({ ...to, uid: 't0@localhost' }, yes), {}, {}, 'human other_meeting'],
    ['from who was not asked', google(to, yes), { asked: [] }, {}, 'human stranger'],
    ['from a stranger', google({ ...to, attendee: 'x@x.example' }, yes), {}, {}, 'human stranger'],
    ['in somebody else’s name', google({ ...to, attendee: 'bo@facket.example.se' }, yes), {}, {}, 'human stranger'],
    ['to a revision never sent', google({ ...to, sequence: 1 }, yes), {}, {}, 'human ahead'],
    ['the same time as a COUNTER', google(to, said('ACCEPTED', { proposed: held })), {}, {}, 'vote t1 yes'],
    ['another time', google(to, said('TENTATIVE', { proposed: later })), {}, {}, 'human hold_counter'],
    [
      'somebody else instead',
      bare(to, yes, { attendee: `ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:n@x.se":mailto:${to.attendee}` }),
      ...([{}, {}, 'human delegated'] as const),
    ],
    ['a bounce of what asked', bounce(to, ''), {}, {}, 'bounced'],
    [
      'a bounce to who was asked by telephone',
      bounce(to, ''),
      { asked: [{ ...asked, address: '' }] },
      {},
      'human bounce',
    ],
    ['a bounce when it is over', bounce(to, ''), { state: 'abandoned' }, {}, 'human bounce'],
  ])('%s', async (_what, raw, change, more, expected) => {
    const poll = { ...live, ...change };
    const verdict = await verdictOf(raw, about({ sentSequence: null }, { meeting: unbooked, poll, ...more }));
    const vote = verdict.end === 'processed' ? verdict.change.vote : undefined;
    expect(vote ? `${verdict.code} ${vote.optionId} ${vote.vote}` : inShort(verdict)).toBe(expected);
    if (vote) expect(vote).toMatchObject({ participantId: 'lena', at: '2026-11-25T08:00:00.000Z', via: 'mail' });
  });

  test('that is booked is an answer to the invitation, once that has gone', async () => {
    const booked: Poll = { ...live, state: 'booked' };
    const more = { meeting: { ...meeting, uid: 't1@localhost' }, poll: booked };
    expect(inShort(await verdictOf(google(to, yes), about({ sentSequence: 1 }, more)))).toBe('ignored stale');
    const answer = google({ ...to, sequence: 1 }, yes);
    expect(inShort(await verdictOf(answer, about({ sentSequence: 1 }, more)))).toBe('answer accepted');
    expect(inShort(await verdictOf(google(to, yes), about({ sentSequence: null }, more)))).toBe('ignored closed');
  });
});

describe('newer and older', () => {
  const answered = {
    answer: 'declined',
    answerSequence: 1,
    answeredVia: 'mail',
    answeredAt: '2026-11-25T08:00:00.000Z',
  } as const;
  const taken = { ...answered, replySequence: 1, replyStamp: '2026-11-25T08:00:00.000Z' };
  const proposal = {
    proposedStart: '2026-12-21T09:00:00.000Z',
    proposedSequence: 1,
    proposedAt: '2026-11-25T08:00:00.000Z',
  };
  const at = (stamp: string, partstat: Said['partstat'] = 'ACCEPTED'): Said => ({ partstat, stamp });
  test.each<[string, Said, Partial<Participant>, string]>([
    ['a newer one counts', at('20261125T080001Z'), taken, 'answer accepted'],
    ['an older one does not', at('20261125T075959Z'), taken, 'ignored older'],
    ['the same again does not', at('20261125T080000Z', 'DECLINED'), taken, 'ignored older'],
    ['another of the same second is for a human', at('20261125T080000Z'), taken, 'human same_time'],
    [
      'an earlier revision’s stamp does not matter',
      at('20261125T070000Z'),
      { ...taken, replySequence: 0, answerSequence: null },
      'answer accepted',
    ],
    ['older than the answer by link', at('20261125T075959Z'), { ...answered, answeredVia: 'link' }, 'ignored older'],
    ['newer than the answer by link', at('20261125T080500Z'), { ...answered, answeredVia: 'link' }, 'answer accepted'],
    [
      'the answer by link was to an earlier revision',
      at('20261125T075959Z'),
      { ...answered, answeredVia: 'link', answerSequence: 0 },
      'answer accepted',
    ],
    ['an older proposal', { ...at('20261125T070000Z', 'NEEDS-ACTION'), proposed: later }, proposal, 'ignored older'],
    [
      'a proposal that was turned down, again',
      { ...at('20261125T080000Z', 'NEEDS-ACTION'), proposed: later },
      { ...proposal, proposedStart: null },
      'ignored older',
    ],
    [
      'two proposals of the same second',
      { ...at('20261125T080000Z', 'NEEDS-ACTION'), proposed: { start: '20261222T100000', end: '20261222T110000' } },
      proposal,
      'human same_time',
    ],
    [
      'an old answer with a new proposal',
      { ...at('20261125T075959Z'), proposed: later },
      taken,
      'counter 2026-12-21T09:00:00.000Z 2026-12-21T10:30:00.000Z',
    ],
  ])('%s', async (_name, said, change, expected) => {
    expect(inShort(await verdictOf(google(invitation, said), about(change)))).toBe(expected);
  });

  test('a clock that runs ahead outranks nothing that is answered later', async () => {
    const verdict = await verdictOf(google(invitation, at('20991231T000000Z')));
    expect(verdict.end === 'processed' && verdict.change.answer?.stamp).toBe(now);
  });
});

test('Windows’ names stand for zones that there are, with the hours they have', () => {
  const hours = Object.entries(windowsZones).map(([name, zone]) => {
    const offset = (at: string) => Temporal.Instant.from(at).toZonedDateTimeISO(zone).offset.slice(0, 3);
    return `${name} ${offset('2026-01-15T12:00:00Z')} ${offset('2026-07-15T12:00:00Z')}`;
  });
  expect(hours).toEqual([
    'Azores Standard Time -01 +00',
    'Belarus Standard Time +03 +03',
    'Central Europe Standard Time +01 +02',
    'Central European Standard Time +01 +02',
    'E. Europe Standard Time +02 +03',
    'FLE Standard Time +02 +03',
    'GMT Standard Time +00 +01',
    'GTB Standard Time +02 +03',
    'Greenwich Standard Time +00 +00',
    'Kaliningrad Standard Time +02 +02',
    'Romance Standard Time +01 +02',
    'Russian Standard Time +03 +03',
    'Turkey Standard Time +03 +03',
    'UTC +00 +00',
    'W. Europe Standard Time +01 +02',
  ]);
});

test('a time that does not exist in its zone is no proposal', () => {
  const ics = bare(invitation, yes, {
    method: 'COUNTER',
    change: (text) => text.replace('DTSTART:20261218T080000Z', 'DTSTART;TZID=Europe/Stockholm:20270328T023000'),
  })
    .toString()
    .split('\r\n\r\n')[1];
  expect(readCalendar(ics ?? '')).toMatchObject({ kind: 'answer', proposal: 'unclear' });
});

test('1,000 random mails: each ends in one way, and none changes what no rule lets it', async () => {
  const codes: Record<string, Set<string>> = { processed: new Set(), ignored: new Set(), human: new Set() };
  await fc.assert(
    fc.asyncProperty(randomReplies(invitation), fc.boolean(), async (raw, open) => {
      const mail = await readMail(raw);
      const tagged = tagsOf(mail.to, 'moten@localhost').includes('ab12');
      const to = about(
        {
          answer: 'declined',
          answerSequence: 1,
          answeredVia: 'mail',
          replySequence: 1,
          replyStamp: '2026-11-25T08:59:00.000Z',
        },
        { taggedId: tagged ? 'lena' : null, meeting: { ...meeting, state: open ? 'scheduled' : 'cancelled' } },
      );
      const verdict = judge(mail, to, now);
      codes[verdict.end]?.add(verdict.code);
      if (verdict.end !== 'processed') return;
      const { change } = verdict;
      expect(verdict.participantId).toBe('lena');
      expect(Object.keys(change).every((key) => ['answer', 'proposal', 'bounced'].includes(key))).toBe(true);
      expect(tagged || mail.from === 'lena@verkstad.example.se').toBe(true);
      if (change.bounced) {
        expect([mail.report, tagged]).toEqual(['failed', true]);
        return;
      }
      expect(open).toBe(true);
      const { calendar } = mail;
      if (calendar?.kind !== 'answer') throw new Error('an answer out of nothing');
      expect([calendar.uid, calendar.sequence]).toEqual([meeting.uid, 1]);
      expect(calendar.attendees.some(({ address }) => address === 'lena@verkstad.example.se')).toBe(true);
      if (change.answer) {
        expect(change.answer.stamp > '2026-11-25T08:59:00.000Z' && change.answer.stamp <= now).toBe(true);
        expect(change.answer.comment.length).toBeLessThanOrEqual(1_300);
      }
      if (change.proposal) expect(change.proposal.startsAt > now).toBe(true);
    }),
    { numRuns: 1_000 },
  );
  // What there is to reach is reached.
  const ends = Object.entries(codes).map(([end, reached]) => `${end}: ${[...reached].sort().join(' ')}`);
  expect(ends).toEqual([
    'processed: answer bounced counter',
    'ignored: automatic closed no_answer not_an_answer older report stale',
    expect.stringMatching(
      /^human: ahead bounce delegated letter .*other_meeting proposal .*stranger too_large unreadable$/,
    ),
  ]);
});
