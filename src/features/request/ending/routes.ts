import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { statusOf } from '../../../platform/web/reply.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { mergeAllowed } from '../rules.ts';
import { locateRequest } from '../store.ts';
import { mergeRequest } from './commands.ts';

/** Merging a request into another of the same person: a page that asks, and the act. */
export function endingRoutes(house: House): Route[] {
  const { engine, reply, texts } = house;

  async function ask(c: Ctx, into: string, refused: string | null) {
    const { actor } = caller(c);
    const seen = await view(engine, caller(c), {
      action: 'request.merge',
      locate: (reads) => locateRequest(reads, c.req.param('id') ?? ''),
      async read(reads, request) {
        const located = await locateRequest(reads, into);
        const may = located && engine.rights('request.merge', actor, located.subject).verdict === 'allowed';
        const found = may ? located.open(reads) : null;
        const other = found && mergeAllowed(request, found).ok ? found : null;
        const row = ({ id, reference, state, form, receivedAt }: typeof request) => ({
          ...{ id, reference, state, kind: form.kind, role: form.requesterRole, purpose: form.purpose, receivedAt },
        });
        return { request: row(request), other: other && row(other) };
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const code = refused ?? (seen.value.other ? null : 'merge_other');
    const error = code === null ? '' : texts.t(`err.${code}`);
    const model = { ...seen.value, error, title: texts.t('err.summary', { count: 1 }) };
    return reply.page(c, 'request/merge', model, {
      titleKey: 'request.merge.title',
      mood: 'officer',
      status: code === null ? 200 : statusOf(code),
    });
  }

  async function merge(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const { into } = await readForm(c);
    const other = typeof into === 'string' ? into : '';
    const done = await mergeRequest(engine, caller(c), id, other);
    if (done.ok) return reply.see(c, `/begaran/${id}`, 'sammanslagen');
    if (done.code === 'not_found' || done.code === 'forbidden') return reply.refused(c, done.code);
    return ask(c, other, done.code);
  }

  return [
    {
      method: 'get',
      path: '/begaran/:id/sammanslagning/:into',
      action: 'request.merge',
      handle: (c) => ask(c, c.req.param('into') ?? '', null),
    },
    { method: 'post', path: '/begaran/:id/sammanslagning', action: 'request.merge', handle: merge },
  ];
}
