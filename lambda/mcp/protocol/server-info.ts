/**
 * Who this server says it is. The icon goes out at first contact only: on the newer leg the SDK puts the identity into
 * every result, and a picture has no business there.
 */
import type { Implementation } from '@modelcontextprotocol/server';

/** Three lines meet in a hub; an SVG of 24 by 24, inline so that a client fetches nothing. */
const ICON =
  'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAyNCAyNCI+PHBhdGggZD0iTTEyIDEyIDQgNW04IDcgOC03bS04IDd2OSIgc3Ryb2tlPSIjMjU2M2ViIiBzdHJva2Utd2lkdGg9IjIiLz48Y2lyY2xlIGN4PSIxMiIgY3k9IjEyIiByPSI0IiBmaWxsPSIjMjU2M2ViIi8+PC9zdmc+';

/** @param method of the request where a header names it: `server/discover` is the newer leg's first contact. */
export function serverInfo(version: string, era: 'legacy' | 'modern', method: string | null): Implementation {
  const identity = { name: 'allmcp', title: 'AllMCP', version };
  if (era === 'modern' && method !== 'server/discover') return identity;
  return { ...identity, icons: [{ src: ICON, mimeType: 'image/svg+xml', sizes: ['any'] }] };
}
