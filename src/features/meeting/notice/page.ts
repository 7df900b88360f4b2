import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type Meeting, mayArrange } from '../rules.ts';
import { type Notice, type NoticeGiven, notedNoticeWays, noticeState, voluntaryText } from './rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const empty: Form = { values: {}, errors: {} };

/**
 * What the person is told about coming or not, as they read it and as the officer writes and notes it. `template`: the
 * text that the officer starts from; `form`: the form that came back, and which of the two it is.
 */
export function noticePage(
  meeting: Meeting,
  { latest, given }: { latest: Notice | null; given: readonly NoticeGiven[] },
  options: { self: boolean; acts: boolean; template: string; form: { of: 'text' | 'given'; form: Form } | null },
) {
  const { form } = options;
  const state = noticeState(meeting.kind, latest, given);
  const written = {
    applies: latest === null ? '' : latest.text === null ? 'no' : 'yes',
    text: latest?.text ?? options.template,
  };
  return {
    self: options.self,
    mayNote: options.acts,
    mayWrite: options.acts && mayArrange(meeting.state),
    meeting: { id: meeting.id, caseId: meeting.caseId, kind: meeting.kind, officer: meeting.officer },
    state,
    voluntary: voluntaryText(meeting.kind) ?? '',
    text: latest?.text ?? '',
    given,
    textForm: form?.of === 'text' ? form.form : { values: written, errors: {} },
    givenForm: form?.of === 'given' ? form.form : empty,
    summary: form?.form ?? empty,
    ways: notedNoticeWays,
  };
}
