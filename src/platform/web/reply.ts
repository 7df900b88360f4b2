import { generateCookie, getCookie, setCookie } from 'hono/cookie';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { User } from '../../kernel/access.ts';
import { takesGzip, zip } from './headers.ts';
import type { Mood, Renderer, Shell } from './render.ts';
import type { Ctx, FormBody } from './route.ts';
import type { Texts } from './text.ts';

/** What a page needs beside its template and model. */
export type PageOptions = {
  titleKey: string;
  titleParams?: Record<string, unknown>;
  mood: Mood;
  status?: ContentfulStatusCode;
  scripts?: string[];
  noindex?: boolean;
  /**
   * For a page that is the same to everybody who is not signed in, but for this one text in it, which may be empty:
   * it is rendered once.
   */
  sameBut?: string;
};

export type Replies = {
  page(c: Ctx, view: string, model: object, options: PageOptions): Response;
  /**
   * A whole page that says what went wrong and what to do next, with the reference number. `typed` is the form that was
   * posted in vain: it can be sent again from the page as it was.
   */
  error(c: Ctx, status: ContentfulStatusCode, typed?: FormBody): Response;
  /** A post whose session has ended: says so, and how to send it again. */
  expired(c: Ctx): Response;
  /** The page that belongs to a refusal code of command() or view(). */
  refused(c: Ctx, code: string): Response;
  /** 303 to a path of ours; `done` names a text `done.<code>` that says there what just happened. */
  see(c: Ctx, path: string, done?: string): Response;
};

/** The HTTP status of a refusal code. */
export function statusOf(code: string): ContentfulStatusCode {
  if (code === 'not_found') return 404;
  if (code === 'forbidden') return 403;
  if (code === 'changed_by_someone_else') return 409;
  return 422;
}

export type NavItem = { href: string; key: string };

/** Says on the next page what was just done, once; the address stays clean, so that it can be kept and passed on. */
const doneCookie = 'klart';
const doneOptions = { path: '/', httpOnly: true, sameSite: 'Lax' } as const;

const doneTaken = generateCookie(doneCookie, '', { path: '/', maxAge: 0 });

export function createReplies(house: {
  renderer: Renderer;
  texts: Texts;
  demo: boolean;
  phone: string;
  /** Whether cookies are for https alone. */
  secure: boolean;
  /** Menu of a signed-in user. */
  navigation(user: User): NavItem[];
}): Replies {
  const { renderer, texts } = house;

  const rendered = new Map<string, [before: Buffer, after: Buffer]>();

  function fill(view: string, text: string, render: () => string): Buffer<ArrayBuffer> {
    let around = rendered.get(view);
    if (!around) {
      const html = render();
      const at = text === '' ? html.length : html.indexOf(text);
      if (at < 0) throw new Error(`${view} does not hold the text that makes it differ`);
      around = [Buffer.from(html.slice(0, at)), Buffer.from(html.slice(at + text.length))];
      rendered.set(view, around);
    }
    return Buffer.concat([around[0], Buffer.from(text), around[1]]);
  }

  const page: Replies['page'] = (c, view, model, options) => {
    const session = c.get('session');
    const user = session?.user ?? null;
    const cookie = getCookie(c, doneCookie);
    const done = cookie !== undefined && /^[a-z-]{1,40}$/.test(cookie) ? cookie : undefined;
    const doneKey = `done.${done}`;
    const path = c.req.path;
    const status = options.status ?? 200;
    const title = texts.t(options.titleKey, options.titleParams);
    const scripts = options.scripts ?? [];
    const shell = (): Shell => ({
      // Whoever hears the page instead of seeing it is told at once that something is wrong.
      title: status === 422 || status === 409 ? texts.t('common.errorPrefix') + title : title,
      mood: options.mood,
      demo: house.demo,
      user: user && {
        id: user.id,
        name: user.name,
        roleName: texts.t(`userRole.${user.role}`),
        represents: user.role === 'representative',
      },
      nav: user
        ? house.navigation(user).map(({ href, key }) => ({ href, label: texts.t(key), current: path === href }))
        : [],
      noindex: options.noindex ?? user !== null,
      // form.js empties this browser's store at sign-out, so it is on every page one can sign out from.
      scripts: user && !scripts.includes('form.js') ? ['form.js', ...scripts] : scripts,
      phone: house.phone,
      done: done ?? '',
      notice: done && texts.has(doneKey) ? { kind: 'success', text: texts.t(doneKey) } : null,
    });
    const { sameBut } = options;
    const html =
      sameBut !== undefined && user === null && cookie === undefined && status === 200
        ? fill(view, sameBut, () => renderer.page(view, model, shell()))
        : Buffer.from(renderer.page(view, model, shell()));
    const zipped = takesGzip(c.req.header('accept-encoding'));
    c.set('framed', true);
    // A plain record goes straight to the socket; a Headers object costs more than the whole routing.
    return new Response(zipped ? zip(html) : html, {
      status,
      headers: {
        ...c.get('headers'),
        'Cache-Control': 'no-store',
        'Content-Type': 'text/html; charset=UTF-8',
        Vary: 'Accept-Encoding',
        ...(zipped && { 'Content-Encoding': 'gzip' }),
        ...(cookie !== undefined && { 'Set-Cookie': doneTaken }),
      },
    });
  };

  // Where there is no page any more to show an own text on.
  const textOf = (status: number) => (status === 409 ? 'e409.gone' : texts.has(`e${status}`) ? `e${status}` : 'e500');

  const error: Replies['error'] = (c, status, typed = {}) =>
    page(
      c,
      'public/error',
      {
        status,
        path: c.req.path,
        // Sent once more it would be too late again; what somebody wrote is there to be copied.
        written: Object.values(typed)
          .flat()
          .filter((value) => /\S\s+\S/.test(value)),
        typed: Object.entries(typed).flatMap(([name, values]) => [values].flat().map((value) => ({ name, value }))),
        text: texts.t(textOf(status), {
          id: c.get('reference'),
          phone: house.phone,
        }),
        reference: c.get('reference'),
      },
      { titleKey: `error.${status}`, mood: 'public', status, noindex: true },
    );

  return {
    page,
    error,
    expired: (c) =>
      page(
        c,
        'public/error',
        {
          status: 403,
          path: '',
          written: [],
          typed: [],
          text: texts.t('session.expiredPost', { id: c.get('reference') }),
          reference: c.get('reference'),
        },
        { titleKey: 'error.403', mood: 'public', status: 403, noindex: true },
      ),
    refused: (c, code) => error(c, statusOf(code)),
    see(c, path, done) {
      if (done) setCookie(c, doneCookie, done, { ...doneOptions, secure: house.secure, maxAge: 60 });
      return c.redirect(path, 303);
    },
  };
}
