import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { statusOf } from '../../../platform/web/reply.ts';
import { caller, type Route } from '../../../platform/web/route.ts';
import { listEvents, locateRequest } from '../store.ts';
import { answerFileName, printAnswer } from './render.ts';
import { answerOf } from './rules.ts';

/** FK's answer on paper: for a requester without e-mail, and for the case file. */
export function answerRoutes({ contact, engine, reply, texts }: House): Route[] {
  return [
    {
      method: 'get',
      path: '/begaran/:id/besked.pdf',
      action: 'request.see',
      async handle(c) {
        const found = await view(engine, caller(c), {
          action: 'request.see',
          locate: (reads) => locateRequest(reads, c.req.param('id') ?? ''),
          read: async (reads, request) => answerOf(request, await listEvents(reads, request.id)),
        });
        if (!found.ok) return reply.refused(c, found.code);
        const answer = found.value;
        if (!answer) return reply.error(c, statusOf('not_now'));
        const bytes = await printAnswer(answer, contact, texts.t);
        return c.body(new Uint8Array(bytes), 200, {
          'Content-Type': 'application/pdf',
          'Content-Disposition': `inline; filename="${answerFileName(answer, 'pdf')}"`,
          'Cache-Control': 'no-store',
        });
      },
    },
  ];
}
