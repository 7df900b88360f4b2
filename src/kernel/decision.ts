/** A rule's yes, with what it yields. */
export type Accepted<T> = { ok: true; value: T };

/** A rule's no. The code is English and names a text in views/text/sv.json; it is never shown itself. */
export type Refused = { ok: false; code: string };

/** What every rule answers: rules refuse by value and never throw, so that callers must look at `ok`. */
export type Decision<T> = Accepted<T> | Refused;

export const accept = <T>(value: T): Accepted<T> => ({ ok: true, value });

export const refuse = (code: string): Refused => ({ ok: false, code });
