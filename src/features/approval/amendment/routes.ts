import { keepRemovals, removalWords } from '../../../kernel/removal.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../../platform/web/route.ts';
import { newRows, readAmendment } from '../input.ts';
import { emptyForm, type Form } from '../page.ts';
import { rulesFor } from '../rules.ts';
import { amend, type Prints } from './commands.ts';
import { amendPage, previewPage, sheets } from './page.ts';
import { amendedContent, changesIn, wordedOf } from './rules.ts';
import { type FoundDocument, locateAmended } from './store.ts';

const idOf = (c: Ctx): string => c.req.param('id') ?? '';
const untouched = { ...emptyForm, changed: false, same: false };

/** Finalised minutes in another wording: written section by section, looked at as a difference, then filed. */
export function amendmentRoutes(house: House, prints: Prints): Route[] {
  const { engine, reply, texts } = house;
  const words = removalWords(texts.t);

  const input = (body: FormBody, { content }: FoundDocument) => {
    const worded = wordedOf(content);
    const fields = sheets(content).flatMap((section) => section.fields);
    return readAmendment(body, {
      rules: rulesFor(worded, fields),
      measures: worded.measures.map(({ id }) => id),
      keep: (field, typed) => keepRemovals(typed, worded.fields.get(field)?.text ?? '', words),
    });
  };

  const latest = (c: Ctx) =>
    view(engine, caller(c), {
      action: 'minutes.amend',
      locate: (reads) => locateAmended(reads, idOf(c)),
      read: async (_reads, found) => found,
    });

  async function ask(c: Ctx, form: Form & { changed: boolean; same: boolean }, status: 200 | 409 | 422) {
    const found = await latest(c);
    if (!found.ok) return reply.refused(c, found.code);
    return reply.page(c, 'approval/amend', amendPage(found.value, form, newRows), {
      ...{ titleKey: 'app.amend', mood: 'officer', status, scripts: ['form.js'] },
    });
  }

  /** What would be another, to be looked at before it is done. */
  async function preview(c: Ctx, body: FormBody) {
    const found = await latest(c);
    if (!found.ok) return reply.refused(c, found.code);
    const read = input(body, found.value);
    if (!read.ok) return ask(c, { ...untouched, values: { ...body, ...read.values }, errors: read.errors }, 422);
    const { content, number } = found.value;
    if (read.value.was !== '' && read.value.was !== number)
      return ask(c, { ...untouched, values: body, changed: true }, 409);
    const filing = { position: 0, lastNumber: Math.max(0, ...content.measures.map((one) => one.number)) };
    const after = amendedContent(content, read.value, { ...filing, at: '', by: '', newId: () => '' });
    const changes = changesIn(content, after);
    if (changes.length === 0) return ask(c, { ...untouched, values: body, same: true }, 422);
    return reply.page(c, 'approval/amend-preview', previewPage(found.value, changes, read.value.reason, body), {
      ...{ titleKey: 'app.amend.preview', mood: 'officer' },
    });
  }

  async function amending(c: Ctx) {
    const body = await readForm(c);
    if (body.step === 'preview') return preview(c, body);
    const change = body.step === 'edit' ? { ...untouched, values: body } : null;
    if (change) return ask(c, change, 200);
    let faults: Form = emptyForm;
    const done = await amend(
      engine,
      caller(c),
      idOf(c),
      (found) => {
        const read = input(body, found);
        if (!read.ok) faults = read;
        return read.ok ? read.value : null;
      },
      prints,
    );
    if (done.ok) return reply.see(c, `/moten/${idOf(c)}/protokoll`, 'rattat');
    const kept = { values: { ...body, ...faults.values }, errors: faults.errors, changed: false, same: false };
    if (done.code === 'fields') return ask(c, kept, 422);
    if (done.code === 'same') return ask(c, { ...kept, same: true }, 422);
    if (done.code === 'changed_by_someone_else') return ask(c, { ...kept, changed: true }, 409);
    return reply.refused(c, done.code);
  }

  const path = '/moten/:id/protokoll/rattelse';
  return [
    { method: 'get', path, action: 'minutes.amend', handle: (c) => ask(c, untouched, 200) },
    { method: 'post', path, action: 'minutes.amend', handle: amending },
  ];
}
