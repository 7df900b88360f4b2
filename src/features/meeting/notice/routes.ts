import { stockholmDate } from '../../../kernel/time.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { confirmNotice, noteNotice, writeNotice } from './commands.ts';
import { readNoticeGiven, readNoticeText } from './input.ts';
import { noticePage } from './page.ts';
import { locateNotice, readNotice } from './store.ts';

type Posted = Parameters<typeof noticePage>[2]['form'];

/** The information of SFB 110:53 and 58, where it applies: adapted by the officer, and given to the person. */
export function noticeRoutes(house: House): Route[] {
  const { engine, reply, texts } = house;
  const { t } = texts;
  const idOf = (c: Ctx) => c.req.param('id') ?? '';
  const today = () => stockholmDate(engine.clock.now());
  const path = '/moten/:id/information';
  const done = (c: Ctx, what: string) => reply.see(c, `/moten/${idOf(c)}/information`, what);
  const template = () =>
    [t('notice.p1'), t('notice.p2'), t('notice.p3'), t('notice.p4'), t('notice.p5'), t('notice.law')].join('\n\n');

  async function show(c: Ctx, form: Posted, status: 200 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'notice.see',
      locate: (reads) => locateNotice(reads, idOf(c)),
      read: async (reads, meeting) => ({ meeting, notice: await readNotice(reads, meeting.id) }),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { meeting, notice } = seen.value;
    const may = (action: 'notice.write' | 'notice.confirm') =>
      engine.rights(action, c.get('actor'), meeting.subject).verdict === 'allowed';
    const self = may('notice.confirm');
    const model = noticePage(meeting, notice, { self, acts: may('notice.write'), template: template(), form });
    return reply.page(c, 'meeting/notice', model, {
      titleKey: self ? 'notice.ownTitle' : 'notice.officerTitle',
      mood: self ? 'person' : 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  async function write(c: Ctx) {
    const input = readNoticeText(await readForm(c), today());
    if (!input.ok) return show(c, { of: 'text', form: input }, 422);
    const written = await writeNotice(engine, caller(c), idOf(c), input.value);
    return written.ok ? done(c, 'information') : reply.refused(c, written.code);
  }

  async function note(c: Ctx) {
    const input = readNoticeGiven(await readForm(c), today());
    if (!input.ok) return show(c, { of: 'given', form: input }, 422);
    const noted = await noteNotice(engine, caller(c), idOf(c), input.value);
    return noted.ok ? done(c, 'informerad') : reply.refused(c, noted.code);
  }

  async function confirm(c: Ctx) {
    const confirmed = await confirmNotice(engine, caller(c), idOf(c));
    return confirmed.ok ? done(c, 'last') : reply.refused(c, confirmed.code);
  }

  return [
    { method: 'get', path, action: 'notice.see', handle: (c) => show(c, null, 200) },
    { method: 'post', path, action: 'notice.write', handle: write },
    { method: 'post', path: `${path}/lamnad`, action: 'notice.note', handle: note },
    { method: 'post', path: `${path}/last`, action: 'notice.confirm', handle: confirm },
  ];
}
