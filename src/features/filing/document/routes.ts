import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route } from '../../../platform/web/route.ts';
import { fileName } from './rules.ts';
import { type FoundDocument, locateMinutesDocument, readPdf } from './store.ts';

/** Answers with what one party was given of a meeting's minutes. */
type PartyCopy = (c: Ctx, meetingId: string, partyId: string, extension: 'pdf' | 'json') => Promise<Response>;

/** Finalised minutes as files. Before they are finalised there is nothing here, for anybody. */
export function documentRoutes(house: House, partyCopy: PartyCopy): Route[] {
  const { engine, reply } = house;

  function file(extension: 'pdf' | 'json', type: string, read: typeof readBytes): Route {
    return {
      method: 'get',
      path: `/moten/:id/protokoll.${extension}`,
      action: ['document.read', 'release.read'],
      async handle(c: Ctx) {
        // A party's own copy is a release: the whole text is never handed out in its place.
        const part = c.req.query('part');
        if (part !== undefined) return partyCopy(c, c.req.param('id') ?? '', part, extension);
        const asked = c.req.query('nr');
        const position = asked && /^\d{1,6}$/.test(asked) ? Number(asked) : undefined;
        const found = await view(engine, caller(c), {
          action: 'document.read',
          locate: (reads) => locateMinutesDocument(reads, c.req.param('id') ?? '', position),
          read: async (reads, document) => ({ document, body: await read(reads, document) }),
        });
        if (!found.ok) return reply.refused(c, found.code);
        const { document, body } = found.value;
        return c.body(body, 200, {
          'Content-Type': type,
          'Content-Disposition': `inline; filename="${fileName('protokoll', document.number, extension)}"`,
          'Cache-Control': 'no-store',
        });
      },
    };
  }

  return [
    file('pdf', 'application/pdf', readBytes),
    file('json', 'application/json; charset=utf-8', async (_reads, { content }) => JSON.stringify(content, null, 2)),
  ];
}

async function readBytes(
  reads: Parameters<typeof readPdf>[0],
  { id }: FoundDocument,
): Promise<string | Buffer<ArrayBuffer>> {
  return readPdf(reads, id);
}
