/**
 * Text to HTML. Everything put into the `html` template is escaped unless `html` itself made it, so a value from
 * outside can be neither a tag nor an attribute nor the end of one. Attributes are always written in quotes.
 */

/** HTML made by `html`, and nothing else: the constructor is not exported. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Html = Markup;
/** Lists are joined; `undefined` and `false` are nothing, so that `condition && html...` reads well. */
export type Content = Html | string | number | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Markup(strings.reduce((text, part, index) => `${text}${render(values[index - 1])}${part}`));
}

/** A style sheet of ours as an element. Its text stands as it is, because a policy's hash is taken of it. */
export function styleElement(css: string): Html {
  if (css.includes('<')) throw new TypeError('a style sheet may not hold a tag');
  return new Markup(`<style>${css}</style>`);
}

function render(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(render).join('');
  return String(value).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}
