/**
 * Answers as each kind of client sends them, written after the shapes in calendar.md "Incoming answers". Every name and
 * address is invented.
 */

export type Invitation = {
  uid: string;
  sequence: number;
  organizer: string;
  attendee: string;
};
export type Said = {
  partstat: 'ACCEPTED' | 'TENTATIVE' | 'DECLINED' | 'NEEDS-ACTION';
  /** 20261125T080000Z */
  stamp: string;
  comment?: string;
  /** Local hours in Stockholm, 20261217T150000. */
  proposed?: { start: string; end: string };
};
type Make = (to: Invitation, said: Said) => string | Buffer;

const crlf = (...lines: (string | false | undefined)[]): string =>
  `${lines.filter((line) => typeof line === 'string').join('\r\n')}\r\n`;

/** The meeting's own time where a reply repeats it. */
const start = '20261218T080000Z';
const end = '20261218T090000Z';
let made = 0;

function headers(to: Invitation, from: string, ...more: string[]): string {
  made += 1;
  return crlf(
    `From: ${from}`,
    `To: ${to.organizer}`,
    `Message-ID: <reply-${made}@client.example>`,
    'Date: Wed, 25 Nov 2026 09:00:00 +0100',
    'Subject: =?UTF-8?Q?Godk=C3=A4nt=3A_M=C3=B6te?=',
    'MIME-Version: 1.0',
    ...more,
  );
}

const base64 = (text: string | Buffer): string =>
  (
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n');

const object = (method: string, event: string[], ...before: string[]): string =>
  crlf(
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Client//SE',
    `METHOD:${method}`,
    ...before,
    'BEGIN:VEVENT',
    ...event,
    'END:VEVENT',
    'END:VCALENDAR',
  );

const common = (to: Invitation, said: Said): string[] => [
  `UID:${to.uid}`,
  `SEQUENCE:${to.sequence}`,
  `DTSTAMP:${said.stamp}`,
  ...(said.comment ? [`COMMENT:${said.comment}`] : []),
];

const part = (type: string, body: string, encoding = '7bit'): string =>
  crlf(`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`, '', body);
const multipart = (boundary: string, ...parts: string[]): string =>
  `${parts.map((one) => `--${boundary}\r\n${one}`).join('')}--${boundary}--\r\n`;

/** Google: twice the same object, Auto-Submitted, and MIME says REPLY even around a COUNTER. */
export const google: Make = (to, said) => {
  const time = said.proposed
    ? [`DTSTART;TZID=Europe/Stockholm:${said.proposed.start}`, `DTEND;TZID=Europe/Stockholm:${said.proposed.end}`]
    : [`DTSTART:${start}`, `DTEND:${end}`];
  const ics = object(said.proposed ? 'COUNTER' : 'REPLY', [
    ...time,
    ...common(to, said),
    `ORGANIZER:mailto:${to.organizer}`,
    `ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=${said.partstat};CN=Gu`,
    ` dr;X-NUM-GUESTS=0:mailto:${to.attendee}`,
    'STATUS:CONFIRMED',
    'SUMMARY:Inbjudan',
  ]);
  return (
    headers(
      to,
      `Gudrun Gran <${to.attendee}>`,
      'Auto-Submitted: auto-generated',
      'Sender: Google Calendar <calendar-notification@google.example>',
      'Content-Type: multipart/mixed; boundary="mixed"',
    ) +
    crlf('') +
    multipart(
      'mixed',
      crlf('Content-Type: multipart/alternative; boundary="alt"', '') +
        multipart(
          'alt',
          part('text/plain; charset="UTF-8"; format=flowed', base64('Gudrun har svarat.'), 'base64'),
          part('text/html; charset="UTF-8"', base64('<p>Gudrun har svarat.</p>'), 'base64'),
          part('text/calendar; charset="UTF-8"; method=REPLY', ics),
        ),
      part('application/ics; name="invite.ics"', base64(ics), 'base64'),
    )
  );
};

/** iPhone: a REPLY even when it proposes another time, which then is a parameter of ATTENDEE. */
export const ios: Make = (to, said) => {
  const proposed = said.proposed
    ? `;TO-ALL-PROPOSED-NEW-TIME="DTSTART;TZID=Europe/Stockholm:${said.proposed.start}"`
    : '';
  const ics = object('REPLY', [
    `ATTENDEE;CN=Ingrid;PARTSTAT=${said.partstat}${proposed}:mailto:${to.attendee}`,
    ...common(to, said),
    `DTSTART:${start}`,
    `DTEND:${end}`,
    `ORGANIZER:mailto:${to.organizer}`,
    'REQUEST-STATUS:2.0;Success',
  ]);
  return (
    headers(to, to.attendee, 'X-Mailer: iPhone Mail (24A1)', 'Content-Type: multipart/alternative; boundary="apple"') +
    crlf('') +
    multipart(
      'apple',
      part('text/plain; charset=utf-8', 'Ingrid svarade.'),
      part('text/calendar; charset=utf-8; method=REPLY', base64(ics), 'base64'),
    )
  );
};

/** Outlook with Exchange: no ORGANIZER, Windows names of zones, an incomplete VTIMEZONE, no SUMMARY in a COUNTER. */
export const exchange: Make = (to, said) => {
  const zone = 'W. Europe Standard Time';
  const time = said.proposed ?? { start: '20261218T090000', end: '20261218T100000' };
  const ics = object(
    said.proposed ? 'COUNTER' : 'REPLY',
    [
      `ATTENDEE;PARTSTAT=${said.partstat};CN=Exa Chang:MAILTO:${to.attendee}`,
      ...common(to, said),
      `DTSTART;TZID=${zone}:${time.start}`,
      `DTEND;TZID=${zone}:${time.end}`,
      ...(said.proposed
        ? [`X-MS-OLK-ORIGINALSTART;TZID=${zone}:20261218T090000`, `X-MS-OLK-ORIGINALEND;TZID=${zone}:20261218T100000`]
        : ['SUMMARY;LANGUAGE=sv-SE:Accepterat: Möte']),
      'CLASS:PUBLIC',
      'PRIORITY:5',
      'X-MICROSOFT-CDO-APPT-SEQUENCE:0',
    ],
    'BEGIN:VTIMEZONE',
    `TZID:${zone}`,
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'END:STANDARD',
    'END:VTIMEZONE',
  );
  return (
    headers(
      to,
      `"Chang, Exa" <${to.attendee}>`,
      'X-MS-Has-Attach:',
      'Content-Language: sv-SE',
      'Content-Type: multipart/alternative; boundary="_000_ex_"',
    ) +
    crlf('') +
    multipart(
      '_000_ex_',
      part('text/plain; charset="iso-8859-1"', '=0D=0A', 'quoted-printable'),
      part(`text/calendar; charset="utf-8"; method=${said.proposed ? 'COUNTER' : 'REPLY'}`, base64(ics), 'base64'),
    )
  );
};

/** Thunderbird: the same object in the alternative and as an attachment. */
export const thunderbird: Make = (to, said) => {
  const ics = object('REPLY', [
    ...common(to, said),
    `ORGANIZER:mailto:${to.organizer}`,
    `ATTENDEE;RSVP=TRUE;PARTSTAT=${said.partstat};ROLE=REQ-PARTICIPANT:mailto:${to.attendee}`,
    `DTSTART:${start}`,
    `DTEND:${end}`,
    'SUMMARY:Möte',
  ]);
  return (
    headers(
      to,
      `Tyra Bird <${to.attendee}>`,
      'User-Agent: Mozilla Thunderbird',
      'Content-Type: multipart/mixed; boundary="tb"',
    ) +
    crlf('') +
    multipart(
      'tb',
      crlf('Content-Type: multipart/alternative; boundary="tbalt"', '') +
        multipart(
          'tbalt',
          part('text/plain; charset=UTF-8', 'Tyra kommer.'),
          part('text/calendar; method=REPLY; charset=UTF-8', base64(ics), 'base64'),
        ),
      crlf('Content-Disposition: attachment; filename=invite.ics').trimEnd() +
        `\r\n${part('application/ics; name="invite.ics"', base64(ics), 'base64')}`,
    )
  );
};

/** An answer with nothing but a calendar part, whose bytes, label and lines may be odd. */
export function bare(
  to: Invitation,
  said: Said,
  odd: {
    from?: string;
    type?: string;
    encoding?: string;
    attendee?: string;
    also?: string[];
    method?: string;
    change?(ics: string): string | Buffer;
  } = {},
): Buffer {
  const attendee = odd.attendee ?? `ATTENDEE;PARTSTAT=${said.partstat}:mailto:${to.attendee}`;
  const ics = object(odd.method ?? 'REPLY', [
    attendee,
    ...(odd.also ?? []),
    ...common(to, said),
    `ORGANIZER:mailto:${to.organizer}`,
    `DTSTART:${start}`,
    `DTEND:${end}`,
  ]);
  const type = odd.type ?? 'text/calendar; charset=utf-8; method=REPLY';
  return Buffer.concat([
    Buffer.from(
      headers(
        to,
        odd.from ?? to.attendee,
        `Content-Type: ${type}`,
        `Content-Transfer-Encoding: ${odd.encoding ?? '8bit'}`,
      ) + crlf(''),
    ),
    Buffer.from(odd.change?.(ics) ?? ics),
  ]);
}

/** What a mail server sends back, with our own invitation inside. */
export const bounce = (to: Invitation, ours: string | Buffer, action = 'failed'): string =>
  crlf(
    'From: Mail Delivery System <MAILER-DAEMON@mx.example>',
    `To: ${to.organizer}`,
    'Auto-Submitted: auto-replied',
    `Message-ID: <bounce-${++made}@mx.example>`,
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="report"',
    '',
  ) +
  multipart(
    'report',
    part('text/plain; charset=us-ascii', 'I am sorry to have to inform you that your message could not be delivered.'),
    part(
      'message/delivery-status',
      crlf(
        'Reporting-MTA: dns; mx.example',
        '',
        `Final-Recipient: rfc822; ${to.attendee}`,
        `Action: ${action}`,
        'Status: 5.1.1',
      ),
    ),
    part('message/rfc822', ours.toString()),
  );

/** A mail that somebody wrote. */
export const letter = (to: string, from: string, text: string, ...more: string[]): string =>
  crlf(
    `From: ${from}`,
    `To: ${to}`,
    `Message-ID: <letter-${++made}@client.example>`,
    'Subject: Sv: inbjudan',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    ...more,
    '',
    text,
  );
