import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import { stockholmDate } from '../../kernel/time.ts';
import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../platform/web/route.ts';
import { giveConsent, withdrawConsent } from './commands.ts';
import { readConsent, readWithdrawal } from './input.ts';
import { consentsPage, withdrawPage } from './page.ts';
import { releaseRoutes } from './release/routes.ts';
import { speakingAs } from './rules.ts';
import { locateConsents, readConsents } from './store.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** What the person lets each party know: their own pages, and the officer's, who notes what was said. */
export function consentRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const caseIdOf = (c: Ctx) => c.req.param('id') ?? '';
  const consentIdOf = (c: Ctx) => c.req.param('sid') ?? '';
  const today = () => stockholmDate(engine.clock.now());
  /** An officer notes; whoever else may do it at all speaks themselves. */
  const notes = (c: Ctx) => c.get('session')?.user.role === 'officer';

  async function show(c: Ctx, open: string | null, form: Form | null, status: 200 | 409 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'consent.see',
      locate: (reads) => locateConsents(reads, caseIdOf(c)),
      read: readConsents,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { found } = seen.value;
    const actor = c.get('actor');
    const may = (action: 'consent.give' | 'release.make') =>
      engine.rights(action, actor, found.subject).verdict === 'allowed';
    const reader = {
      self: speakingAs(actor, found.individualAccountId) !== null,
      mayGive: may('consent.give'),
      mayRelease: may('release.make'),
      today: today(),
    };
    return reply.page(c, 'consent/show', consentsPage(seen.value, reader, open, form), {
      titleKey: 'cons.title',
      mood: reader.self ? 'person' : 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  async function give(c: Ctx) {
    const body = await readForm(c);
    const party = typeof body.party === 'string' ? body.party : '';
    const input = readConsent(body, { noted: notes(c), today: today() });
    if (!input.ok) return show(c, party, input, 422);
    const given = await giveConsent(engine, caller(c), caseIdOf(c), input.value);
    if (given.ok) return reply.see(c, `/arenden/${caseIdOf(c)}/samtycken`, 'samtycke');
    if (given.code !== 'party') return reply.refused(c, given.code);
    return show(c, party, { values: body, errors: { '': { code: given.code } } }, 422);
  }

  async function asking(c: Ctx, form: Form, status: 200 | 409 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'consent.withdraw',
      locate: (reads) => locateConsents(reads, caseIdOf(c)),
      read: readConsents,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { found, consents, parties } = seen.value;
    const partyId = consents.find(({ id }) => id === consentIdOf(c))?.partyId;
    const party = parties.find(({ id }) => id === partyId);
    if (!party) return reply.error(c, 404);
    const self = speakingAs(c.get('actor'), found.individualAccountId) !== null;
    return reply.page(c, 'consent/withdraw', withdrawPage(found, party, consentIdOf(c), self, form), {
      titleKey: 'cons.withdraw',
      mood: self ? 'person' : 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  async function withdraw(c: Ctx) {
    const body = await readForm(c);
    const input = readWithdrawal(body, { noted: notes(c) });
    if (!input.ok) return asking(c, input, 422);
    const at = { caseId: caseIdOf(c), consentId: consentIdOf(c) };
    const withdrawn = await withdrawConsent(engine, caller(c), at, input.value);
    if (withdrawn.ok) return reply.see(c, `/arenden/${caseIdOf(c)}/samtycken`, 'samtycke-tillbaka');
    if (withdrawn.code !== 'changed_by_someone_else') return reply.refused(c, withdrawn.code);
    return show(c, null, { values: body, errors: { '': { code: withdrawn.code } } }, 409);
  }

  const consents = '/arenden/:id/samtycken';
  return [
    {
      method: 'get',
      path: consents,
      action: 'consent.see',
      handle: (c) => show(c, c.req.query('party') ?? null, null, 200),
    },
    { method: 'post', path: consents, action: 'consent.give', handle: give },
    {
      method: 'get',
      path: `${consents}/:sid/aterkallelse`,
      action: 'consent.withdraw',
      handle: (c) => asking(c, { values: {}, errors: {} }, 200),
    },
    { method: 'post', path: `${consents}/:sid/aterkallelse`, action: 'consent.withdraw', handle: withdraw },
    ...releaseRoutes(house),
  ];
}
