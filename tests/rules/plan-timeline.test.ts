import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlanFacts, PlanTexts } from '../../src/features/plan/rules.ts';
import {
  cut,
  layTimeline,
  mostMeasures,
  type TimelineItem,
  timelineItems,
} from '../../src/features/plan/timeline/rules.ts';
import { removalMark } from '../../src/kernel/removal.ts';
import { addDays } from '../../src/kernel/time.ts';

const today = '2026-11-23';
const item = (
  number: number,
  from: number,
  to: number | null,
  text = 'Åtgärd',
  followUpOn: number | null = null,
): TimelineItem => ({
  ...{ what: 'measure', kind: '', number, text, state: 'planned', from: addDays(today, from) },
  to: to === null ? null : addDays(today, to),
  followUpOn: followUpOn === null ? null : addDays(today, followUpOn),
});

describe('the timeline', () => {
  const days = fc.integer({ min: -5000, max: 5000 });
  const items = fc.array(
    fc.record({
      from: days,
      to: fc.option(days),
      text: fc.string({ maxLength: 300, unit: 'grapheme' }),
      mark: fc.option(days),
    }),
    { maxLength: 80 },
  );

  test('keeps everything inside, every line on a height of its own, and labels apart', () => {
    fc.assert(
      fc.property(items, (list) => {
        const laid = layTimeline(
          list.map(({ from, to, text, mark }, i) => item(i + 1, from, to, text, mark)),
          today,
        );
        const heights = laid.rows.flatMap(({ label, word, bar }) => [label, word, bar]);
        // Text is at most 15 px high, a bar 10.
        heights.forEach((y, i) => {
          if (i > 0) expect(y - (heights[i - 1] ?? 0)).toBeGreaterThanOrEqual(8);
        });
        expect(laid.height).toBeGreaterThan((heights.at(-1) ?? 0) + 10);
        expect(laid.rows.length).toBe(Math.min(list.length, mostMeasures));
        expect(laid.left).toBe(Math.max(0, list.length - mostMeasures));
        for (const { x, width, mark, narrow } of laid.rows) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(101);
          expect(mark === null || (mark >= 0 && mark <= 100)).toBe(true);
          expect([...narrow].length).toBeLessThanOrEqual(27);
        }
        expect(laid.ticks.length).toBeLessThanOrEqual(4);
        laid.ticks.forEach(({ x }, i) => {
          expect(x).toBeGreaterThan(10);
          expect(x).toBeLessThan(90);
          // A month's label is about 60 px, and the picture at its narrowest 240.
          if (i > 0) expect(x - (laid.ticks[i - 1]?.x ?? 0)).toBeGreaterThan(18);
        });
        expect(laid.today.x).toBeGreaterThan(0);
        expect(laid.today.x).toBeLessThan(100);
      }),
      { numRuns: 60 },
    );
  });

  test('draws a measure from its first day to its last, and without one to the edge', () => {
    const [row, open] = layTimeline([item(1, -10, 10, 'x', 0), item(2, -10, null)], today).rows;
    expect(row?.x).toBeLessThan(row?.mark ?? 0);
    expect((row?.x ?? 0) + (row?.width ?? 0)).toBeGreaterThan(row?.mark ?? 100);
    expect((open?.x ?? 0) + (open?.width ?? 0)).toBe(100);
  });

  test.each([
    ['kort', 10, 'kort'],
    ['precis tio', 10, 'precis tio'],
    ['elva tecken', 10, 'elva teck…'],
    ['ord och mer', 5, 'ord…'],
    ['två\n rader', 20, 'två rader'],
    // Where a correction took text away.
    [`x ${removalMark(today)} y`, 12, 'x…'],
    [removalMark(today), 27, removalMark(today)],
  ])('cuts %j to %i letters', (text, room, expected) => {
    expect(cut(text, room)).toBe(expected);
  });

  test('holds meetings, the next follow-up and measures, and the table has the same', () => {
    const meeting = (id: string, state: string, startsAt: string | null) => ({
      id,
      kind: 'follow_up',
      state,
      startsAt,
      endsAt: null,
    });
    const measure = {
      number: 1,
      text: 'Ordna',
      meetingId: 'a',
      state: 'planned',
      due: '2026-11-01',
      start: null,
      followUpOn: null,
    };
    const facts = {
      texts: { followUpDate: '2026-12-01', builtFrom: [] } as unknown as PlanTexts,
      meetings: [
        meeting('c', 'planning', null),
        meeting('b', 'cancelled', '2026-11-12T09:00:00.000Z'),
        meeting('a', 'minuted', '2026-10-01T09:00:00.000Z'),
      ],
      measures: [measure, { ...measure, number: 2, start: '2026-10-20', due: null, state: 'done' }],
    } as unknown as PlanFacts & { texts: PlanTexts };
    expect(
      timelineItems(facts, `${today}T09:00:00.000Z`).map(({ what, from, to, state }) => [what, from, to, state]),
    ).toEqual([
      ['meeting', '2026-10-01', '2026-10-01', ''],
      ['followUp', '2026-12-01', '2026-12-01', ''],
      // It begins when it was agreed.
      ['measure', '2026-10-01', '2026-11-01', 'overdue'],
      ['measure', '2026-10-20', null, 'done'],
    ]);
  });
});
