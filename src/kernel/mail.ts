/** What a feature says in a mail; the platform adds the footer, the two forms and the addresses. */
export type MailText = {
  subject: string;
  /** Paragraphs, in order; those that are exactly `link`, or one of `links`, become links. */
  paragraphs: string[];
  link: string | null;
  links?: readonly string[];
  /** Whom to ask for when in doubt whether the mail is real. */
  officerName: string | null;
};

/** Look-up in the text catalogue, handed to pure files. */
export type Translate = (key: string, params?: Readonly<Record<string, unknown>>) => string;

/** The paragraphs of a catalogue text, one a line. */
export const paragraphsOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/**
 * The e-mail addresses we send to: ASCII, and no character that a mailto: URI or a calendar property would need
 * escaped, so that an address reads the same in the mail, in ATTENDEE and in the reply.
 */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 &&
  /^[A-Za-z0-9!$'*+/=^_`{|}~-]+(\.[A-Za-z0-9!$'*+/=^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(
    text,
  ) &&
  text.indexOf('@') <= 64;
