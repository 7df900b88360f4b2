import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route } from '../../../platform/web/route.ts';
import { plainPage } from './page.ts';
import { plainFileName, printPlainMinutes } from './render.ts';
import { locateMinutes, withContact } from './store.ts';

/** Finalised minutes in plain Swedish, to read and to send by letter. */
export function plainMinutesRoutes({ engine, reply, texts }: House): Route[] {
  const read = (c: Ctx) =>
    view(engine, caller(c), {
      action: 'document.read',
      locate: (reads) => locateMinutes(reads, c.req.param('id') ?? ''),
      read: withContact,
    });

  async function show(c: Ctx) {
    const found = await read(c);
    if (!found.ok) return reply.refused(c, found.code);
    const { document, contact } = found.value;
    return reply.page(c, 'minutes/plain', plainPage(document, contact, texts.t), {
      titleKey: 'plain.min.title',
      mood: 'person',
    });
  }

  async function pdf(c: Ctx) {
    const found = await read(c);
    if (!found.ok) return reply.refused(c, found.code);
    const { document, contact } = found.value;
    const bytes = await printPlainMinutes(document.content, contact, texts.t);
    return c.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'application/pdf',
      'Content-Disposition': `inline; filename="${plainFileName(document.content, 'pdf')}"`,
      'Cache-Control': 'no-store',
    });
  }

  return [
    { method: 'get', path: '/moten/:id/protokoll/enkelt', action: 'document.read', handle: show },
    { method: 'get', path: '/moten/:id/protokoll/enkelt.pdf', action: 'document.read', handle: pdf },
  ];
}
