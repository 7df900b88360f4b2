import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';
import { parseForm, parseLinks, validateHtml } from '../support/html.ts';

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());

const page = async (response: Response, where: string) => {
  const html = await response.text();
  await validateHtml(html, where);
  return html;
};

async function submit(fields: Record<string, string | string[]> = {}) {
  const visitor = test.visitor();
  const response = await visitor.post('/begaran', { ...goodRequest, ...fields });
  expect(response.status).toBe(303);
  return { visitor, receipt: (response.headers.get('location') ?? '').split('?')[0] ?? '' };
}

/** The id of the newest request in the queue of an officer. */
async function newest(): Promise<string> {
  const fk = await test.signIn('fk');
  const links = parseLinks(await (await fk.get('/inkorg')).text());
  return links.filter((href) => /^\/begaran\/[0-9a-f-]{36}$/.test(href)).at(-1) ?? '';
}

describe('the public form', () => {
  it('is valid, and keeps every value when something is wrong', async () => {
    const visitor = test.visitor();
    const html = await page(await visitor.get('/begaran/ny'), '/begaran/ny');
    expect(parseForm(html, '/begaran').fields.has('idempotencyKey')).toBe(true);
    const typed = {
      ...goodRequest,
      individualNumber: '19970131-2391',
      requesterEmail: 'inte en adress',
      questions: ['part_time', 'responsibility'],
      parties: ['AF', 'PV'],
      wishes: 'Helst <b>tisdag</b> & "onsdag"',
      protectedIdentity: 'on',
    };
    const response = await visitor.post('/begaran', typed);
    expect(response.status).toBe(422);
    const again = await page(response, '/begaran 422');
    const { fields } = parseForm(again, '/begaran');
    for (const [name, value] of Object.entries(typed)) expect(fields.get(name)?.values, name).toEqual([value].flat());
    expect(again).toContain('href="#f-individualNumber"');
    expect(again).toContain('href="#f-requesterEmail"');
  });

  it('asks for exactly what interfaces.md requires', async () => {
    const response = await test.visitor().post('/begaran', { requesterRole: 'PV', consent: 'no' });
    const links = [...(await response.text()).matchAll(/href="#f-([A-Za-z]+)"/g)].map((match) => match[1]);
    expect(new Set(links)).toEqual(
      new Set(['requesterName', 'requesterEmail', 'individualName', 'individualNumber', 'purpose', 'disclosureBasis']),
    );
  });

  it('makes one request however often it is sent', async () => {
    const visitor = test.visitor();
    const fields = { ...goodRequest, idempotencyKey: 'samma-nyckel-1' };
    const all = await Promise.all([1, 2, 3].map(() => visitor.post('/begaran', fields)));
    const places = all.map((response) => response.headers.get('location'));
    expect(new Set(places).size).toBe(1);
    expect(places[0]).toMatch(/^\/begaran\/kvitto\/[A-Za-z0-9_-]{40,}/);
  });

  it('says so when the form was changed and sent again', async () => {
    const visitor = test.visitor();
    const fields = { ...goodRequest, idempotencyKey: 'samma-nyckel-2' };
    const first = await visitor.post('/begaran', fields);
    const second = await visitor.post('/begaran', { ...fields, wishes: 'En ny tanke.' });
    const receipt = first.headers.get('location') ?? '';
    expect(second.headers.get('location')).toBe(receipt);
    expect(await (await visitor.get(receipt)).text()).toContain('var redan skickad');
    expect(await (await visitor.get(receipt)).text()).not.toContain('var redan skickad');
  });

  it('stores twelve digits and shows them masked', async () => {
    await submit({ individualNumber: '120129-2388', purpose: 'Maskerat nummer.' });
    const fk = await test.signIn('fk');
    const html = await (await fk.get(await newest())).text();
    expect(html).toContain('20120129-XXXX');
    expect(html).not.toMatch(/120129-?2388/);
  });
});

describe('the receipt', () => {
  it('says how it goes and nothing about the person', async () => {
    const { visitor, receipt } = await submit({ individualName: 'Kanarie Namn', purpose: 'Kanarie syfte.' });
    const html = await page(await visitor.get(receipt), 'receipt');
    expect(html).toContain('Mottagen');
    expect(html).not.toMatch(/Kanarie|120129-?2388|Nils Vester/);
    expect(html).toContain('noindex');
  });

  it('takes a supplement and a withdrawal', async () => {
    const { visitor, receipt } = await submit();
    const empty = await visitor.post(`${receipt}/komplettering`, { text: '' });
    expect(empty.status).toBe(422);
    await page(empty, 'supplement 422');
    expect((await visitor.post(`${receipt}/komplettering`, { text: 'En sak till.' })).status).toBe(303);
    expect(await (await visitor.get(receipt)).text()).not.toContain('En sak till.');
    expect((await visitor.post(`${receipt}/aterkallelse`, { reason: 'Behövs inte.' })).status).toBe(303);
    expect(await page(await visitor.get(receipt), 'receipt withdrawn')).toContain('tagit tillbaka');
    expect((await visitor.post(`${receipt}/komplettering`, { text: 'För sent.' })).status).toBe(422);
  });

  it.each(['x', 'A'.repeat(65), 'AaA_'.repeat(17)])('opens for no other token: %s', async (token) => {
    const response = await test.visitor().get(`/begaran/kvitto/${token}`);
    expect(response.status).toBe(404);
    await page(response, 'dead receipt');
  });

  it('opens for no token with one character changed', async () => {
    const { visitor, receipt } = await submit();
    const token = receipt.split('/').at(-1) ?? '';
    for (let at = 0; at < token.length; at += 4) {
      const other = token[at] === 'A' ? 'B' : 'A';
      // The last two characters of the two parts carry bits that base64url ignores.
      const forged = token.slice(0, at) + other + token.slice(at + 1);
      expect((await visitor.get(`/begaran/kvitto/${forged}`)).status, `character ${at}`).toBe(404);
    }
  });
});

describe('an officer', () => {
  it('registers a request that came another way, counted from the day it came', async () => {
    const fk = await test.signIn('fk');
    await page(await fk.get('/begaran/ny'), 'register');
    const missing = await fk.post('/begaran', { ...goodRequest, channel: '' });
    expect(missing.status).toBe(422);
    const response = await fk.post('/begaran', { ...goodRequest, channel: 'letter', receivedAt: '2026-01-07' });
    expect(response.status).toBe(303);
    const shown = await fk.get(response.headers.get('location') ?? '');
    expect(await page(shown, 'registered')).toContain('7 januari 2026');
    const coordinator = await test.signIn('koordinator');
    expect((await coordinator.post('/begaran', { ...goodRequest, channel: 'letter' })).status).toBe(403);
  });

  const decisions: [string, Record<string, string>, string[]][] = [
    ['ask', { outwardText: 'Vilken tid?' }, ['behöver veta mer', 'Vilken tid?']],
    ['hold', { reasonCode: 'awaiting_care', reason: 'hemligt skäl' }, ['Väntar till']],
    [
      'decline',
      { reasonCode: 'too_early', instead: 'Ring om en månad.', reason: 'hemligt skäl' },
      ['tagit ställning till din begäran'],
    ],
    [
      'decline',
      { reasonCode: 'too_early', instead: 'Ring om en månad.', disclosure: 'outcome', outwardText: 'Tack.' },
      ['inget möte nu', 'Ring om en månad.', 'Tack.'],
    ],
    [
      'decline',
      {
        reasonCode: 'too_early',
        instead: 'Ring om en månad.',
        disclosure: 'outcome_and_reason',
        disclosureGround: 'Personens ja.',
      },
      ['inget möte nu', 'Det är för tidigt'],
    ],
    ['confirm', { kind: 'multi_party', purpose: 'Syfte.' }, ['tagit ställning till din begäran']],
    ['confirm', { kind: 'multi_party', purpose: 'Syfte.', disclosure: 'outcome' }, ['planerar ett möte']],
  ];
  it.each(decisions)('%s %j shows the requester only what was disclosed', async (decision, fields, told) => {
    const { visitor, receipt } = await submit({ individualNumber: '', individualNumberMissing: 'on' });
    const id = await newest();
    const fk = await test.signIn('fk');
    const response = await fk.post(`${id}/beslut`, { decision, ...fields });
    expect(response.status, await response.clone().text()).toBe(303);
    await page(await fk.get(id), `decided ${decision}`);
    const html = await page(await visitor.get(receipt), `receipt ${decision}`);
    for (const text of told) expect(html).toContain(text);
    expect(html).not.toContain('hemligt skäl');
    if (told.some((text) => text.includes('tagit ställning'))) expect(html).not.toContain('Ring om en månad');
  });

  it('gets the form back with everything when something is missing', async () => {
    await submit({ individualNumber: '', individualNumberMissing: 'on' });
    const id = await newest();
    const fk = await test.signIn('fk');
    const response = await fk.post(`${id}/beslut`, { decision: 'decline', reason: 'Mitt skäl', outwardText: 'Hej' });
    expect(response.status).toBe(422);
    const html = await page(response, 'decide 422');
    expect(html).toContain('href="#f-reasonCode"');
    expect(html).toContain('href="#f-instead"');
    const { fields } = parseForm(html, `${id}/beslut`);
    expect(fields.get('reason')?.values).toEqual(['Mitt skäl']);
    expect(fields.get('decision')?.values).toEqual(['decline']);
    const late = await fk.post(`${id}/beslut`, { decision: 'hold', holdUntil: '2099-01-01' });
    expect(late.status).toBe(422);
  });

  it('is told who was first when two decide at once', async () => {
    await submit({ individualNumber: '', individualNumberMissing: 'on' });
    const id = await newest();
    const both = await Promise.all([test.signIn('fk'), test.signIn('fk2')]);
    const fields = { decision: 'confirm', kind: 'multi_party', purpose: 'Syfte.' };
    const answers = await Promise.all(both.map((officer) => officer.post(`${id}/beslut`, fields)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    const lost = answers.find(({ status }) => status === 409);
    expect(await page(lost as Response, 'decide 409')).toMatch(/(Sara Lindqvist|Omar Haddad) tog ställning/);
  });

  it('finds the same person again by number, and opens one case', async () => {
    const fk = await test.signIn('fk');
    const number = '20181231-2385';
    await submit({ individualNumber: number });
    const first = await newest();
    const fields = { decision: 'confirm', kind: 'reconciliation', purpose: 'Syfte.' };
    await fk.post(`${first}/beslut`, fields);
    await submit({ individualNumber: number });
    const second = await newest();
    const html = await (await fk.get(second)).text();
    expect(parseLinks(html)).toContain(first);
    await fk.post(`${second}/beslut`, fields);
    const cases = await Promise.all(
      [first, second].map(async (id) => {
        const meeting = parseLinks(await (await fk.get(id)).text()).find((href) => /^\/moten\/[0-9a-f-]+$/.test(href));
        return parseLinks(await (await fk.get(meeting ?? '')).text()).find((href) => href.startsWith('/arenden/'));
      }),
    );
    expect(cases[0]).toBe(cases[1]);
  });
});

describe('confirming', () => {
  const fields = { decision: 'confirm', kind: 'multi_party', purpose: 'Syfte.' };

  it('is refused to everybody but an officer of FK', async () => {
    const { receipt } = await submit({ individualNumber: '', individualNumberMissing: 'on' });
    const id = await newest();
    const token = receipt.split('/').at(-1) ?? '';
    const everybody = ['chef', 'koordinator', 'arbetsgivare', 'af', 'kommun', 'individ', 'registrator', 'admin'];
    for (const account of everybody) {
      const response = await (await test.signIn(account)).post(`${id}/beslut`, fields);
      expect([403, 404], account).toContain(response.status);
      await page(response, `refused ${account}`);
    }
    const stranger = test.visitor();
    expect([403, 404]).toContain((await stranger.post(`${id}/beslut`, fields)).status);
    for (const path of [`/begaran/kvitto/${token}/beslut`, `/begaran/${token}/beslut`, `/svar/${token}`]) {
      expect([403, 404], path).toContain((await stranger.post(path, fields)).status);
    }
    const fk = await test.signIn('fk');
    const foreign = { method: 'POST', body: new URLSearchParams(fields) };
    for (const headers of [
      { origin: 'https://annan.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin },
    ]) {
      expect((await fk.ask(`${id}/beslut`, { ...foreign, headers })).status).toBe(403);
    }
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      expect((await fk.ask(`${id}/beslut`, { method })).status, method).toBe(404);
    }
    // Still undecided after all of that; and the officer's own post, sent twice, decides once.
    expect(await (await fk.get(id)).text()).toContain('Ta ställning till begäran');
    expect((await fk.post(`${id}/beslut`, fields)).status).toBe(303);
    expect((await fk.post(`${id}/beslut`, fields)).status).toBe(409);
  });

  it('cannot be replayed after signing out', async () => {
    await submit({ individualNumber: '', individualNumberMissing: 'on' });
    const id = await newest();
    const fk = await test.signIn('fk');
    await fk.post('/logga-ut', {});
    expect([403, 404]).toContain((await fk.post(`${id}/beslut`, fields)).status);
  });
});

describe('an answer that was not disclosed', () => {
  /** What a requester can find out, by link and signed in, after one answer or the other. */
  async function everythingToldAfter(decision: Record<string, string>): Promise<string[]> {
    const coordinator = await test.signIn('koordinator');
    const sent = await coordinator.post('/begaran', {
      ...goodRequest,
      individualNumber: '',
      individualNumberMissing: 'on',
    });
    const receipt = sent.headers.get('location') ?? '';
    const id = await newest();
    const fk = await test.signIn('fk');
    expect((await fk.post(`${id}/beslut`, { ...decision, disclosure: 'nothing', reason: 'Internt.' })).status).toBe(
      303,
    );
    const stranger = test.visitor();
    const inbox = await (await coordinator.get('/inkorg')).text();
    const reference = /Begäran ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(await (await coordinator.get(id)).text())?.[1] ?? '?';
    const row = inbox.split('<tr>').find((part) => part.includes(reference)) ?? '';
    const told = [
      await page(await stranger.get(receipt), 'receipt'),
      row,
      await page(await coordinator.get(id), 'own request'),
      `${(await stranger.post(`${receipt}/aterkallelse`, { reason: '' })).status}`,
      `${(await stranger.post(`${receipt}/komplettering`, { text: 'x' })).status}`,
      await page(await stranger.get(receipt), 'receipt after'),
    ];
    const token = receipt.split('/').at(-1) ?? '';
    const secret = [token, id.split('/').at(-1) ?? '', reference];
    return told.map((text) => secret.reduce((all, word) => all.replaceAll(word, '…'), text));
  }

  it('is the same whether it was yes or no', async () => {
    const yes = await everythingToldAfter({ decision: 'confirm', kind: 'multi_party', purpose: 'Syfte.' });
    const no = await everythingToldAfter({ decision: 'decline', reasonCode: 'too_early', instead: 'Ring.' });
    expect(yes[0]).toContain('Av sekretesskäl kan vi inte berätta mer');
    expect(yes[1]).toContain('tagit ställning');
    expect(yes[3]).toBe('303');
    expect(no).toEqual(yes);
    for (const text of yes) expect(text).not.toMatch(/Sara Lindqvist|Internt/);
  });
});

describe('what cannot be read', () => {
  it.each(['/begaran', '/logga-in/demo'])('a broken multipart body to %s is no fault of ours', async (path) => {
    const headers = { origin, 'content-type': 'multipart/form-data; boundary=x' };
    const response = await test.visitor().ask(path, { method: 'POST', headers, body: 'x' });
    expect(response.status).toBe(400);
  });

  it.each(['/begaran/%00', '/moten/%0d%0aX:%20y'])('%s is no page of ours', async (path) => {
    expect((await test.visitor().get(path)).status).toBe(404);
  });
});

describe('somebody at FK who does not decide', () => {
  it.each(['admin', 'registrator'])('%s sees no more of an own request than anybody else', async (account) => {
    const user = await test.signIn(account);
    await user.post('/begaran', { ...goodRequest, individualNumber: '', individualNumberMissing: 'on' });
    const id = await newest();
    const fk = await test.signIn('fk');
    const decision = { decision: 'decline', reasonCode: 'no_capacity', instead: 'Ring.', reason: 'Internt skäl.' };
    await fk.post(`${id}/beslut`, decision);
    const html = await page(await user.get(id), `own request of ${account}`);
    expect(html).toContain('Av sekretesskäl');
    expect(html).not.toMatch(/Internt skäl|Sara Lindqvist|Vi hinner inte/);
  });
});

it('a held request that is decided is no longer held', async () => {
  await submit({ individualNumber: '', individualNumberMissing: 'on' });
  const id = await newest();
  const fk = await test.signIn('fk');
  await fk.post(`${id}/beslut`, { decision: 'hold', reasonCode: 'awaiting_care' });
  await fk.post(`${id}/beslut`, { decision: 'ask', outwardText: 'Hur gick det?' });
  const row = (await (await fk.get('/inkorg')).text()).split('<tr>').find((part) => part.includes(id)) ?? '';
  expect(row).toContain('Väntar på uppgifter');
  expect(row).not.toMatch(/till \d+ /);
});

it('one key sent for two people makes two requests', async () => {
  const fields = { ...goodRequest, idempotencyKey: 'samma-nyckel-3' };
  const visitor = test.visitor();
  const [one, other] = [
    await visitor.post('/begaran', fields),
    await visitor.post('/begaran', { ...fields, individualName: 'En Annan' }),
  ];
  expect(other.status).toBe(303);
  expect(other.headers.get('location')).not.toBe(one.headers.get('location'));
});

it('a registration without a session is not taken for a request of today', async () => {
  const response = await test
    .visitor()
    .post('/begaran', { ...goodRequest, channel: 'letter', receivedAt: '2026-01-07' });
  expect(response.status).toBe(403);
  expect(await page(response, 'expired')).toContain('Logga in igen');
});
