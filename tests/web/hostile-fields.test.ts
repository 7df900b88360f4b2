import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes } from '../../src/app.ts';
import { goalKey } from '../../src/features/plan/goal/rules.ts';
import { normaliseLine } from '../../src/kernel/text.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { origin } from '../support/app.ts';
import { kind } from '../support/database.ts';
import { parseForm } from '../support/html.ts';
import { dryRun, type Fields, goodBodies, type HostileWorld, openHostileWorld, requestOf } from './hostile-world.ts';

/** Every field of every form, one by one, with everything that nobody should type. `zqzqzq` is in all of it. */

let world: HostileWorld;
let dry: ReturnType<typeof dryRun>;
let forms: FoundForm[];
const lines: string[] = [];
beforeAll(async () => {
  world = await openHostileWorld();
  dry = dryRun(
    world.test,
    pino({ level: 'trace' }, { write: (line) => lines.push(line.replace(/"reference":"[^"]*"/, '')) }),
  );
  forms = await findForms();
});
afterAll(() => world.test.close());

type FoundForm = {
  route: string;
  action: string;
  account: string;
  fields: Map<string, 'text' | 'choice' | 'hidden'>;
  good: Fields;
};

/** Bytes as they are sent, percent-encoded where the value's own characters would not do. */
const sent = (value: string) => encodeURIComponent(value.toWellFormed());
const inputs: Record<string, string> = {
  'line breaks and a header': sent('zqzqzq\r\nBcc: zqzqzq@ond.example\r\nX-Zqzqzq: zqzqzq\n\nzqzqzq'),
  'a script': sent('zqzqzq<script>zqzqzq()</script>'),
  'an end of an attribute': sent("\"><img src=x onerror=zqzqzq()>' onfocus=zqzqzq() x='"),
  'an end of a text area': sent('</textarea></form><script>zqzqzq()</script>'),
  'a template': sent('{{zqzqzq}}{{{zqzqzq}}}{{> zqzqzq}}{{#each zqzqzq}}$' + '{zqzqzq}<%= zqzqzq %>'),
  'a Typst program': sent(
    '#import "@preview/zqzqzq:1.0.0"\n#read("/etc/zqzqzq") $zqzqzq$ *zqzqzq* <zqzqzq> @zqzqzq // zqzqzq',
  ),
  'marks that turn the text round': sent('zqzqzq\u202Egnp.exe\u2066\u200F\u061Czqzqzq'),
  emoji: sent('zqzqzq👩‍👩‍👧‍👦🏳️‍🌈e\u0301'),
  'half a surrogate pair': 'zqzqzq%ED%A0%80',
  'bytes of Latin-1': 'zqzqzq%E5%E4%F6',
  'a broken percent sign': 'zqzqzq%zz%',
  'NUL and controls': sent('zqzqzq\0\x01\x07\x1b[31m\x7f\u0085\u2028\uFFFE'),
  'a byte-order mark': sent('\uFEFFzqzqzq\uFEFF'),
  'a name of JavaScript’s': '__proto__',
  nothing: '',
  'nothing but space': sent(' \t\u00a0\r\n'),
  'a number too large': '9'.repeat(400),
  'a text as long as fits': 'z'.repeat(400 * 1024),
};
/** What a page makes of it is the same on either database; these are what a database may stumble over. */
const forEither = ['emoji', 'half a surrogate pair', 'NUL and controls', 'a text as long as fits'];
const tried = Object.entries(inputs).filter(([name]) => kind === 'sqlite' || forEither.includes(name));
const tooLarge: Record<string, string> = { '600 KB': 'z'.repeat(600 * 1024), '1 MB': 'z'.repeat(1024 * 1024) };

/** Fields that are promised in interfaces.md, whether a page shows them at the moment or not. */
const promised: Record<string, string> = {
  'POST /begaran':
    'requesterName requesterRole requesterOrganisation onBehalfOf requesterEmail requesterPhone individualName individualNumber individualNumberMissing individualContact interpreterLanguage protectedIdentity kind purpose tried needs questions ownQuestion parties partiesNote wishes consent disclosureBasis idempotencyKey',
  'POST /begaran/:id/beslut':
    'decision kind purpose reasonCode reason instead disclosure disclosureGround outwardText holdUntil',
  'POST /moten/:id/deltagare': 'party name title organisation email phone verified verifiedHow required',
  'POST /moten/:id/tid': 'startsAt durationMinutes placeKind place videoUrl reason',
  'POST /svar/:token': 'answer comment proposedStart',
  'POST /svar/:token/forberedelse':
    'text want canManage canGet wantAudience canManageAudience canGetAudience notDiscuss',
  'POST /moten/:id/protokoll/atgarder': 'text carriedOutBy person followedUpBy due goal',
  'POST /atgarder/:id/status': 'status note proposedDue',
  'POST /arenden/:id/samtycken': 'party kinds until how exclusions',
  'POST /arenden/:id/utlamnande': 'party document',
};

/** Fields that differ from another of the same form in their number or their area alone. */
const alike = /^((version|seen)-)?((taken|section|measure)-([2-9]|\d\d)-|assessment-(?!body))/;

/** Fields that the minutes' own form has too, where they are tried, in forms that hold them for something else's sake. */
const asInMinutes =
  /^(version-)?(attendance|asked-attendance-[1-9]|measure-[1-9]-|question|assessment|taken|planGoal|subGoals|cannotDo|ownWords|notAgreed|otherNeeded|employerPlan|rehabilitation|sip|followUp(?!On))/;
const withMinutes = /protokoll\/(rattelse|inlyft|atgarder)$/;

/** Every form that posts, on the pages where it is found, with the fields it has there. */
async function findForms(): Promise<FoundForm[]> {
  const { places, unassigned, sessions, administered } = world;
  const { organisation, unit, person, assignment } = administered;
  const { invited, colleague, writing, minuted } = places;
  const link = `/svar/${await world.tokenOf('participant', invited.participant)}`;
  const { polling } = world;
  const out = `/moten/${world.reviewing.meeting}`;
  const [individual = ''] = await world.participantsOf(invited.meeting);
  const ofPerson = `/svar/${await world.tokenOf('participant', individual)}/forberedelse`;
  const vote = `/svar/${await world.tokenOf('participant', polling.participant)}`;
  const own = `/svar/${await world.tokenOf('participant', world.individual)}`;
  const carried = `/atgard/${await world.tokenOf('measure', minuted.measure)}`;
  const survey = `/enkat/${await world.tokenOf('survey', world.survey)}`;
  const receipt = `/begaran/kvitto/${await world.tokenOf('receipt', unassigned)}`;
  const pages: [account: string, paths: string[]][] = [
    ['kommun', [`/moten/${writing.meeting}/protokoll`]],
    ['af', [`${out}/protokoll`, `${out}/protokoll/invandning?del=ability`]],
    [
      'nobody',
      [
        ...['/logga-in?till=/inkorg', '/begaran/ny', link, vote, own, `${link}/kod`, receipt],
        ...[`${link}/forberedelse`, ofPerson, survey, carried, `${carried}/kod`],
      ],
    ],
    ['individ', [`/arenden/${minuted.case}`]],
    [
      'chef',
      [
        ...[`/arenden/${minuted.case}`, '/enheten', `/begaran/${colleague.request}`],
        ...[`/nodatkomst/${minuted.emergency}/granskning`, `/rattelser/${minuted.correction}`],
        ...[`/kalendersvar/${invited.unplaced}`],
      ],
    ],
    [
      'admin',
      [
        ...['', '/organisationer/ny', '/personer/ny', `/organisationer/${organisation}`, `/enheter/${unit}`],
        ...[`/organisationer/${organisation}/enhet`, `/organisationer/${organisation}/avsluta`],
        ...[`/personer/${person}`, `/personer/${person}/uppdrag?organisation=${organisation}`],
        ...[`/uppdrag/${assignment}`, `/uppdrag/${assignment}/avsluta`],
      ].map((path) => `/administration${path}`),
    ],
    ['granskare', ['/loggranskning', `/loggranskning/${minuted.review}/rader/${minuted.row}`]],
    [
      'af',
      [
        `/mina-moten/${invited.participant}/forberedelse`,
        `/mina-moten/${invited.participant}`,
        `/mina-moten/${polling.participant}`,
      ],
    ],
    ['fk2', [`/moten/${colleague.meeting}/deltagare`, `/moten/${colleague.meeting}/tidsforslag`]],
    [
      'fk',
      [
        ...[
          '/logga-in/val',
          '/nodatkomst',
          '/begaran/ny',
          `/begaran/${unassigned}`,
          `/arenden/${minuted.case}/plan?rapportera=${minuted.measure}`,
        ],
        ...[`/atgarder/${minuted.measure}/datum`],
        ...[`/arenden/${minuted.case}/plan?delmal=${goalKey(demo.minutes.subGoalReached)}`],
        ...[`/arenden/${minuted.case}/foretradare`, `/arenden/${invited.case}/dagar`],
        ...['samtal', 'skriver-med', 'tid', 'kallelse', 'installd', 'hallet', 'deltagare'].map(
          (name) => `/moten/${invited.meeting}/${name}`,
        ),
        ...['', '/svar', '/bort', '/atkomst', '/forslag', '/adress', '/brev'].map(
          (name) => `/moten/${invited.meeting}${name && `/deltagare/${invited.participant}${name}`}`,
        ),
        ...[`/arenden/${writing.case}/rattelse`, `/begaran/${writing.request}/rattelse`],
        ...[`/rattelser/${writing.correction}`, `/begaran/${unassigned}/felregistrerad`],
        ...[`/begaran/${unassigned}/sammanslagning/${world.into}`],
        ...[`/moten/${invited.meeting}/kalendersvar/${invited.mail}`],
        ...[
          `/moten/${polling.meeting}/tidsforslag/avsluta`,
          `/moten/${writing.meeting}/protokoll/granskning`,
          `${out}/protokoll`,
          `${out}/protokoll/besked?deltagare=${world.known.reader}`,
          `${out}/protokoll/andring?del=ability`,
          `/moten/${minuted.meeting}/protokoll/rattelse`,
          `/moten/${polling.meeting}/deltagare/${polling.participant}/tider`,
        ],
        '/kalender/flode',
        ...[
          `/arenden/${invited.case}/moten/nytt`,
          `/arenden/${invited.case}/avslut`,
          `/arenden/${polling.case}/avslut`,
        ],
        ...['', '?anteckna=said', '?anteckna=adaptation', '?anteckna=text'].map(
          (which) => `/moten/${invited.meeting}/forberedelse${which}`,
        ),
        ...[`/moten/${invited.meeting}/deltagare?rad=${invited.participant}`],
        ...[`/moten/${invited.meeting}/information`, `/moten/${writing.meeting}/information`],
        ...[`/arenden/${writing.case}/samtycken?party=PV`, `/utlamnat/${minuted.release}/aterkallelse`],
        ...[`/arenden/${writing.case}/samtycken/${writing.consent}/aterkallelse`],
        ...[`/arenden/${minuted.case}/utlamnande?party=PV&document=minutes`],
        ...[`/moten/${writing.meeting}/protokoll`, `/moten/${writing.meeting}/protokoll/faststallande`],
        ...['/samverkan/ny', `/samverkan/${writing.structural}`, `/samverkan/${writing.structural}/faststallande`],
      ],
    ],
  ];
  const officer = sessions.get('fk2')?.user.id ?? '';
  const patterns = allRoutes(world.test.house)
    .filter(({ method }) => method === 'post')
    .map(({ path }) => path);
  const found: FoundForm[] = [];
  for (const [account, paths] of pages) {
    for (const path of paths) {
      const cookie = sessions.get(account)?.cookie;
      const response = await dry.app.request(`${origin}${path}`, { headers: cookie ? { cookie } : {} });
      expect(response.status, `${path} as ${account}`).toBe(200);
      const html = await response.text();
      for (const action of new Set(
        [...html.matchAll(/(?:<form\b[^>]*\baction|formaction)="([^"]+)"/g)].map((match) => match[1] ?? ''),
      )) {
        const pattern = patterns.find((one) => new RegExp(`^${one.replace(/:\w+/g, '[^/]+')}$`).test(action));
        if (!pattern || pattern === '/logga-ut') continue;
        const route = `POST ${pattern}`;
        const shown = parseForm(
          html,
          html.includes(`action="${action}"`) && html.includes(`<form method="post" action="${action}"`)
            ? action
            : `/moten/${writing.meeting}/protokoll`,
        );
        const fields: FoundForm['fields'] = new Map();
        for (const name of (promised[route] ?? '').split(' ').filter(Boolean)) fields.set(name, 'hidden');
        for (const [name, { choices }] of shown.fields) {
          if (alike.test(name) || (withMinutes.test(route) && asInMinutes.test(name))) continue;
          const hidden = new RegExp(`type="hidden"[^>]* name="${name}"`).test(html);
          fields.set(name, choices ? 'choice' : hidden ? 'hidden' : 'text');
        }
        const own = [...shown.fields].filter(([, { values }]) => values.join('') !== '');
        const meeting = action.split('/')[2] ?? '';
        const participants = pattern.startsWith('/moten') ? await world.participantsOf(meeting) : [];
        const good = {
          ...goodBodies({
            ...{ officer, participants, administered, known: world.known },
            caseNumber: world.numberElsewhere,
            options: await world.optionsOf(pattern.startsWith('/moten') ? meeting : polling.meeting),
            papers: await world.papersOf(meeting),
          })[route],
          ...Object.fromEntries(own.map(([name, { values }]) => [name, values])),
        };
        if (account === 'fk' && pattern === '/begaran') Object.assign(good, { channel: 'phone', receivedAt: '' });
        // A section that is given out again has changed.
        if (route.endsWith('/andring')) Object.assign(good, { canDo: 'Stå.' });
        found.push({ route, action, account, fields, good });
      }
    }
  }
  return found;
}

/** The form with one field exchanged for raw bytes, or given a second time. */
function post({ account, action, good }: FoundForm, name: string, raw: string, again = false): Promise<Response> {
  const pairs = Object.entries(good).flatMap(([field, value]) =>
    field === name && !again
      ? []
      : [value].flat().map((one) => `${encodeURIComponent(field)}=${encodeURIComponent(one)}`),
  );
  const cookie = world.sessions.get(account)?.cookie;
  return Promise.resolve(
    dry.app.request(`${origin}${action}`, {
      ...requestOf('POST', {}, cookie ? { cookie } : {}),
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded', ...(cookie && { cookie }) },
      body: [...pairs, `${encodeURIComponent(name)}=${raw}`].join('&'),
    }),
  );
}

const decoded = (raw: string) => new URLSearchParams(`x=${raw}`).get('x') ?? '';
const dangerous = /<script>zqzqzq|<img src=x|onfocus=zqzqzq\(\) x='|<\/textarea><\/form><script|[^\P{Cc}\n\r\t]/u;

/** What is wrong with the answer to one hostile value; empty when nothing is. */
async function faultsOf(form: FoundForm, name: string, raw: string, response: Response): Promise<string[]> {
  const { status } = response;
  const html = await response.text();
  const faults: string[] = [];
  const noAccount = form.route === 'POST /logga-in/demo' && status === 404;
  // A page that was never shown: what would be released, a letter that was sent, or a text, is not what was looked at.
  const looked: Record<string, string[]> = {
    'POST /arenden/:id/utlamnande': ['seen'],
    'POST /arenden/:id/dagar': ['seen'],
    'POST /arenden/:id/plan/delmal': ['goal'],
    'POST /atgarder/:id/datum': ['asked'],
    'POST /moten/:id/deltagare/:pid/brev': ['letter'],
    'POST /moten/:id/protokoll/godkannande': ['section', 'seen'],
    'POST /moten/:id/protokoll/granskning/svar': ['objection'],
    'POST /moten/:id/protokoll/besked': ['participant'],
    'POST /moten/:id/protokoll/andring': ['section', 'was'],
    'POST /moten/:id/protokoll/rattelse': ['was'],
    'POST /arenden/:id/avslut': ['was'],
    'POST /arenden/:id/avslut/klart': ['was'],
  };
  const notSeen = status === 409 && (name.startsWith('seen-') || looked[form.route]?.includes(name));
  if (![303, 422].includes(status) && !noAccount && !notSeen) faults.push(`status ${status}`);
  if (dangerous.test(html)) faults.push(`the page has ${dangerous.exec(html)?.[0]}`);
  if (/zqzqzq/.test(JSON.stringify([...response.headers].filter(([header]) => header !== 'x-request-id'))))
    faults.push('it stands in a header');
  if (status !== 422) return faults;
  if (!/<h1|<title>Fel/.test(html)) faults.push('no page');
  if (form.fields.get(name) !== 'text') return faults;
  const kept = parseForm(html, form.action.replace(/\/(atgarder|inlyft)$/, '')).fields.get(name)?.values[0];
  if (normaliseLine(kept ?? '') !== normaliseLine(decoded(raw))) faults.push(`kept: ${kept?.slice(0, 80)}`);
  return faults;
}

/** Posted by the identity provider, from no page. */
const fromProvider = 'POST /logga-in/oidc/utloggad';

it('every route that takes a form has one that was found, or needs none', () => {
  const posts = allRoutes(world.test.house).filter(({ method, path }) => method === 'post' && path !== '/logga-ut');
  const found = new Set(forms.map(({ route }) => route));
  const bodies = goodBodies({ officer: '', participants: [], known: world.known });
  const empty = Object.keys(bodies).filter((route) => Object.keys(bodies[route] ?? {}).length === 0);
  expect(
    posts.map(({ path }) => `POST ${path}`).filter((route) => ![...found, ...empty, fromProvider].includes(route)),
  ).toEqual([]);
  const fields = forms.reduce((sum, form) => sum + form.fields.size, 0);
  expect(fields).toBeGreaterThan(150);
});

it('every form is taken as it is, so that only the hostile field can be wrong', async () => {
  const statuses: string[] = [];
  for (const form of forms) {
    const response = await post(form, 'zqzqzqUnknown', 'x');
    if (response.status !== 303)
      statuses.push(`${form.route} as ${form.account}: ${response.status} ${await response.text()}`);
  }
  expect(statuses).toEqual([]);
});

describe('each field of each form', () => {
  it.each(tried)(
    'takes or refuses %s',
    async (_, raw) => {
      const faults: string[] = [];
      // A minute of its own, since a link may not be asked for without end.
      world.test.setClock(addMinutes(world.test.house.engine.clock.now(), 1));
      for (const form of forms) {
        const names = [...form.fields.keys()];
        // What is long keeps the one process busy: few at once, so that none waits for the database too long.
        const atOnce = raw.length > 100_000 ? 4 : names.length;
        for (let from = 0; from < names.length; from += atOnce) {
          const tries = names.slice(from, from + atOnce).map(async (name) => {
            const found = await faultsOf(form, name, raw, await post(form, name, raw));
            faults.push(...found.map((fault) => `${form.route} as ${form.account}, ${name}: ${fault}`));
          });
          await Promise.all(tries);
        }
      }
      expect(faults).toEqual([]);
    },
    60_000,
  );

  it.each(Object.entries(tooLarge))('is cut off at %s with a page that says so', async (_, raw) => {
    for (const form of forms) {
      const response = await post(form, [...form.fields.keys()][0] ?? 'x', raw);
      expect(response.status, form.route).toBe(413);
      expect(await response.text()).toContain('För mycket text');
    }
  });

  it.runIf(kind === 'sqlite')('counts once when it comes twice', async () => {
    const faults: string[] = [];
    for (const form of forms) {
      for (const name of form.fields.keys()) {
        const { status } = await post(form, name, 'zqzqzq', true);
        if (![303, 422].includes(status) && !(form.route === 'POST /logga-in/demo'))
          faults.push(`${form.route} ${name}: ${status}`);
      }
    }
    expect(faults).toEqual([]);
  });
});

it('nothing of all that stands in the log, which has no fault either', () => {
  expect(lines.length).toBeGreaterThan(kind === 'sqlite' ? 3_000 : 800);
  expect(lines.filter((line) => /zqzqzq|Bcc|ond\.example/.test(line))).toEqual([]);
  expect(lines.filter((line) => !line.includes('"event":"request"'))).toEqual([]);
});
