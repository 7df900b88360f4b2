import type { Translate } from '../../kernel/mail.ts';
import { printed } from '../../kernel/removal.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import type { DocumentModel } from './document.ts';
import { renderPdf } from './render.ts';

/** A document as PDF/A-3a, what was taken out of it named in words, with the same content as data inside. */
export function renderWithData(
  model: DocumentModel,
  t: Translate,
  of: { createdAt: IsoInstant; name: string; data: object },
): Promise<Uint8Array> {
  const shown = printed(model, t);
  return renderPdf(shown, {
    standard: 'a-3a',
    createdAt: of.createdAt,
    attachment: {
      name: of.name,
      json: JSON.stringify(of.data, null, 2),
      description: t('pdf.data', { title: shown.title }),
    },
  });
}
