/**
 * The page's one style sheet. Every colour of a text has a contrast of at least 4.5 on what it stands on, in light and
 * in dark; targets are at least 44 pixels high; nothing moves; text may grow and wrap down to 320 pixels.
 */
import { colors, DARK, LIGHT, type Colors } from './brand.ts';

interface Scheme extends Colors {
  readonly page: string;
  readonly muted: string;
  readonly line: string;
  readonly edge: string;
  readonly error: string;
  readonly tint: string;
  readonly good: string;
}

const LIGHT_REST = {
  page: '#f3f5f8',
  muted: '#4b5768',
  line: '#dde3ea',
  edge: '#6b7787',
  error: '#b3261e',
  tint: '#f3f5f8',
  good: '#146c43',
} as const;
const DARK_REST = {
  page: '#10161e',
  muted: '#b4c0ce',
  line: '#323d4b',
  edge: '#8593a5',
  error: '#ffb4ab',
  tint: '#232d3a',
  good: '#7ddba6',
} as const;

export function schemes(brandColor: string | undefined): { readonly light: Scheme; readonly dark: Scheme } {
  return {
    light: { ...colors(LIGHT, brandColor), ...LIGHT_REST },
    dark: { ...colors(DARK, brandColor), ...DARK_REST },
  };
}

/**
 * @param brandColor as it was set, checked here.
 * @param auths how many ways of signing in the page offers; the fields of those not chosen are hidden.
 */
export function styleSheet(brandColor: string | undefined, auths: number): string {
  const { light, dark } = schemes(brandColor);
  return [
    `:root{color-scheme:light dark;${variables(light)}}`,
    `@media (prefers-color-scheme:dark){:root{${variables(dark)}}}`,
    RULES,
    ...Array.from({ length: auths > 1 ? auths : 0 }, (_, at) => onlyChosen(at)),
  ].join('\n');
}

function variables(scheme: Scheme): string {
  return Object.entries(scheme)
    .map(([name, value]) => `--${name}:${value};`)
    .join('');
}

/** Browsers without `:has` show the fields of all ways, each under its name. */
function onlyChosen(at: number): string {
  return `form:has(#way-${at}:checked) .fields:not(#fields-${at}){display:none}`;
}

const RULES = `
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;background:var(--page);color:var(--text);border-top:5px solid var(--accent);
 font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
.column{width:100%;max-width:32rem;margin:0 auto;padding:0 1rem 2rem}
main:first-child{margin-top:2rem}
header{display:flex;align-items:center;gap:.75rem;padding:1.5rem .25rem 1.25rem;font-weight:600;font-size:1.0625rem}
header img{display:block;height:2.5rem;max-width:9rem;object-fit:contain}
.mark{display:grid;place-items:center;flex:none;width:2.5rem;height:2.5rem;border-radius:.75rem;
 background:var(--accent);color:var(--onAccent);font-size:1.125rem}
main{background:var(--surface);border:1px solid var(--line);border-radius:1.25rem;padding:2rem 1.75rem}
h1{margin:0 0 .5rem;font-size:1.625rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance}
p{margin:0 0 1rem}
main>:last-child,.box>:last-child,.fields>:last-child{margin-bottom:0}
.fields{margin-bottom:1.75rem}
.lead{font-size:1.0625rem;margin-bottom:1.25rem}
.quiet{color:var(--muted);font-size:.9375rem}
dl{margin:0 0 1.25rem;padding:.75rem 0;border-block:1px solid var(--line);font-size:.9375rem}
dl div{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.125rem 0}
dt{flex:0 0 6.75rem;color:var(--muted)}
dd{flex:1 1 9rem;margin:0;font-weight:600}
.box{background:var(--tint);border-radius:.75rem;padding:.75rem 1rem;margin:0 0 1.75rem;font-size:.9375rem;line-height:1.5}
.alert{background:none;border:2px solid var(--error);font-size:1rem}
.alert h2{margin:0 0 .25rem;font-size:1.0625rem;color:var(--error)}
.alert ul{margin:0;padding:0;list-style:none}
.alert a{display:inline-block;padding:.625rem 0;color:inherit;text-underline-offset:.2em}
fieldset{border:0;margin:0;padding:0;min-width:0}
legend{padding:0;margin-bottom:.5rem;font-weight:600}
.fields legend{font-size:1.125rem;margin-bottom:.75rem}
@supports selector(:has(a)){.fields legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}}
.ways{margin-bottom:1.5rem}
.choice{display:flex;align-items:center;gap:.75rem;min-height:2.75rem;padding:.375rem 0;line-height:1.35;cursor:pointer}
.choice input{flex:none;width:1.375rem;height:1.375rem;margin:0;accent-color:var(--accent)}
.field{margin-bottom:1.5rem}
.field label{display:block;font-weight:600;margin-bottom:.25rem}
.field .quiet{display:block;margin-bottom:.5rem}
.wrong{display:block;margin-bottom:.5rem;color:var(--error);font-weight:600}
.whole{white-space:nowrap}
code{font:.9375em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
input[type=text],input[type=password]{width:100%;min-height:3rem;padding:.625rem .875rem;border:1px solid var(--edge);
 border-radius:.75rem;background:var(--surface);color:var(--text);font:inherit}
input[aria-invalid=true]{border:2px solid var(--error)}
input.short{max-width:13rem;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
 font-size:1.25rem;letter-spacing:.12em;text-transform:uppercase}
button{display:block;width:100%;min-height:3.25rem;padding:.75rem 1.25rem;border:2px solid transparent;border-radius:.75rem;
 background:var(--accent);color:var(--onAccent);font:inherit;font-weight:600;font-size:1.0625rem;cursor:pointer;margin:0 0 1rem}
:focus-visible,.alert:focus{outline:3px solid var(--text);outline-offset:3px}
.done{width:3.5rem;height:3.5rem;margin-bottom:1.25rem;color:var(--good)}
@media (max-width:30rem){main{padding:1.5rem 1.25rem}h1{font-size:1.5rem}header{padding-top:1.125rem}
 .column{padding:0 .75rem 1.5rem}main:first-child{margin-top:1.5rem}}
`;
