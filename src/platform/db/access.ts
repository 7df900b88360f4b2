import type { Subject } from '../../kernel/access.ts';
import type { Reads, Writes } from './database.ts';

declare const mark: unique symbol;
/** The gate's mark: `command()` and `view()` give it when the rights table has said yes, and nobody else (a test looks). */
type Access = { readonly [mark]: true };

/** What a store needs to read what is in a case. */
export type CaseReads = Reads & Access;
/** What a store needs to change what is in a case. */
export type CaseWrites = Writes & Access;

/** Only for the gate, platform/command.ts. */
export const permit = <R extends Reads | Writes>(reads: R): R & Access => reads as R & Access;

/**
 * Something that was looked for so that the rights table can be asked about it. What was read along with it, in the same
 * query, stays shut until the gate opens it.
 */
export class Located<T> {
  readonly subject: Subject;
  readonly #read: (access: Access) => T;

  constructor(subject: Subject, read: (access: Access) => T) {
    this.subject = subject;
    this.#read = read;
  }

  open(access: Access): T {
    return this.#read(access);
  }
}
