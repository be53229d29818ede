/** The domains Bitrix24 gives portals: `acme.bitrix24.com`. A portal on a domain of its own is not one of them. */
export const ZONES = ['ru', 'com', 'eu', 'de', 'kz', 'by', 'com.br', 'es', 'fr', 'in', 'pl', 'it'] as const;

/** A portal's host, without anchors. */
export const PORTAL = String.raw`[a-z0-9-]{1,63}\.bitrix24\.(?:${ZONES.join('|').replaceAll('.', String.raw`\.`)})`;
