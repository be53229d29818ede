/**
 * The pages a person can meet, as HTML for any browser: no script, one column, one heading. They say in words who
 * connects what for whom before anything is asked.
 */
import type { CatalogProvider } from '../../core/catalog/catalog.ts';
import type { ConnectLink } from '../../core/connect/link.ts';
import { inputs, problemLinks, whereToSignIn, type FormState } from './fields.ts';
import { TOKEN } from './form.ts';
import { html, styleElement, type Html } from './html.ts';

/** What is around the content: whose page it is, and how it looks. */
export interface Frame {
  readonly style: string;
  readonly name?: string | undefined;
  readonly logo?: string | undefined;
}

export interface FormView extends FormState {
  readonly link: ConnectLink;
  readonly token: string;
  readonly minutesLeft: number;
  /** What is wrong with the whole. */
  readonly problem?: string | undefined;
}

export function formPage(frame: Frame, view: FormView): Html {
  const { link, provider, minutesLeft } = view;
  const title = `Connect ${provider.name}`;
  const troubled = view.problem !== undefined || view.problems.size > 0;
  return page(
    frame,
    troubled ? `Error: ${title}` : title,
    html`${troubled && summary(view)}
      <h1>${title}</h1>
      <p class="lead">
        <bdi>${frame.name}</bdi> would like to use your ${provider.name} account. Your agent works with it for you and
        never sees what you enter here.
      </p>
      ${people(link)}
      <div class="box">
        <p>
          <strong>Go on only if you asked for this yourself.</strong> If another person sent you this link, close the
          page: they would get to use your account.
        </p>
      </div>
      ${isOnlyElsewhere(view) ? whereToSignIn(view) : form(view)}
      <p class="quiet">
        Passwords and keys belong here, never in the chat. What you connect is stored encrypted, and you can have your
        agent remove it at any time. This link works once and for
        ${minutesLeft === 1 ? '1 more minute' : `${minutesLeft} more minutes`}.
      </p>`,
  );
}

/** In a frame there is nothing to fill in where every way leads to the provider. */
function isOnlyElsewhere({ ownWindow, provider }: FormView): boolean {
  return ownWindow !== undefined && provider.auth.every(({ kind }) => kind === 'oauth2');
}

function form(view: FormView): Html {
  return html`<form method="post">
    <input type="hidden" name="${TOKEN}" value="${view.token}" />
    ${inputs(view)}
    <button type="submit">Connect ${view.provider.name}</button>
  </form>`;
}

/** Who connects what for whom. */
export type Whose = Pick<ConnectLink, 'client' | 'org' | 'user' | 'connection'>;

export function donePage(frame: Frame, whose: Whose, provider: CatalogProvider, account: string): Html {
  return page(
    frame,
    `${provider.name} is connected`,
    html`<svg class="done" viewBox="0 0 56 56" fill="none" stroke="currentColor" stroke-width="4" aria-hidden="true">
        <circle cx="28" cy="28" r="25" />
        <path d="M17 29l8 8 15-17" stroke-linecap="round" stroke-linejoin="round" />
      </svg>
      <h1>${provider.name} is connected</h1>
      <p class="lead">You can close this page and go back to your chat.</p>
      ${people(whose, account)}
      <p class="quiet">
        Is this not the account you meant? Tell your agent to disconnect it, and ask for a new link.
      </p>`,
  );
}

/** A consent that led to no connection: what happened, what to do, and the way back to the product if it has one. */
export function failedPage(frame: Frame, title: string, sentences: readonly string[], back: URL | undefined): Html {
  return page(
    frame,
    title,
    html`<h1>${title}</h1>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
      ${back !== undefined && html`<p><a href="${back.href}">Go back to ${back.host}</a></p>`}`,
  );
}

/** A page with a heading and a few sentences. */
export function notePage(frame: Frame, title: string, ...sentences: readonly string[]): Html {
  return page(
    frame,
    title,
    html`<h1>${title}</h1>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}`,
  );
}

/** One and the same for a link that is unknown, used, too old or worn out: a guess learns nothing from it. */
export function gonePage(frame: Frame): Html {
  return notePage(
    frame,
    'This link does not work any more',
    'A link to connect an account works once, for 10 minutes, and ends after five wrong codes.',
    'Ask your agent for a new link.',
    'Have you just connected your account? Then it is done: go back to your chat.',
  );
}

function page(frame: Frame, title: string, content: Html): Html {
  const { name, logo, style } = frame;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}${name !== undefined && ` - ${name}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="format-detection" content="telephone=no" />
        <link rel="icon" href="data:," />
        ${styleElement(style)}
      </head>
      <body>
        <div class="column">
          ${name !== undefined && header(name, logo)}
          <main>${content}</main>
        </div>
      </body>
    </html>`;
}

function header(name: string, logo: string | undefined): Html {
  const [initial = ''] = Array.from(name.trim());
  return html`<header>
    ${
      logo === undefined
        ? html`<span class="mark" aria-hidden="true">${initial.toUpperCase()}</span>`
        : html`<img src="${logo}" alt="" />`
    }
    <bdi>${name}</bdi>
  </header>`;
}

/** Who connects what, in words. Ids come from outside: each stands alone, so that it cannot turn its neighbours round. */
function people(link: Whose, account?: string): Html {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Account', account],
    ['Application', link.client],
    ['Organization', link.org],
    ['User', link.user ?? 'the one user of this application'],
    ['Saved as', link.connection === 'default' ? undefined : link.connection],
  ];
  return html`<dl>
    ${rows.map(
      ([term, value]) =>
        value !== undefined &&
        html`<div>
          <dt>${term}</dt>
          <dd><bdi>${value}</bdi></dd>
        </div>`,
    )}
  </dl>`;
}

function summary(view: FormView): Html {
  const { problem, problems } = view;
  return html`<div class="box alert" role="alert" tabindex="-1" autofocus>
    <h2>Nothing is connected yet</h2>
    ${problem !== undefined && html`<p>${problem}</p>`}
    ${
      problems.size > 0 &&
      html`<ul>
        ${problemLinks(view)}
      </ul>`
    }
  </div>`;
}
