/** Attacks on a link and its code. */
import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { MAX_TRIES } from '../../../core/connect/link.ts';
import { CODE, setUpConnect } from './set-up.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };
const tries = (world: ReturnType<typeof setUpConnect>, secret: string): number | undefined =>
  world.links.rows.get(hashSecret(secret))?.tries;

describe('link reuse', () => {
  it('a used link opens nothing and stores nothing', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const { cookie, token } = await world.open(secret);
    const send = () => world.post(secret, { ...GOOD, form_token: token }, { cookie });
    expect((await send()).status).toBe(200);
    const before = JSON.stringify([...world.connections.rows]);
    expect((await send()).status).toBe(404);
    expect((await world.get(secret)).status).toBe(404);
    expect(JSON.stringify([...world.connections.rows])).toBe(before);
  });

  it('two forms sent at the same moment store once', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const { cookie, token } = await world.open(secret);
    const puts: string[] = [];
    const set = world.connections.rows.set.bind(world.connections.rows);
    world.connections.rows.set = (key, connection) => {
      puts.push(connection.version);
      return set(key, connection);
    };
    const send = () => world.post(secret, { ...GOOD, form_token: token }, { cookie });
    const statuses = (await Promise.all(Array.from({ length: 10 }, send))).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 9 }, () => 404)]);
    expect(puts).toHaveLength(1);
  });

  it('an expired link is dead even while its row is still there', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const { cookie, token } = await world.open(secret);
    const lagging = { ...world.links, find: async (hash: string) => world.links.rows.get(hash) };
    const late = setUpConnect({ deps: { ...world.deps, links: lagging } });
    world.wait(600_000);
    expect((await late.get(secret)).status).toBe(404);
    expect((await late.post(secret, { ...GOOD, form_token: token }, { cookie })).status).toBe(404);
  });

  it('a token of one link does not send the form of another', async () => {
    const world = setUpConnect();
    const [mine, other] = [world.issue(), world.issue()];
    const { cookie, token } = await world.open(mine);
    expect((await world.post(other, { ...GOOD, form_token: token }, { cookie })).status).toBe(403);
    expect(world.connections.rows.size).toBe(0);
  });
});

describe('link guessing', () => {
  it('unknown, used, expired and worn-out links give the very same page', async () => {
    const world = setUpConnect();
    const [used, expired, worn] = [
      world.issue(),
      world.issue('example', { expiresAt: 0 }),
      world.issue('example', { tries: 4 }),
    ];
    await world.fill(used, GOOD);
    await world.fill(worn, { ...GOOD, code: 'AAA-AAA' });
    const answers = await Promise.all(
      [used, expired, worn, randomBytes(32).toString('base64url'), 'x', '../admin', '%00', 'a'.repeat(300)].map(
        async (secret) => {
          const response = await world.get(secret);
          return JSON.stringify([response.status, [...response.headers], await response.text()]);
        },
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('Ask your agent for a new link.');
  });

  it('a link is found by its whole secret only, and only directly below /connect', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    for (const near of [`${secret}/x`, `${secret}x`, secret.slice(0, -1), `x/${secret}`, `${secret}%2F`])
      expect((await world.get(near)).status).toBe(404);
    expect((await world.get(secret)).status).toBe(200);
  });

  it('the table holds no secret that opens a page: its hash does not', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    expect(JSON.stringify([...world.links.rows])).not.toContain(secret);
    expect((await world.get(hashSecret(secret))).status).toBe(404);
  });
});

describe('wrong code', () => {
  it('five wrong codes end the link, and the right one is then refused', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const statuses: number[] = [];
    for (let at = 0; at < MAX_TRIES; at += 1)
      statuses.push((await world.fill(secret, { ...GOOD, code: `AAA-AA${at + 2}` })).status);
    expect(statuses).toEqual([422, 422, 422, 422, 404]);
    const { cookie, token } = await world.open(world.issue());
    expect((await world.post(secret, { ...GOOD, form_token: token }, { cookie })).status).toBe(404);
    expect(world.connections.rows.size).toBe(0);
    expect(world.asked).toHaveLength(0);
  });

  it('a worn-out link is dead even while its row is still there', async () => {
    const world = setUpConnect();
    const secret = world.issue('example', { tries: MAX_TRIES });
    expect((await world.get(secret)).status).toBe(404);
  });

  it('says how many tries are left', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    expect(await (await world.fill(secret, { code: 'AAA-AAA' })).text()).toContain('You can try 4 more times.');
    await world.fill(secret, { code: 'AAA-AAA' });
    await world.fill(secret, { code: 'AAA-AAA' });
    expect(await (await world.fill(secret, { code: 'AAA-AAA' })).text()).toContain('You can try once more.');
  });

  it('a wrong code is counted before the answer and before anything else is looked at', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const text = await (await world.fill(secret, { code: 'AAA-AAA', api_key: 'not a token' })).text();
    expect(tries(world, secret)).toBe(1);
    expect(text).not.toContain('does not look right');
    const broken = setUpConnect({
      deps: { ...world.deps, links: { ...world.links, countTry: () => Promise.reject(new Error('down')) } },
    });
    expect((await broken.fill(secret, { ...GOOD, code: 'AAA-AAA' })).status).toBe(500);
  });

  it('of many codes sent at once at most five are compared', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const { cookie, token } = await world.open(secret);
    const codes = Array.from({ length: 60 }, (_, at) => `AAA-A${String(at).padStart(2, '0')}`);
    const answers = await Promise.all(
      codes.map((code) => world.post(secret, { ...GOOD, code, form_token: token }, { cookie })),
    );
    const said = await Promise.all(answers.map((answer) => answer.text()));
    // Four are told how often they may still try, the fifth ends the link like all those that were not looked at.
    expect(said.filter((text) => text.includes('This is not the code'))).toHaveLength(MAX_TRIES - 1);
    expect(tries(world, secret)).toBe(MAX_TRIES);
  });

  it('a right code costs no try, however often the form comes back for another reason', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    for (let at = 0; at < 2 * MAX_TRIES; at += 1)
      expect((await world.fill(secret, { ...GOOD, code: CODE, api_key: 'not a token' })).status).toBe(422);
    expect(tries(world, secret)).toBe(0);
  });

  it('many guesses at once store nothing, even with the right one among them', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const { cookie, token } = await world.open(secret);
    const codes = Array.from({ length: 40 }, (_, at) => (at === 20 ? CODE : `AAA-A${String(at).padStart(2, '0')}`));
    await Promise.all(codes.map((code) => world.post(secret, { ...GOOD, code, form_token: token }, { cookie })));
    expect(world.connections.rows.size).toBe(0);
    expect((await world.get(secret)).status).toBe(404);
  });

  it('the right code of another link is a wrong one', async () => {
    const world = setUpConnect();
    const secret = world.issue('example', { codeHash: hashSecret('another') });
    expect((await world.fill(secret, GOOD)).status).toBe(422);
    expect(tries(world, secret)).toBe(1);
  });

  it('a form without a code is asked for one and costs no try', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const response = await world.fill(secret, { api_key: 'tok_good' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('The code from your chat is missing.');
    expect(tries(world, secret)).toBe(0);
  });
});
