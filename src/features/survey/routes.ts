import { stockholmDate } from '../../kernel/time.ts';
import { nothingYet, view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { personalLinks } from '../../platform/web/link.ts';
import { type Ctx, caller, type Route, readForm } from '../../platform/web/route.ts';
import { answerSurvey } from './commands.ts';
import { readAnswers } from './input.ts';
import { answerPage, statisticsPage } from './page.ts';
import { periodOf } from './rules.ts';
import { type FoundLink, findLink, listCounts, locateLink } from './store.ts';

/** The survey by link, and what it says in numbers. */
export function surveyRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const { dead, byToken } = personalLinks(house, 'survey', (id) => findLink(engine.database.reads, id));

  function form(c: Ctx, token: string, { who }: FoundLink, typed: Parameters<typeof answerPage>[2], status: 200 | 422) {
    const options = { titleKey: 'survey.title', mood: 'public' as const, status, noindex: true };
    return reply.page(c, 'survey/answer', answerPage(token, who, typed), options);
  }

  const show = (c: Ctx) =>
    byToken(c, async (id, token) => {
      const seen = await view(engine, caller(c), {
        action: 'survey.answer',
        locate: (reads) => locateLink(reads, id),
        read: async (_reads, found) => found,
      });
      return seen.ok ? form(c, token, seen.value, { values: {}, errors: {} }, 200) : dead(c);
    });

  const answer = (c: Ctx) =>
    byToken(c, async (id, token, found) => {
      const input = readAnswers(await readForm(c), found.who);
      if (!input.ok) return form(c, token, found, input, 422);
      const done = await answerSurvey(engine, caller(c), id, input.value);
      return done.ok ? reply.see(c, '/enkat/tack') : dead(c);
    });

  async function statistics(c: Ctx) {
    const seen = await view(engine, caller(c), {
      action: 'statistics.see',
      locate: nothingYet,
      read: async (reads, _subject, now) => statisticsPage(await listCounts(reads, periodOf(stockholmDate(now))), now),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'survey/statistics', seen.value, { titleKey: 'survey.statistics', mood: 'officer' });
  }

  return [
    {
      method: 'get',
      path: '/enkat/tack',
      action: 'public.read',
      handle: (c) => reply.page(c, 'survey/thanks', {}, { titleKey: 'survey.thanks', mood: 'public', noindex: true }),
    },
    { method: 'get', path: '/enkat/:token', action: 'survey.answer', handle: show },
    { method: 'post', path: '/enkat/:token', action: 'survey.answer', handle: answer },
    { method: 'get', path: '/statistik', action: 'statistics.see', handle: statistics },
  ];
}
