/**
 * Connections to providers, kept between requests as long as they can be trusted. While a function is frozen nobody takes
 * notice that a provider has hung up; a change sent on such a connection fails in a way that leaves open whether it was
 * done. So what has been idle for longer than providers surely wait is not used again.
 */
import { Agent } from 'node:https';
import type { Clock } from '../../core/time.ts';

export interface ConnectionPool {
  /** For one request. Call `done` when it has ended, however it did. */
  readonly take: () => { readonly agent: Agent; readonly done: () => void };
}

/** Servers close idle connections after 2 s and more (Node's after 5, nginx's after 75). */
export const LONGEST_IDLE_MS = 1_000;

export function createConnectionPool(clock: Clock): ConnectionPool {
  let agent = newAgent();
  let running = 0;
  let idleSince = clock();
  return {
    take() {
      if (running === 0 && clock() - idleSince > LONGEST_IDLE_MS) {
        for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
        agent = newAgent();
      }
      running += 1;
      return {
        agent,
        done: () => {
          running -= 1;
          idleSince = clock();
        },
      };
    },
  };
}

function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 16, timeout: 60_000 });
}
