import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { html, styleElement } from '../../../lambda/connect/html.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '`onclick=alert(1)`',
  '</title></style></textarea><svg/onload=alert(1)>',
  '&lt;script&gt; &#x3c; &amp;',
  '{{constructor}} ${7*7}',
  '\u0000<\u2028script\u2029>',
];
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
const decode = (text: string): string => text.replace(/&(#?\w+);/g, (_, name: string) => ENTITIES[name] ?? '?');
const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '`', '&', ';', '/', '=', ' ', 'a') }),
);

describe('the html template', () => {
  it('lets no value become a tag, an attribute or the end of one', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const text = html`<p title="${one}">${other}</p>`.toString();
        expect(text.match(/[<>"'`]/g)).toEqual(['<', '"', '"', '>', '<', '>']);
      }),
    );
  });

  it('shows every value as it is: decoding gives it back', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        expect(decode(html`${value}`.toString())).toBe(value);
      }),
    );
  });

  it('escapes each value of a list, and what is in nested templates exactly once', () => {
    fc.assert(
      fc.property(fc.array(hostile), (values) => {
        const list = html`<ul>
          ${values.map((value) => html`<li>${value}</li>`)}
        </ul>`.toString();
        expect([...list.matchAll(/<li>([^<]*)<\/li>/g)].map(([, item = '']) => decode(item))).toEqual(values);
      }),
    );
  });

  it('writes nothing for what is absent, and zero for zero', () => {
    expect(html`[${undefined}${false}${[]}${0}]`.toString()).toBe('[0]');
  });

  it('does not take an object that only looks like markup for markup', () => {
    const forged = { toString: () => '<script>' } as unknown as string;
    expect(html`${[forged].map(String)}`.toString()).toBe('&lt;script&gt;');
    expect(() => html`${forged}`.toString()).toThrow();
  });

  it('takes no style sheet that could end its own element', () => {
    expect(styleElement('a>b{content:"x"}').toString()).toBe('<style>a>b{content:"x"}</style>');
    expect(() => styleElement('</style><script>')).toThrow('tag');
  });
});
