import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type InformationKind, informationKinds } from '../../../kernel/information.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseParty } from '../../case/party/rules.ts';
import type { MinutesContent, Sealed } from '../../filing/document/rules.ts';
import { outline, templateOf } from '../../minutes/rules.ts';
import { placeOf } from '../../minutes/template/rules.ts';
import {
  type Copy,
  type Ground,
  type GroundCode,
  groundsFor,
  isAllowed,
  mayReserve,
  type Part,
  type Source,
} from './rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** Text keys of what stands over a part, and its words. */
function shown({ name }: Part, { participants, texts, taken, measures, objections, said }: Source) {
  const [part, entry = ''] = name.split('.');
  const words = (...list: (string | undefined)[]) => list.filter(Boolean).join('\n');
  if (part === 'objections') {
    const one = objections[Number(entry)];
    return { heading: 'app.objections', label: '', text: words(one?.name, one?.text, one?.instead, one?.answer) };
  }
  if (part === 'participants') {
    const one = participants[Number(entry)];
    return { heading: 'min.participants', label: '', text: [one?.name, one?.organisation].filter(Boolean).join(', ') };
  }
  if (part === 'measures') {
    const one = measures[Number(entry)];
    return { heading: 'min.measures', label: '', text: words(one?.text, one?.goal, one?.person) };
  }
  if (part === 'taken') {
    const one = taken[Number(entry)];
    return { heading: 'min.field.takenAway', label: '', text: words(one?.question, one?.by, one?.where) };
  }
  const text = texts[entry] ?? '';
  const from = said[name];
  const place = from && placeOf(from.template, entry);
  if (!place) return { heading: 'min.purpose', label: '', text };
  const { section, field } = place;
  return {
    heading: section.place === 'further' ? field.label : section.heading,
    label: section.fields.length > 1 && section.place !== 'further' ? field.label : '',
    text: section.code === 'own_question' ? words(texts.ownQuestion, text) : text,
  };
}

/** What would go to a party, part by part, and what stands in the way of the rest. */
export function proposalPage(
  caseId: string,
  proposal: {
    receiver: CaseParty;
    source: Source;
    parts: readonly Part[];
    consent: { exclusions: string } | null;
    seen: string;
  },
  document: string,
  form: Form,
) {
  const { receiver, source, parts } = proposal;
  const leftOut = [form.values.leaveOut ?? []].flat();
  const named = informationKinds.filter((kind) => form.values[`ground-${kind}`]);
  const kinds = new Set<InformationKind>([...parts.flatMap(({ why, missed }) => (missed ? [] : why)), ...named]);
  return {
    caseId,
    document,
    seen: proposal.seen,
    of: source.of,
    caseNumber: source.caseNumber,
    name: source.individual,
    receiver,
    exclusions: proposal.consent?.exclusions ?? '',
    parts: parts.map((part, i) => ({
      ...part,
      ...shown(part, source),
      id: `del-${i + 1}`,
      included: isAllowed(part),
      leftOut: leftOut.includes(part.name),
      sipOverall: part.name === 'texts.sipOverall',
      isDate: part.name === 'texts.followUpDate',
    })),
    none: !parts.some(isAllowed),
    lacking: informationKinds
      .filter((kind) => kinds.has(kind))
      .map((kind) => ({ kind, field: `ground-${kind}`, textField: `groundText-${kind}` })),
    grounds: groundsFor(receiver.party) as GroundCode[],
    mayReserve: mayReserve(receiver.party),
    form,
  };
}

/** The page where an officer says what to release to whom. */
export function choosePage(
  facts: {
    plan: { found: { id: string; number: string }; texts: object | null };
    parties: readonly CaseParty[];
    documents: readonly { id: string; content: MinutesContent }[];
  },
  form: Form,
) {
  const { found, texts } = facts.plan;
  return {
    caseId: found.id,
    caseNumber: found.number,
    parties: facts.parties,
    documents: facts.documents.map(({ id, content }) => ({ id, number: content.document.number })).toReversed(),
    hasPlan: texts !== null,
    form,
  };
}

type Read = {
  id: string;
  caseId: string;
  number: string;
  state: string;
  madeAt: IsoInstant;
  recalledAt: IsoInstant | null;
  recallReason: string;
  madeBy: string;
  grounds: readonly Ground[];
  content: Sealed<Copy>;
};

/** A copy as it is read. Its own party never sees a recalled one, nor on what ground it was made. */
export function copyPage(release: Read, reader: { party: boolean; self: boolean; mayRecall: boolean; list: string }) {
  const recalled = release.state === 'recalled';
  const { content } = release;
  const hidden = recalled && reader.party;
  return {
    ...reader,
    path: `${reader.list}/${release.id}`,
    caseId: release.caseId,
    number: release.number,
    recalled,
    recalledAt: release.recalledAt,
    recallReason: reader.party ? '' : release.recallReason,
    madeAt: release.madeAt,
    madeBy: release.madeBy,
    grounds: reader.party ? [] : release.grounds,
    copy: hidden
      ? null
      : {
          ...content,
          texts: { purpose: '', sipOverall: '', followUpDate: '', followUpPurpose: '', ...content.texts },
          taken: content.taken ?? [],
          objections: content.objections ?? [],
          answers: content.participants.flatMap(({ name, answer }) => (answer ? [{ name, word: answer }] : [])),
          measures: content.measures.map((one) => ({ kind: null, start: null, followUpOn: null, ...one })),
          sections: outline(templateOf(content), content.texts).map((one) => ({ question: '', ...one })),
          followUp: Boolean(content.texts.followUpDate || content.texts.followUpPurpose),
        },
  };
}
