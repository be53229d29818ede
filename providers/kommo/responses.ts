/** How Kommo's responses are read: HAL, with 204 and no body for a list without rows. */
import { at, item, type JsonObject, list, type Paging, type Shape } from '../../core/provider/kit.ts';

export const PAGE_SIZE = 50;

const pages: Paging = {
  ask: (request, { page }) => ({ ...request, query: { ...request.query, page: Number(page) } }),
  next: (body, asked) =>
    at(body, '_links.next') === undefined ? undefined : { page: Number(asked?.['page'] ?? 1) + 1 },
};

/** Rows under `_embedded`, page by page. */
export function rowsOf(key: string, row: (row: unknown) => JsonObject): Shape {
  return list((body) => (body === null ? [] : at(body, `_embedded.${key}`)), row, pages);
}

/** The first row of an answer to a write, or the answer itself where it is one record. */
export function itemOf(read: (row: unknown) => JsonObject, where?: string): Shape {
  return item((body) => {
    const found = where === undefined ? body : at(body, where);
    return typeof found === 'object' && found !== null ? read(found) : undefined;
  });
}
