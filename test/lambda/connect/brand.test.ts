import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { brandingOf, contrast, logo, readableOn } from '../../../lambda/connect/brand.ts';
import { schemes, styleSheet } from '../../../lambda/connect/style.ts';
import { ClientSettings, OrgSettings } from '../../../core/tenant/settings.ts';

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('the brand of a page', () => {
  const client = ClientSettings.parse({
    brand: { name: 'Northwind', color: '#1d4ed8' },
    embedding_origins: ['https://app.example.com'],
  });

  it('is that of the organization where it has one, else that of its client', () => {
    const org = OrgSettings.parse({ brand: { name: 'Acme' } });
    expect(brandingOf({ client, org }, { client: 'nw', org: 'acme' })).toEqual({
      name: 'Acme',
      color: '#1d4ed8',
      embeddingOrigins: ['https://app.example.com'],
    });
  });

  it('without a name is what the product calls the organization, or itself', () => {
    const nothing = { client: ClientSettings.parse({}), org: OrgSettings.parse({}) };
    expect(brandingOf(nothing, { client: 'nw', org: 'acme' }).name).toBe('acme');
    expect(brandingOf(nothing, { client: 'nw' }).name).toBe('nw');
  });
});

describe('the colours of a page', () => {
  it('keep every text at a contrast of 4.5 and every control at 3, whatever the brand', () => {
    fc.assert(
      fc.property(fc.option(color, { nil: undefined }), (brand) => {
        for (const scheme of Object.values(schemes(brand))) {
          for (const text of [scheme.text, scheme.muted, scheme.error]) {
            for (const ground of [scheme.surface, scheme.page, scheme.tint])
              expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
          }
          expect(contrast(scheme.onAccent, scheme.accent)).toBeGreaterThanOrEqual(4.5);
          for (const shape of [scheme.accent, scheme.edge, scheme.good, scheme.error])
            expect(contrast(shape, scheme.surface)).toBeGreaterThanOrEqual(3);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('take the brand colour where it stands out, or a shade of it', () => {
    expect(schemes('#0f766e').light.accent).toBe('#0f766e');
    expect(schemes('#0f766e').dark.accent).not.toBe(schemes(undefined).dark.accent);
    expect(schemes('#0f766e').dark.accent).not.toBe('#0f766e');
    expect(schemes('#abc').dark.accent).toBe('#aabbcc');
  });

  it('ignore a brand colour that cannot be told from the page, or is no colour', () => {
    const usual = schemes(undefined);
    expect(schemes('#ffffff').light.accent).toBe(usual.light.accent);
    expect(schemes('#141b24').dark.accent).toBe(usual.dark.accent);
    for (const wrong of ['red', '#12', '#12345', 'rgb(1,2,3)', '#000;}body{display:none', '#fff</style>'])
      expect(styleSheet(wrong, 0)).toBe(styleSheet(undefined, 0));
  });

  it('know black and white as WCAG does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(readableOn('#000000')).toBe('#ffffff');
    expect(readableOn('#ffee00')).toBe('#000000');
  });
});

describe('a logo', () => {
  const here = 'https://gateway.test/v1';

  it('is shown when it is inside the page or comes from this service', () => {
    expect(logo('data:image/png;base64,AAAA', here)).toBe('data:image/png;base64,AAAA');
    expect(logo('https://gateway.test/v1/logo.png', here)).toBe('https://gateway.test/v1/logo.png');
  });

  it('is left out when showing it would tell another site who is connecting', () => {
    for (const other of [
      'https://cdn.example/x.png',
      'http://gateway.test/x.png',
      '//cdn.example/x.png',
      'javascript:0',
    ])
      expect(logo(other, here)).toBeUndefined();
    expect(logo('data:text/html,<script>', here)).toBeUndefined();
    expect(logo(undefined, here)).toBeUndefined();
  });
});
