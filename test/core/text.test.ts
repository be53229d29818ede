import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { characterStart, cutText, issuesInWords, plainLine } from '../../core/text.ts';

const FAMILY = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';

describe('a text that is cut', () => {
  it('ends between characters: no emoji, flag or accented letter is split', () => {
    const text = `a${FAMILY}b\u{1F1E9}\u{1F1EA}e\u0301x`;
    expect(Array.from({ length: text.length + 1 }, (_, most) => cutText(text, most))).toEqual(
      [
        '',
        ...Array.from({ length: 8 }, () => 'a'),
        `a${FAMILY}`,
        ...Array.from({ length: 4 }, () => `a${FAMILY}b`),
        ...Array.from({ length: 2 }, () => `a${FAMILY}b\u{1F1E9}\u{1F1EA}`),
        `a${FAMILY}b\u{1F1E9}\u{1F1EA}e\u0301`,
        text,
      ].toSpliced(10, 0),
    );
  });

  it('is well-formed, never longer than asked for, and the beginning of what it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(320), (text, most) => {
        const cut = cutText(text, most);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(most);
        expect(text.toWellFormed().startsWith(cut)).toBe(true);
      }),
    );
  });

  it('loses little where marks are piled up without end', () => {
    expect(cutText(`a${'\u0301'.repeat(1_000)}`, 500)).toHaveLength(500);
    expect(characterStart('\u{1F600}'.repeat(200), 201)).toBe(200);
  });
});

describe("a line of somebody else's words", () => {
  it('holds no control, no mark of direction, no invisible letter and no line break', () => {
    expect(plainLine('A\u202Ec\u2066m\u200Be\u0000\r\nInc\u{E0041}\uFEFF\u2028.\t', 200)).toBe('Acme Inc .');
    expect(plainLine(`${FAMILY} \u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645`, 200)).toBe(
      `${FAMILY} \u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645`,
    );
    expect(plainLine('\u202E\u0007 \n', 200)).toBe('');
  });

  it('is cut at any length and whatever is in it', () => {
    expect(plainLine('x'.repeat(300_000), 200)).toBe('x'.repeat(200));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const line = plainLine(text, 200);
        expect(line.length).toBeLessThanOrEqual(200);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });
});

describe('what a schema found wrong', () => {
  it('is told in five problems of 200 characters at most, whatever was sent', () => {
    const long = 'n'.repeat(400_000);
    const issues = Array.from({ length: 9 }, () => ({ path: [long, 0], message: `Unrecognized key: "${long}"` }));
    const words = issuesInWords(issues);
    expect(words).toHaveLength(5);
    expect(Math.max(...words.map(({ length }) => length))).toBe(200);
    expect(issuesInWords([{ path: [], message: 'm' }])).toEqual(['m']);
  });
});
