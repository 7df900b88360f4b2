import { isSamePerson, type User } from '../../kernel/access.ts';
import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import type { Translate } from '../../kernel/mail.ts';
import type { Party } from '../../kernel/parties.ts';
import { removalWords, showRemovals } from '../../kernel/removal.ts';
import { everyPlaceOf } from '../minutes/template/rules.ts';
import {
  type Change,
  type Correction,
  guidedKinds,
  type Holder,
  keyOf,
  mayPick,
  type Notice,
  type PlaceName,
  type TextAt,
} from './rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** Labels of fields, as they are called where they are written. */
const labels: Record<string, string> = {
  ...{ purpose: 'request.purpose', tried: 'request.tried', needs: 'request.needs', wishes: 'request.wishes' },
  ...{ ownQuestion: 'request.ownQuestion', partiesNote: 'request.partiesNote', individualContact: 'request.contact' },
  ...{ disclosureBasis: 'request.basis', reason: 'common.reason', instead: 'receipt.instead', place: 'common.place' },
  ...{ outwardText: 'decide.outgoing', disclosureGround: 'decide.disclosureGround', how: 'talk.how' },
  ...{ goOnReason: 'talk.goOn', unsafeContact: 'talk.unsafeContact', verifiedHow: 'participant.verifiedHow' },
  ...{ planGoal: 'plan.goalTitle', goal: 'plan.goalTitle', canDo: 'min.works', cannotDo: 'min.worksNot' },
  ...{ ownWords: 'min.ownWords', notAgreed: 'min.notAgreed', takenAway: 'min.field.takenAway' },
  ...{ sipNeeds: 'min.field.sipNeeds', otherNeeded: 'min.field.otherNeeded', subGoals: 'plan.subGoals' },
  ...{ employerPlan: 'min.field.employerPlan', firstDay: 'clock.field.firstDay', lastDay: 'clock.field.lastDay' },
  ...{ followUpPurpose: 'min.field.followUpPurpose', reviewLeftOut: 'min.review' },
  ...{ question: 'min.taken.question', by: 'min.taken.by', where: 'min.taken.where' },
  ...{ want: 'prep.want', canManage: 'prep.canManage', canGet: 'prep.canGet', notDiscuss: 'prep.notDiscuss' },
  ...{ title: 'prep.paperTitle', answer: 'prep.answer' },
  ...{ reasonText: 'close.reasonText', ownView: 'close.own', ownViewMissing: 'close.ownMissing' },
  whom: 'close.whom',
  ...{ noFollowUpReason: 'min.finalise.noFollowUpReason', subject: 'reply.mail.subject' },
};

function labelOf({ holder, field }: PlaceName, t: Translate): string {
  if (field === 'text' && (holder === 'measure' || holder === 'document')) return t('plan.measure');
  if (holder === 'closing' && field === 'text') return t('close.told');
  if (holder === 'goal_note') return t('plan.subGoals');
  if (labels[field]) return t(labels[field]);
  const [, , part] = /^taken-(\d+)-(\w+)$/.exec(field) ?? [];
  if (part) return t('corr.field.of', { question: t('min.field.takenAway'), part: t(`min.taken.${part}`) });
  const place = everyPlaceOf(field);
  if (!place) return t('corr.field.other');
  return t('corr.field.of', { question: t(place.section.heading), part: t(place.field.label) });
}

/** Where a text stands, in words. */
const placeText = ({ holder, field }: PlaceName, t: Translate): string =>
  t('corr.place', { holder: t(`corr.holder.${holder}`), field: labelOf({ holder, field }, t) });

/** What a correction is about: a case, or a request that has none. */
export type About = { of: 'case' | 'request'; href: string; path: string };

/** The form of a proposal: what is wrong, where it stands, why. */
export function proposePage(
  about: About,
  facts: { texts: readonly TextAt[]; reached: readonly { id: string; party: Party; name: string }[] },
  form: Form,
  t: Translate,
) {
  const words = removalWords(t);
  const byHolder = Map.groupBy(facts.texts.filter(mayPick), ({ holder }): Holder => holder);
  return {
    about,
    form,
    kinds: guidedKinds.filter((kind) => kind !== 'wrong_recipient' || facts.reached.length > 0),
    places: [...byHolder].map(([holder, texts]) => ({
      group: `corr.holder.${holder}`,
      options: texts.map((one) => ({
        value: keyOf(one),
        label: labelOf(one, t),
        help: showRemovals(one.text, words),
      })),
    })),
    reached: facts.reached.map(({ id, party, name }) => ({
      value: id,
      label: t('talk.view', { party: t(`party.${party}`), name }),
    })),
  };
}

const shown = (changes: readonly Change[], t: Translate) =>
  changes.map((one) => ({ place: placeText(one, t), before: one.text, after: one.after }));

/** What would happen, before it is proposed; what was typed goes along. */
export function previewPage(
  about: About,
  proposed: { kind: string; values: FieldValues; changes: readonly Change[]; name: string },
  t: Translate,
) {
  const kept = Object.entries(proposed.values).flatMap(([name, values]) =>
    [values].flat().map((value) => ({ name, value })),
  );
  return { about, kind: proposed.kind, name: proposed.name, kept, changes: shown(proposed.changes, t) };
}

/** One correction, as its proposer, the second person and their colleagues see it. */
export function correctionPage(
  correction: Correction & { caseNumber: string | null; reference: string | null },
  facts: { changes: readonly Change[]; seen: string; notices: readonly Notice[]; name: string },
  options: { user: Pick<User, 'id' | 'near' | 'role'>; form: Form; changed: boolean },
  t: Translate,
) {
  const { proposedBy, state, kind } = correction;
  const waits = state === 'proposed';
  const own = isSamePerson(options.user, proposedBy.id);
  const bothRoles = kind !== 'misfile' || proposedBy.role !== options.user.role;
  return {
    correction,
    waits,
    own,
    // Nobody approves their own proposal; to misfile takes an officer and a manager.
    mayApprove: waits && !own && bothRoles,
    mayReject: waits && !own,
    needsOther: waits && !own && !bothRoles,
    removes: kind === 'wrong_person' || kind === 'too_much_health',
    seen: facts.seen,
    name: facts.name,
    changes: shown(facts.changes, t),
    places: correction.places.map((place) => placeText(place, t)),
    notices: facts.notices,
    form: options.form,
    changed: options.changed,
    stateKind: waits ? 'wait' : state === 'approved' ? 'ok' : 'no',
    back: correction.caseId ? `/arenden/${correction.caseId}` : `/begaran/${correction.requestId}`,
  };
}
