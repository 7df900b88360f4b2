import { takeMail } from './features/invitation/reply/commands.ts';
import { mailCap } from './features/invitation/reply/input.ts';
import { noteUnreached } from './features/plan/reminder/store.ts';
import type { House } from './platform/house.ts';
import { type Mailbox, readMailbox } from './platform/mail/mailbox.ts';

/** Reads the reply mailbox, where one is set; null otherwise. */
export function startMailbox({ config, engine, log, texts }: House): Mailbox | null {
  if (config.imapUrl === null) return null;
  return readMailbox({
    url: config.imapUrl,
    most: mailCap + 1,
    folders: {
      processed: texts.t('mailbox.processed'),
      ignored: texts.t('mailbox.ignored'),
      human: texts.t('mailbox.human'),
    },
    take: (raw) => takeMail(engine, raw, config.mailFrom, noteUnreached),
    log,
  });
}
