/**
 * Words for the search over tools: what is passed over, what counts as the same word, and what people say instead of
 * the words tools are named with. Data and pure functions; nothing here knows a provider.
 */

/** Words that say nothing about what is to be done. Question words stay: they ask for a list. */
const PASSED_OVER = new Set(
  `a about after again am an and any are as at be because been but by can could did do does for from had has have her
  hers him his how i if in into is it its just may me might mine must my now of on one or our ours please she should
  so some than that the their them then there these they this those to too under until up us very want was we were
  will with would you your yours`.split(/\s+/),
);

/**
 * What people say for the words tools are called by. A tool whose name or title holds the word on the left is found by
 * those on the right as well. Everyday words of offices and sales, as a thesaurus has them; a provider that needs words
 * of its own puts them into its descriptions and skill texts.
 */
const SAID_FOR: Readonly<Record<string, string>> = {
  // What is done.
  list: 'show which what all every everything everybody everyone who overview browse',
  get: 'show open read view see details look',
  find: 'look search who whose know where locate',
  search: 'find look where locate',
  create: 'new add make register open enter write put set plan log record start schedule give',
  add: 'new put write leave attach record',
  update: 'change edit fix correct modify set push move rename adjust reschedule postpone replace assign',
  move: 'change mark set advance put shift',
  complete: 'finish done close tick check resolve',
  delete: 'remove erase rid drop discard cancel trash',
  comment: 'note remark reply answer respond write message',
  send: 'mail message deliver post',
  // Whom and what it is done to.
  contact: 'person people customer client individual address book card',
  company: 'firm organisation organization business client customer corporation',
  lead: 'enquiry inquiry prospect interest',
  deal: 'opportunity sale won lost',
  pipeline: 'funnel process',
  stage: 'step phase column',
  status: 'state',
  activity: 'history interaction correspondence meeting email call',
  todo: 'reminder remind follow callback',
  estimate: 'quote quotation proposal offer bid',
  task: 'assignment job todo errand chore work overdue',
  deadline: 'due date',
  event: 'meeting appointment schedule session agenda',
  calendar: 'schedule agenda diary',
  availability: 'free busy available holiday vacation leave absent absence away off',
  busy: 'free available holiday vacation leave absent absence away off',
  user: 'colleague employee staff coworker teammate member works person people',
  people: 'colleague employee staff coworker teammate member works',
  current: 'myself whoami account own',
  department: 'team unit division structure hierarchy head manager boss',
  call: 'phone ring rang dial telephone talk spoke conversation voicemail',
  phone: 'number mobile telephone cell caller',
  email: 'mail address',
  file: 'document presentation spreadsheet pdf attachment download',
  folder: 'directory disk storage',
  drive: 'disk storage cloud',
  message: 'chat text',
  invoice: 'bill',
  payment: 'charge paid money',
  ticket: 'case request complaint',
  value: 'option choice source industry',
};

/** Endings of English words, longest first: enough to meet "enquiries" with "enquiry" and "planned" with "plan". */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word;
  const singular = word
    .replace(/ies$/, 'y')
    .replace(/(?<=ss|sh|ch|x)es$/, '')
    .replace(/(?<=[^su])s$/, '');
  const base = singular.replace(/(?<=[a-z]{3})(?:ing|ed)$/, '');
  if (base === singular) return singular.replace(/(?<=[a-z]{3})e$/, '');
  return base.replace(/([bdgmnprt])\1$/, '$1').replace(/(?<=[a-z]{3})e$/, '');
}

/** Letters and digits of any script, without accents, in small letters. */
function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Addresses and numbers stand for what they are; "e-mail", "to-do" and "to do" are one word each. */
const READ_AS: readonly (readonly [RegExp, string])[] = [
  [/[^\s@]+@[^\s@]+\.[a-z]+/gi, ' email '],
  [/\+?\d[\d ()/-]{6,}\d/g, ' phone '],
  [/\be-(?=mail)/gi, 'e'],
  [/\bto[- ]do\b/gi, 'todo'],
];

/** The words of a text that count, stemmed. */
export function terms(text: string): readonly string[] {
  return wordsOf(READ_AS.reduce((rest, [what, word]) => rest.replaceAll(what, word), text))
    .filter((word) => !PASSED_OVER.has(word))
    .map(stem);
}

/** Stands among the terms of a text that speaks of several things: "leads", "enquiries". No word is written so. */
export const SEVERAL = '+';

const READING = ['list', 'get', 'find', 'search'];
const ASKING = new Set([SEVERAL, ...READING.flatMap((verb) => [verb, ...terms(SAID_FOR[verb] ?? '')])]);

/** Words that only say that something is asked for, such as "which" or "show": alone they find nothing. */
export function onlyAsks(term: string): boolean {
  return ASKING.has(term);
}

export function speaksOfSeveral(text: string): boolean {
  return wordsOf(text).some((word) => /[^aious]s$/.test(word) && word.length > 4);
}

const SAID_FOR_STEMS = new Map(Object.entries(SAID_FOR).map(([word, said]) => [stem(word), terms(said)]));

/** What people may say for these words; never the words themselves. */
export function saidFor(stems: readonly string[]): readonly string[] {
  const own = new Set(stems);
  const said = new Set(stems.flatMap((word) => SAID_FOR_STEMS.get(word) ?? []));
  return [...said].filter((word) => !own.has(word));
}
