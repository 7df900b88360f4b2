import { readFile } from 'node:fs/promises';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { type MinutesContent, noPrevious, sealContent } from '../../src/features/filing/document/rules.ts';
import { minutesDocument, printMinutes } from '../../src/features/minutes/render.ts';
import { newSalt } from '../../src/kernel/digest.ts';
import { families } from '../../src/platform/pdf/fonts.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';
import { atLeast, inTurn, type Row } from './measure.ts';

const rounds = 9;
const documents = 40;
const createdAt = '2026-03-12T10:00:00.000Z';

/** Minutes from their content to a PDF/A-3a file, against Typst with the same template, data and fonts. */
export async function pdf(): Promise<Row[]> {
  const { t } = loadTexts(`${viewsDir}text`);
  const content = sealContent(minutes(), noPrevious, newSalt);
  const source = await readFile(`${viewsDir}documents/document.typ`, 'utf8');
  const fonts = await Promise.all(families.flatMap(({ files }) => files.map((file) => readFile(file))));
  const compiler = NodeCompiler.create({ fontArgs: [{ fontBlobs: fonts }] });
  const json = JSON.stringify(content, null, 2);
  const inputs = {
    fonts: JSON.stringify(families.map(({ name }) => name)),
    document: JSON.stringify(minutesDocument(content, t)),
    attachment: JSON.stringify({ name: 'protokoll.json', description: 'Data' }),
    json,
  };
  const typst = () => {
    const { result } = compiler.compile({ mainFileContent: source, inputs });
    if (!result) throw new Error('bench: Typst refused');
    compiler.pdf(result, { pdfStandard: 'a-3a', creationTimestamp: Date.parse(createdAt) / 1000 });
    // As we do: memory grows without it, and the same document again would cost nothing.
    compiler.evictCache(0);
  };
  const perSecond = async (make: () => unknown): Promise<number> => {
    const started = performance.now();
    for (let i = 0; i < documents; i++) await make();
    return (documents * 1000) / (performance.now() - started);
  };
  const ours = () => printMinutes(content, t, createdAt);
  await perSecond(ours);
  await perSecond(typst);
  const found = await inTurn(
    rounds,
    () => perSecond(ours),
    () => perSecond(typst),
  );
  const [a, b] = [`${found.ours.toFixed(0)}/s`, `${found.other.toFixed(0)}/s`];
  return [atLeast('minutes as PDF/A-3a against Typst alone', found.ratio, 0.8, a, b)];
}

function minutes(): MinutesContent {
  const text = 'Vi gick igenom vad som fungerar på arbetet i dag och vad som behöver ändras den närmaste tiden. ';
  const fields = ['planGoal', 'ownWords', 'canDo', 'otherNeeded', 'followUpPurpose'];
  const parties = ['PERSON', 'FK', 'ARBG', 'PV'] as const;
  return {
    document: {
      ...{ kind: 'minutes', number: '2026/000001-1', position: 1, templateVersion: 1, caseNumber: '2026/000001' },
      ...{ finalisedAt: createdAt, finalisedBy: 'Sara Lindqvist', reviewLeftOut: '', noFollowUpReason: '' },
    },
    individual: { name: 'Asta Berg', number: null },
    meeting: {
      ...{ id: '00000000-0000-7000-8000-000000000000', kind: 'reconciliation', purpose: text, placeKind: 'office' },
      ...{ unit: 'Försäkringskassan Granvik', startsAt: createdAt, endsAt: null, heldAt: createdAt },
    },
    participants: parties.map((party) => ({
      ...{ party, name: 'Bo Sund', title: '', organisation: 'Granvik Träförädling AB', attendance: 'present' },
    })),
    texts: Object.fromEntries(fields.map((field) => [field, text.repeat(4)])),
    measures: Array.from({ length: 6 }, (_, i) => ({
      ...{ id: `measure-${i}`, number: i + 1, text, goal: 'Halvtid', carriedOutBy: 'ARBG', person: 'Eva Norling' },
      ...{ followedUpBy: 'FK', due: '2026-04-01' },
    })),
  };
}
