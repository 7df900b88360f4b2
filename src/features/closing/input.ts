import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { type SectorContact, sectors } from '../meeting/contact/rules.ts';
import { type Closing, closingCodes, type MeasureOutcome, measureOutcomes, type Reach, reaches } from './rules.ts';

const textCap = 1_000;
const nameCap = 200;

/** What must be told of before a case is closed, as it stands. */
export type ToTell = {
  goals: readonly { key: string; text: string }[];
  /** Those that have not ended. */
  measures: readonly { id: string; number: number; text: string }[];
};

/** How a case is to end. Of every goal and every open measure something is said. */
export function readClosing(
  body: Record<string, string | string[]>,
  facts: ToTell,
  now: IsoInstant,
): FieldsRead<Closing> {
  const today = stockholmDate(now);
  const r = new FieldReader(body);
  /** The summary of faults calls a field by what it is about. */
  const called = (name: string, label: string): void => {
    const error = r.errors[name];
    if (error) error.params = { ...error.params, label };
  };
  const reason = r.choice('reason', closingCodes, { required: true });
  const reasonText = r.text('reasonText', { cap: nameCap, required: reason === 'other', noNumber: today });
  const ownView = r.text('ownView', { cap: textCap });
  const ownViewMissing = r.text('ownViewMissing', { cap: textCap });
  if (ownView === '' && ownViewMissing === '') r.fail('ownView', 'own_view');
  const goals = facts.goals.map(({ key, text }) => ({
    ...{ key, text, reached: r.choice(`goal-${key}`, reaches, { required: true }) as Reach },
    note: r.text(`goal-${key}-note`, { cap: textCap }),
  }));
  const measures = facts.measures.map(({ id, number, text }): MeasureOutcome => {
    const outcome = r.choice(`measure-${id}`, measureOutcomes, { required: true });
    const goesOn = outcome === 'goes_on';
    const whom = r.line(`measure-${id}-whom`, { cap: nameCap, required: goesOn });
    return { id, number, text, outcome: outcome ?? 'done', whom: goesOn ? whom : '' };
  });
  const contacts = sectors.flatMap((sector): SectorContact[] => {
    const name = r.line(`contact-${sector}`, { cap: nameCap, required: sector === 'fk' });
    const phone = r.phone(`contact-${sector}-phone`) ?? '';
    if (name !== '' && phone === '') r.fail(`contact-${sector}-phone`, 'required');
    return name === '' ? [] : [{ sector, name, phone }];
  });
  for (const { key, text } of facts.goals) called(`goal-${key}`, text);
  for (const { id, text } of facts.measures) for (const end of ['', '-whom']) called(`measure-${id}${end}`, text);
  for (const one of sectors) {
    called(`contact-${one}`, `sector.${one}`);
    called(`contact-${one}-phone`, `close.phone.${one}`);
  }
  const cancelMeetings = r.flag('cancelMeetings');
  const closesOn = r.date('closesOn', { required: true });
  if (closesOn !== null && closesOn < today) r.fail('closesOn', 'past');
  return r.done(() => ({
    ...{ reason: reason as Closing['reason'], reasonText: reason === 'other' ? reasonText : '' },
    ...{ ownView, ownViewMissing: ownView === '' ? ownViewMissing : '' },
    ...{ goals, measures, contacts, cancelMeetings, closesOn: closesOn as IsoDate },
  }));
}
