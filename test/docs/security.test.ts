/** Every promise of docs/security.md is the name of a test that runs. */
import { describe, expect, it } from '@jest/globals';
import { bullets, readPage, section } from './markdown.ts';
import { asSentence, testTitles, titlesIn } from './test-titles.ts';

/** The only section whose bullets are limits, not promises. */
const LIMITS = 'What this cannot promise';
const page = readPage('docs/security.md');
const promises = bullets(page.replace(section(page, LIMITS), ''));

describe('docs/security.md', () => {
  it('promises nothing that is not the name of a test', () => {
    const names = new Set(testTitles().flatMap(({ name, own }) => [name, asSentence(name), asSentence(own)]));
    expect(promises.length).toBeGreaterThan(40);
    expect(promises.filter((promise) => !names.has(promise) && !names.has(promise.slice(0, -1)))).toEqual([]);
  });

  it('says nothing twice', () => {
    expect(promises.filter((promise, i) => promises.indexOf(promise) !== i)).toEqual([]);
  });

  it('says what it cannot promise', () => {
    expect(bullets(section(page, LIMITS)).length).toBeGreaterThan(5);
  });
});

describe('the names of tests', () => {
  it('are those that would run, with the titles around them', () => {
    const source = `
      // it('in a comment', () => {});
      describe('a', () => {
        it('b', () => { expect("it('in a text')").toBe(1); });
        describe('c', () => { it.each([1])('d', () => {}); });
        it.skip('skipped', () => {});
      });
      describe.skip('e', () => { it('inside a skipped one', () => {}); });
      it.each([1])('of parts %s', () => {});
      test('f', async () => {});
    `;
    expect(titlesIn(source).map(({ name }) => name)).toEqual(['a b', 'a c d', 'f']);
  });
});
