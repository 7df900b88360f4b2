import type { Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Action, Actor, User } from '../../kernel/access.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import { normaliseText } from '../../kernel/text.ts';
import type { Session } from './session.ts';

export type Web = {
  Variables: {
    reference: string;
    /** Whom the request came from, as far as the network goes; null where there is no socket. */
    address: string | null;
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
  /** Asked as often as anybody likes, by whoever is not signed in. */
  uncounted?: true;
  /** Its link may be opened as often as anybody likes: that costs next to nothing. */
  often?: true;
  handle(c: Ctx): Promise<Response> | Response;
};

/** What cannot be an id names nothing and reaches no handler. A token is judged by what it opens. */
export function serve(app: Hono<Web>, routes: Route[]): void {
  for (const route of routes) {
    app.on(route.method.toUpperCase(), route.path, (c) => {
      const { token, ...ids } = c.req.param() as Record<string, string>;
      return Object.values(ids).every(looksLikeId) ? route.handle(c) : c.notFound();
    });
  }
}

/** Who calls, for `command()` and `view()`. */
export function caller(c: Ctx): { actor: Actor; reference: string; origin: string | null } {
  return { actor: c.get('actor'), reference: c.get('reference'), origin: c.get('address') };
}

/** The user of a page that needs a session. */
export function userOf(c: Ctx): User {
  const user = c.get('session')?.user;
  if (!user) throw new Error('a signed-in page without a session');
  return user;
}

export type FormBody = Record<string, string | string[]>;

/**
 * A posted form: one string per field, or a list where a name is repeated. Files are ignored. All of it is normalised
 * here, so that nothing invisible is shown again, and no NUL, which PostgreSQL takes in no text, gets anywhere.
 * @throws HTTPException 400 for what is no form, or did not come whole.
 */
export async function readForm(c: Ctx): Promise<FormBody> {
  const parsed = await c.req.parseBody({ all: true }).catch(() => null);
  const body: FormBody = Object.create(null);
  for (const [name, value] of Object.entries(parsed ?? {})) {
    if (typeof value === 'string') body[name] = normaliseText(value);
    else if (Array.isArray(value)) body[name] = value.filter((item) => typeof item === 'string').map(normaliseText);
  }
  const type = c.req.header('content-encoding') ? '' : (c.req.header('content-type') ?? '');
  const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type);
  if (parsed === null || (!isForm && (await c.req.text()) !== '')) throw new HTTPException(400);
  return body;
}
