/** What an event says, and what it never holds. */
import { describe, expect, it } from '@jest/globals';
import { connectionEvent, mintEventId, pingEvent } from '../../../core/event/connection-event.ts';

const AT = '2026-11-22T10:00:00.000Z';
const change = { provider: 'bitrix24', connection: 'work', accountName: 'Ann' } as const;
const said = (body: string): unknown => JSON.parse(body);

describe('an event', () => {
  it('says what happened to which account of whom, and when', () => {
    const owner = { client: 'acme', org: 'jsm', user: 'ann' };
    const event = connectionEvent({ ...change, type: 'connection.created', owner, reconnected: true }, 'evt_1', AT);
    expect(event).toMatchObject({ id: 'evt_1', type: 'connection.created', at: AT });
    expect(said(event.body)).toEqual({
      id: 'evt_1',
      type: 'connection.created',
      created_at: AT,
      client_id: 'acme',
      org_id: 'jsm',
      user_id: 'ann',
      provider_key: 'bitrix24',
      connection: 'work',
      account: 'Ann',
      reconnected: true,
    });
  });

  it('leaves out the ids that the tenant does not have', () => {
    const { body } = connectionEvent({ ...change, type: 'connection.removed', owner: { client: 'acme' } }, 'evt_1', AT);
    expect(Object.keys(said(body) as object)).toEqual([
      'id',
      'type',
      'created_at',
      'client_id',
      'provider_key',
      'connection',
      'account',
    ]);
  });

  it('of an account that is new says that it is', () => {
    const { body } = connectionEvent({ ...change, type: 'connection.created', owner: { client: 'acme' } }, 'evt_1', AT);
    expect(said(body)).toMatchObject({ reconnected: false });
  });

  it('of a try names the client alone', () => {
    const { body } = pingEvent('acme', 'evt_1', AT);
    expect(said(body)).toEqual({ id: 'evt_1', type: 'ping', created_at: AT, client_id: 'acme' });
  });

  it('has an id of its own without a full stop', () => {
    const newId = Array.from({ length: 200 }, mintEventId);
    expect(new Set(newId).size).toBe(200);
    for (const id of newId) expect(id).toMatch(/^evt_[A-Za-z0-9_-]{24}$/);
  });
});
