import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { sendInvitations } from '../../src/features/invitation/commands.ts';
import { nothingBeside, type User } from '../../src/kernel/access.ts';
import { messageKinds } from '../../src/messages.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createMailTransport, type MailTransport } from '../../src/platform/mail/transport.ts';
import { sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { startWorker } from '../../src/worker.ts';
import { atLeast, inTurn, median, type Row } from './measure.ts';
import { seedFolder } from './pages.ts';

const rounds = 5;
const meetingsARound = 45;
const invitationsARound = meetingsARound * 3;

/** Invitations from the officer's press of the button to the mail server's yes, against nodemailer's pool alone. */
export async function mail(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'samsyn-bench-'));
  await seedFolder(dataDir, 40_000);
  const smtp = fork('tests/bench/smtp.ts');
  const { port } = await told(smtp);
  const smtpUrl = `smtp://127.0.0.1:${port}`;
  const { house, onWake, close } = await openHouse(
    readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'warn', SMTP_URL: smtpUrl }),
  );
  const { engine } = house;
  const kinds = messageKinds(house);
  const transport = createMailTransport({ smtpUrl, mailDir: dataDir });

  const { db } = engine.database.reads;
  const coming = await db
    .selectFrom('meeting as m')
    .innerJoin('account as a', 'a.id', 'm.officer_id')
    .select([
      'm.id as meeting',
      'a.id',
      'a.role',
      'a.party',
      'a.organisation_id as organisationId',
      'a.unit_id as unitId',
    ])
    .where('m.state', '=', 'scheduled')
    .where('m.uid', 'like', '%@seed.example')
    .limit((2 * rounds + 1) * meetingsARound)
    .execute();
  if (coming.length < (2 * rounds + 1) * meetingsARound)
    throw new Error(`bench: only ${coming.length} meetings to invite to`);
  await engine.database.transaction(({ db }) =>
    db.updateTable('participant').set({ sent_sequence: null, delivery: null }).where('delivery', '=', 'sent').execute(),
  );
  const invite = async ({ meeting, ...officer }: (typeof coming)[number]): Promise<void> => {
    const actor: User = { kind: 'user', ...nothingBeside, fk: true, name: '', ...officer };
    const sent = await sendInvitations(engine, { actor, reference: 'bench' }, meeting);
    if (!sent.ok) throw new Error(`bench: an invitation was refused: ${sent.code}`);
  };
  /** As many officers as meetings press the button at once. */
  const queue = () => Promise.all(coming.splice(0, meetingsARound).map(invite));
  const isAllSent = async (): Promise<boolean> =>
    (await db.selectFrom('outbox').select('id').where('state', '=', 'queued').limit(1).execute()).length === 0;
  /** The worker is at work meanwhile, as in the product. */
  const queueAndSend = async (): Promise<void> => {
    const worker = startWorker(engine, transport, kinds, house.log);
    onWake(worker.wake);
    await queue();
    while (!(await isAllSent())) await pause(1);
    onWake(() => {});
    await worker.stop();
  };
  const send = (by: MailTransport) => sendDueMessages(engine, by, kinds, house.log, () => false);

  // What the demo left to be sent is not counted.
  await send({ send: async () => ({ response: '', sha256: '' }), close: async () => {} });
  const sentRows = async (): Promise<number> =>
    (await db.selectFrom('outbox').select('id').where('state', '=', 'sent').execute()).length;
  const sentBefore = await sentRows();

  // The same messages, rendered beforehand, for nodemailer alone: it makes the MIME of them, as it does for us.
  const made: SendMailOptions[] = [];
  await queue();
  await send({
    async send({ envelopeFrom, calendar, ...message }) {
      const envelope = { from: envelopeFrom, to: [message.to] };
      made.push({ ...message, envelope, icalEvent: calendar && { ...calendar, contentTransferEncoding: 'base64' } });
      return { response: '', sha256: '' };
    },
    close: async () => {},
  });

  const pools = [1, 2, 5, 10, 20].map((maxConnections) =>
    createTransport({ url: smtpUrl, pool: true, maxConnections, maxMessages: Number.POSITIVE_INFINITY }),
  );
  const alone = (pool: (typeof pools)[number]) => perSecond(() => Promise.all(made.map((one) => pool.sendMail(one))));
  let best = { pool: pools[0] as (typeof pools)[number], rate: 0 };
  for (const pool of pools) {
    const rate = Math.max(await alone(pool), await alone(pool));
    if (rate > best.rate) best = { pool, rate };
  }
  const afterQueue: number[] = [];
  const found = await inTurn(
    rounds,
    async () => {
      await queue();
      afterQueue.push(await perSecond(() => send(transport)));
      return perSecond(queueAndSend);
    },
    () => alone(best.pool),
  );
  smtp.send('how many?');
  const { taken } = await told(smtp);
  const sentByUs = (await sentRows()) - sentBefore;
  const missing = (2 * rounds + 1) * invitationsARound - sentByUs;
  if (missing !== 0 || taken < 3 * rounds * invitationsARound)
    throw new Error(`bench: ${missing} messages were not sent, ${taken} came`);
  for (const pool of pools) pool.close();
  await transport.close();
  await close();
  smtp.disconnect();
  rmSync(dataDir, { recursive: true });
  const show = (rate: number) => `${rate.toFixed(0)}/s`;
  const sent = median(afterQueue);
  return [
    atLeast('invitations queued, rendered, sent', found.ratio, 0.8, show(found.ours), show(found.other)),
    atLeast('invitations rendered, sent', sent / found.other, 0.8, show(sent), show(found.other)),
  ];
}

async function perSecond(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (invitationsARound * 1000) / (performance.now() - started);
}

const told = (child: ChildProcess): Promise<{ port: number; taken: number }> =>
  new Promise((resolve) => child.once('message', (message) => resolve(message as never)));
