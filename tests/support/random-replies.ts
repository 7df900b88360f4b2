import fc from 'fast-check';
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
} from './calendar-replies.ts';

/**
 * Mails that begin as an answer of some client and end as anything: other words, other bytes, halves, two in one. `holds`
 * are UIDs of proposed times that they may be about instead, `day` is the one they are stamped on.
 */
export function randomReplies(
  invitation: Invitation,
  { day = '20261125', holds = [] }: { day?: string; holds?: string[] } = {},
): fc.Arbitrary<Buffer> {
  const said: fc.Arbitrary<Said> = fc.record(
    {
      partstat: fc.constantFrom('ACCEPTED', 'TENTATIVE', 'DECLINED', 'NEEDS-ACTION'),
      stamp: fc.integer({ min: 0, max: 86_399 }).map((second) => {
        const clock = new Date(second * 1_000).toISOString().slice(11, 19).replaceAll(':', '');
        return `${day}T${clock}Z`;
      }),
      comment: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.constant('Kan inte då')),
      proposed: fc.integer({ min: 10, max: 31 }).map((day) => ({
        start: `202612${day}T100000`,
        end: `202612${day}T110000`,
      })),
    },
    { requiredKeys: ['partstat', 'stamp'] },
  );
  const to = fc
    .record({
      sequence: fc.constantFrom(...Array<number>(4).fill(invitation.sequence), 0, 3),
      attendee: fc.constantFrom(
        ...[invitation.attendee, invitation.attendee, invitation.attendee.toUpperCase()],
        'frammande@x.example',
      ),
      organizer: fc.constantFrom(
        ...Array<string>(4).fill(invitation.organizer),
        ...[invitation.organizer.replace('+', '+x'), 'moten@localhost'],
      ),
      uid: fc.constantFrom(...Array<string>(4).fill(invitation.uid), 'annat@x.example', ...holds),
    })
    .map((change): Invitation => ({ ...invitation, ...change }));
  const whole = fc
    .tuple(fc.constantFrom(google, ios, exchange, thunderbird, bare, null), to, said)
    .map(([make, about, what]) =>
      make === null ? Buffer.from(bounce(about, google(about, what))) : Buffer.from(make(about, what)),
    );
  // What no client's answer turns into by chance.
  const delegated = `ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:ny@x.example":mailto:${invitation.attendee}`;
  const long = Buffer.alloc(1024 * 1024);
  const rare = fc.tuple(said, fc.nat(5)).map(([what, which]): Buffer => {
    if (which === 0) return bare(invitation, what, { attendee: delegated });
    if (which === 1) return bare(invitation, what, { method: 'REQUEST' });
    if (which === 2) return Buffer.from(bounce(invitation, google(invitation, what), 'delayed'));
    if (which === 3)
      return Buffer.from(letter(invitation.organizer, invitation.attendee, 'Hej', 'Auto-Submitted: auto-replied'));
    if (which === 4)
      return bare(invitation, what, { method: 'COUNTER', change: (ics) => ics.replace(/START:2026/, 'START:2016') });
    return bare(invitation, what, { change: (ics) => Buffer.concat([Buffer.from(ics), long]) });
  });
  const words = fc.constantFrom(
    'REPLY',
    'COUNTER',
    'REQUEST',
    'CANCEL',
    'ACCEPTED',
    'DELEGATED',
    'X-ODD',
    '',
    '\0',
    'å',
  );
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(120),
    add: fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map(Buffer.from),
      words.map((word) => Buffer.from(word)),
    ),
  });
  const swap = fc.tuple(
    fc.constantFrom('REPLY', 'COUNTER', 'ACCEPTED', 'SEQUENCE:', 'DTSTAMP:', 'mailto:', 'UID:', '\r\n'),
    words,
  );
  return fc.oneof(
    { weight: 3, arbitrary: whole },
    { weight: 1, arbitrary: rare },
    {
      weight: 4,
      arbitrary: fc.tuple(whole, fc.array(edit, { minLength: 1, maxLength: 5 })).map(([raw, edits]) =>
        edits.reduce((bytes, { at, cut, add }) => {
          const from = Math.floor(at * bytes.length);
          return Buffer.concat([bytes.subarray(0, from), add, bytes.subarray(from + cut)]);
        }, raw),
      ),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(whole, swap)
        .map(([raw, [word, by]]) => Buffer.from(raw.toString('latin1').replace(word, by), 'latin1')),
    },
    { weight: 1, arbitrary: fc.tuple(whole, whole).map((both) => Buffer.concat(both)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map(Buffer.from) },
    {
      weight: 1,
      arbitrary: fc
        .string({ unit: 'grapheme', maxLength: 200 })
        .map((text) => Buffer.from(letter(invitation.organizer, invitation.attendee, text))),
    },
  );
}
