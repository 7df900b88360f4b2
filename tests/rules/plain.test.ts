import { describe, expect, test } from 'vitest';
import type { MinutesContent } from '../../src/features/filing/document/rules.ts';
import { meetingKindCodes } from '../../src/features/meeting/rules.ts';
import { plainMinutesDocument } from '../../src/features/minutes/plain/render.ts';
import { plainLead, plainMinutes } from '../../src/features/minutes/plain/rules.ts';
import { contentOf, fieldsOf } from '../../src/features/minutes/rules.ts';
import { templateVersion } from '../../src/features/minutes/template/rules.ts';
import { formatLongDate } from '../../src/kernel/time.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';

/** Minutes in plain Swedish: everything that was agreed, and nothing else of what was written. */

const { t } = loadTexts(`${viewsDir}text`);
const contact = { name: 'Sara Lindqvist', phone: '08-465 004 11', unit: 'Granvik' };
const word = (name: string) => `kanarie${name.replaceAll(/[-_]/g, '')}slut`;
const instant = '2026-11-25T10:00:00.000Z';
const templates = meetingKindCodes.flatMap((kind) =>
  Array.from({ length: templateVersion }, (_, i) => ({ kind, version: i + 1 })),
);

const measures = (['ARBG', 'PERSON', 'PV', 'ARBG'] as const).map((carriedOutBy, i) => ({
  ...{
    id: `m${i}`,
    number: i + 1,
    text: word(`measure${i}`),
    goal: word(`goal${i}`),
    carriedOutBy,
    followedUpBy: null,
  },
  ...{ person: i === 0 ? 'Kanarie Person' : '', due: i === 2 ? null : `2026-12-1${i}`, kind: null },
  ...{ start: i === 1 ? '2026-12-01' : null, followUpOn: null },
}));

/** Minutes with every field of the template written, each with a word of its own. */
function everything(template: (typeof templates)[number]): { content: MinutesContent; names: string[] } {
  const whole = { ...template, participantIds: [], asked: [], ownQuestion: word('ownQuestion') };
  const rules = [...fieldsOf(whole).values()].filter(({ name }) => !name.startsWith('attendance'));
  const fields = rules.map(({ name, type, codes }) => {
    const text = type === 'date' ? '2027-01-20' : type === 'code' ? (codes?.at(-1) ?? '') : word(name);
    return [name, { text, version: 1, by: '', at: instant }] as const;
  });
  const facts = {
    ...{ template: whole, fields: new Map(fields), participants: [], measures },
    meeting: {
      ...{ id: 'meeting', kind: template.kind, caseNumber: '2026/000001', purpose: word('purpose'), placeKind: null },
      ...{ startsAt: instant, endsAt: null, heldAt: null, unit: { name: 'Enheten' } },
      individual: { name: 'Maja Berglund', number: word('number') },
    },
  };
  const filed = { position: 1, lastNumber: 0, finalisedAt: instant, finalisedBy: word('by'), reason: word('review') };
  const content = contentOf(facts as never, { ...filed, noFollowUpReason: word('none') });
  return { content, names: rules.filter(({ type }) => type === 'text' || type === 'line').map(({ name }) => name) };
}

const told = /^(ownWords|planGoal|subGoals|takenAway|sipNeeds|followUpPurpose|assessment-motivation|taken-\d+-\w+)$/;
const isTold = (name: string) => told.test(name) || (name.startsWith('question-') && !name.endsWith('-said'));

describe.each(templates)('of a $kind written with version $version', (template) => {
  const { content, names } = everything(template);
  const parts = plainMinutes(content, contact, t);
  const lines = parts.flatMap(({ heading, groups }) => [
    heading,
    ...groups.flatMap(({ label, lines }) => [label, ...lines]),
  ]);
  const text = lines.join('\n');

  test('it says everything that was agreed, once, and nothing else that was written', () => {
    expect(names.filter(isTold).length).toBeGreaterThan(4);
    for (const name of names) expect(text.split(word(name)), name).toHaveLength(isTold(name) ? 2 : 1);
    for (const name of ['purpose', 'number', 'by', 'review']) expect(text).not.toContain(word(name));
  });

  test('it says every measure once: who, when it begins and by when, the person first', () => {
    for (const one of measures) expect(text.split(word(`measure${measures.indexOf(one)}`))).toHaveLength(2);
    const doing = parts.filter(({ heading }) =>
      [t('plain.you'), t('plain.other', { who: t('party.PV') }), t('plain.other', { who: t('party.ARBG') })]
        .concat(t('plain.otherNamed', { who: t('party.ARBG'), person: 'Kanarie Person' }))
        .includes(heading),
    );
    expect(doing.map(({ heading, groups }) => [heading, groups[0]?.lines])).toEqual([
      [
        t('plain.you'),
        [
          `${word('measure1')}\n${t('plain.starts', { date: formatLongDate('2026-12-01') })}\n${t('plain.until', { date: 'fredag 11 december 2026' })}`,
        ],
      ],
      [
        t('plain.otherNamed', { who: t('party.ARBG'), person: 'Kanarie Person' }),
        [`${word('measure0')}\n${t('plain.until', { date: 'torsdag 10 december 2026' })}`],
      ],
      [t('plain.other', { who: t('party.PV') }), [word('measure2')]],
      [
        t('plain.other', { who: t('party.ARBG') }),
        [`${word('measure3')}\n${t('plain.until', { date: 'söndag 13 december 2026' })}`],
      ],
    ]);
  });

  test('it begins with the person’s own words, and ends with when everybody meets again and whom to ring', () => {
    expect(parts[0]?.heading).toBe(t('plain.ownWords'));
    expect(parts[1]?.heading).toBe(t('plain.goal'));
    const [meet, call] = parts.slice(-2);
    expect(meet?.groups[0]?.lines).toEqual([
      'onsdag 20 januari 2027',
      word('followUpPurpose'),
      t('plain.notBooked', { reason: word('none') }),
    ]);
    expect(call?.groups[0]?.lines[0]).toContain(contact.phone);
    expect(plainLead(content, t)).toContain('onsdag 25 november 2026');
  });

  test('the document has what the page has', () => {
    const printed = JSON.stringify(plainMinutesDocument(content, contact, t));
    for (const line of lines) expect(printed).toContain(JSON.stringify(line).slice(1, -1));
  });
});

const bareMinutes = (texts: Record<string, string>, noFollowUpReason = ''): MinutesContent => {
  const { content } = everything({ kind: 'reconciliation', version: templateVersion });
  return { ...content, texts, taken: [], measures: [], document: { ...content.document, noFollowUpReason } };
};

test.each<[string, MinutesContent, [string, string[]][]]>([
  ['nothing agreed and nobody to meet again', bareMinutes({}), [[t('plain.meet'), [t('plain.noMeeting')]]]],
  [
    'no next meeting, with the reason that was given',
    bareMinutes({}, 'Alla är klara.'),
    [[t('plain.meet'), [t('plain.noMeeting'), t('plain.noMeeting.reason', { reason: 'Alla är klara.' })]]],
  ],
  [
    'two things agreed in one text: a line each',
    bareMinutes({ 'question-part_time-agreed': 'Börja på halvtid.\n\n Pröva i tre veckor. ' }),
    [
      [t('plain.agreed'), ['Börja på halvtid.', 'Pröva i tre veckor.']],
      [t('plain.meet'), [t('plain.noMeeting')]],
    ],
  ],
  [
    'own words, kept as they were said',
    bareMinutes({ ownWords: 'Jag orkar.\nInte allt.' }),
    [
      [t('plain.ownWords'), ['Jag orkar.\nInte allt.']],
      [t('plain.meet'), [t('plain.noMeeting')]],
    ],
  ],
])('%s', (_what, content, expected) => {
  const parts = plainMinutes(content, contact, t);
  const said = parts.map(({ heading, groups }) => [heading, groups.flatMap(({ lines }) => lines)]);
  expect(said).toEqual([...expected, [t('plain.call'), [t('plain.callWho', contact), t('plain.help')]]]);
});
