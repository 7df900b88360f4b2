import { formatLongDate, type IsoInstant } from '../../../kernel/time.ts';
import type { DocumentModel } from '../../../platform/pdf/document.ts';
import { renderWithData } from '../../../platform/pdf/with-data.ts';
import { fileName, type Translate } from '../../filing/document/rules.ts';
import type { PlanData } from '../rules.ts';
import { plainPlan, plainSections } from './rules.ts';

/** The plan in plain Swedish as PDF/A-3a, with what it says, and no more of the plan, as data inside. */
export function printPlainPlan(plan: PlanData, t: Translate, createdAt: IsoInstant): Promise<Uint8Array> {
  const { caseNumber, asOf, version } = plan.document;
  const data = {
    document: { kind: 'plan_plain', caseNumber, asOf, version },
    individual: plan.individual,
    parts: plainPlan(plan, t),
  };
  return renderWithData(plainPlanDocument(plan, t), t, {
    createdAt,
    name: plainFileName(plan, 'json'),
    data,
  });
}

export const plainFileName = ({ document }: PlanData, extension: 'pdf' | 'json'): string =>
  fileName('plan-enkelt', document.caseNumber, extension);

export function plainPlanDocument(plan: PlanData, t: Translate): DocumentModel {
  const { document, individual, contact } = plan;
  return {
    language: 'sv',
    large: true,
    title: t('plain.title'),
    authority: t('pdf.authority'),
    unit: contact.unit,
    diaryLabel: t('pdf.diary'),
    diaryNumber: document.caseNumber,
    pageLabel: t('pdf.page'),
    facts: [
      { label: t('pdf.individual'), value: individual.name },
      { label: t('pdf.diary'), value: document.caseNumber },
      { label: t('plan.asOf'), value: formatLongDate(document.asOf) },
    ],
    sections: plainSections(plainPlan(plan, t)),
    footer: t('plain.plan.footer'),
  };
}
