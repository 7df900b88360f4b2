import type { Context, Hono } from 'hono';
import type { Action, Actor } from '../../kernel/access.ts';
import type { Session } from './session.ts';

export type Web = {
  Variables: {
    reference: string;
    actor: Actor;
    session: Session | null;
    /** What every answer says, its reference included; `framed` when the answer was made with them. */
    headers: Readonly<Record<string, string>>;
    framed: boolean;
  };
};
export type Ctx = Context<Web>;

/** One path of the product. Without an action it does not compile, and app.ts serves nothing else. */
export type Route = {
  method: 'get' | 'post' | 'patch';
  path: string;
  action: Action | Action[];
  handle(c: Ctx): Promise<Response> | Response;
};

export function serve(app: Hono<Web>, routes: Route[]): void {
  for (const route of routes) app.on(route.method.toUpperCase(), route.path, (c) => route.handle(c));
}

/** Who calls, for `command()` and `view()`. */
export function caller(c: Ctx): { actor: Actor; reference: string } {
  return { actor: c.get('actor'), reference: c.get('reference') };
}

export type FormBody = Record<string, string | string[]>;

/** A posted form: one string per field, or a list where a name is repeated. Files are ignored. */
export async function readForm(c: Ctx): Promise<FormBody> {
  // What cannot be read as a form is an empty one: the page then says what is missing.
  const parsed = await c.req.parseBody({ all: true }).catch(() => ({}));
  const body: FormBody = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (typeof value === 'string') body[name] = value;
    else if (Array.isArray(value)) body[name] = value.filter((item) => typeof item === 'string');
  }
  return body;
}
