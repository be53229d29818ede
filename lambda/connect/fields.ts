/**
 * The inputs of the form: the code, the ways of signing in, the fields of each way. Every input has its label, help and
 * error bound to it. Values of secret fields never come back into a page.
 */
import type { CatalogAuth, CatalogProvider } from '../../core/catalog/catalog.ts';
import type { CredentialField } from '../../core/provider/auth.ts';
import type { Credential } from '../../core/vault/vault.ts';
import { browserPattern, CODE, SCOPE, AUTH } from './form.ts';
import { html, type Content, type Html } from './html.ts';

export interface FormState {
  readonly provider: CatalogProvider;
  readonly auth: CatalogAuth;
  /** What was typed; the code only when it was right. */
  readonly code: string;
  readonly values: Credential;
  /**
   * The page's own address, where it is shown inside another page: providers refuse to be framed, and a browser keeps
   * the cookie of a consent only for a page in a window of its own.
   */
  readonly ownWindow?: string | undefined;
  /** Permissions that were ticked. */
  readonly scopes: readonly string[];
  /** By the field's key, and `code`. */
  readonly problems: ReadonlyMap<string, string>;
}

interface Input {
  readonly id: string;
  readonly name: string;
  readonly type: 'text' | 'password';
  readonly label: string;
  readonly help: Html | undefined;
  readonly problem: string | undefined;
  readonly attributes: Content;
}

export function inputs(state: FormState): Html {
  const { auth: auths } = state.provider;
  return html`${codeInput(state)} ${auths.length > 1 && authChoices(state)}
  ${auths.map((auth, at) => (auths.length > 1 ? oneOfAuths(state, auth, at) : fieldsOf(state, auth, at)))}`;
}

/** One link for each problem, to the input it is about. */
export function problemLinks({ provider, auth, problems }: FormState): readonly Html[] {
  return [...problems].map(([key, text]) => {
    const id = key === CODE ? CODE : fieldId(provider.auth.indexOf(auth), key);
    return html`<li><a href="#${id}">${text}</a></li>`;
  });
}

function codeInput({ code, problems }: FormState): Html {
  return labelled({
    id: CODE,
    name: CODE,
    type: 'text',
    label: 'Code from your chat',
    help: html`Your agent shows it next to the link. It looks like <code class="whole">K7M-2PX</code>.`,
    problem: problems.get(CODE),
    attributes: html`value="${code}" class="short" maxlength="20" autocapitalize="characters" required`,
  });
}

function authChoices({ provider, auth }: FormState): Html {
  const choices = provider.auth.map(
    ({ id, label }, at) =>
      html`<label class="choice">
        <input type="radio" name="${AUTH}" id="way-${at}" value="${id}" ${id === auth.id && 'checked'} />
        <span>${label}</span>
      </label>`,
  );
  return html`<fieldset class="ways">
    <legend>How do you want to sign in?</legend>
    ${choices}
  </fieldset>`;
}

function oneOfAuths(state: FormState, auth: CatalogAuth, at: number): Html {
  return html`<fieldset class="fields" id="fields-${at}">
    <legend>${auth.label}</legend>
    ${fieldsOf(state, auth, at)}
  </fieldset>`;
}

function fieldsOf(state: FormState, auth: CatalogAuth, at: number): Html {
  return html`${auth.fields.map((field) => fieldInput(state, auth, field, fieldId(at, field.key)))}
  ${auth.kind === 'oauth2' && permissions(state, auth, at)} ${auth.kind === 'oauth2' && whereToSignIn(state)}`;
}

export function whereToSignIn({ provider, ownWindow }: Pick<FormState, 'provider' | 'ownWindow'>): Html {
  const { name } = provider;
  return ownWindow === undefined
    ? html`<p>You will sign in at ${name} itself and choose there what to allow.</p>`
    : html`<p>
        ${name} opens its sign-in in a window of its own only.
        <a href="${ownWindow}" target="_blank" rel="noopener noreferrer">Go on in a new window</a>
      </p>`;
}

/** What the consent may also ask for; nothing is ticked for anyone. */
function permissions(state: FormState, { permissions: offered = [] }: CatalogAuth, at: number): Html | undefined {
  if (offered.length === 0) return undefined;
  const choices = offered.map(
    ({ scope, label }, i) =>
      html`<label class="choice">
        <input
          type="checkbox"
          name="${SCOPE}"
          id="scope-${at}-${i}"
          value="${scope}"
          ${state.scopes.includes(scope) && 'checked'}
        />
        <span>${label}</span>
      </label>`,
  );
  return html`<fieldset class="ways">
    <legend>Also allow, if you need it</legend>
    ${choices}
  </fieldset>`;
}

function fieldInput(state: FormState, auth: CatalogAuth, field: CredentialField, id: string): Html {
  const { key, label, help, example, secret, optional } = field;
  const chosen = auth === state.auth;
  return labelled({
    id,
    name: key,
    type: secret ? 'password' : 'text',
    label: optional === true ? `${label} (optional)` : label,
    help: help === undefined && example === undefined ? undefined : helpText(help, example),
    problem: chosen ? state.problems.get(key) : undefined,
    attributes: [
      html`autocapitalize="none"`,
      chosen && !secret && html` value="${state.values[key]}"`,
      state.provider.auth.length === 1 && browserChecks(field),
    ],
  });
}

/** Browsers check hidden inputs too, and then refuse to send: with several ways only the server checks. */
function browserChecks({ pattern, example, optional }: CredentialField): readonly Content[] {
  const known = browserPattern(pattern);
  return [
    optional !== true && html` required`,
    known !== undefined && html` pattern="${known}"`,
    known !== undefined && example !== undefined && html` title="For example ${example}"`,
  ];
}

function helpText(help: string | undefined, example: string | undefined): Html {
  return html`${help} ${example !== undefined && html`For example <code>${example}</code>`}`;
}

function labelled({ id, name, type, label, help, problem, attributes }: Input): Html {
  const wrong = problem !== undefined;
  const describedBy = [help !== undefined && `help-${id}`, wrong && `error-${id}`].filter(Boolean).join(' ');
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${help !== undefined && html`<span class="quiet" id="help-${id}">${help}</span>`}
    ${wrong && html`<span class="wrong" id="error-${id}">${problem}</span>`}
    <input
      type="${type}"
      id="${id}"
      name="${name}"
      autocomplete="off"
      autocorrect="off"
      spellcheck="false"
      ${describedBy !== '' && html`aria-describedby="${describedBy}"`}
      ${wrong && html`aria-invalid="true"`}
      ${attributes}
    />
  </div>`;
}

function fieldId(auth: number, key: string): string {
  return `field-${auth}-${key}`;
}
