/** Checks of the data folder, the port, the server and the operator key. They change nothing. */
import { lstat } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { callAdmin } from '../admin-api/admin-client.ts';
import { Refused, type Io } from '../terminal/io.ts';
import { findTarget, localServer, OPERATOR_KEY_FILE, remoteUrl } from '../admin-api/target.ts';
import { failed, passed, warn, type Finding } from './check.ts';

const TIMEOUT_MS = 5_000;
const OTHERS = 0o077;

/** Nobody but the owner may read the folder or, above all, the operator key in it. */
export async function checkData(data: string): Promise<Finding> {
  const folder = await lstat(data).catch(() => undefined);
  if (folder === undefined) return passed('data', `${data} does not exist yet; \`npm start\` makes it`);
  if (!folder.isDirectory()) return failed('data', `${data} is not a folder.`, 'Name another one with ALLMCP_DATA.');
  const key = path.join(data, OPERATOR_KEY_FILE);
  const keyFile = await lstat(key).catch(() => undefined);
  if (keyFile !== undefined && (keyFile.mode & OTHERS) !== 0)
    return failed(
      'data',
      `Other users of this machine can read ${key}.`,
      `Run \`chmod 600 ${key}\`, then revoke that key.`,
    );
  if ((folder.mode & OTHERS) !== 0)
    return warn('data', `Other users of this machine can look into ${data}.`, `Run \`chmod 700 ${data}\`.`);
  return passed('data', `${data} is readable by you alone`);
}

/** The local server when one runs; else whether `npm start` would get its port. */
export async function checkServer(io: Io, data: string, port: number): Promise<Finding> {
  const local = localServer(io, data);
  if (local !== undefined) {
    if (await healthy(io, local.url)) return passed('server', `running at ${local.url}`);
    return failed('server', `${local.url} does not answer /healthz.`, 'Stop it, and start it again with `npm start`.');
  }
  if (!(await taken(port))) return passed('server', `not running; port ${port} is free`);
  return warn(
    'server',
    `Port ${port} is taken by another program.`,
    `Stop that one, or start on another port: \`npm start -- --port ${port + 1}\`.`,
  );
}

export async function checkRemote(io: Io): Promise<Finding> {
  try {
    const url = remoteUrl(io);
    if (url === undefined) return passed('remote', 'ALLMCP_URL is not set: commands use the local server');
    if (await healthy(io, url)) return passed('remote', `${url} answers`);
    return failed('remote', `${url} does not answer /healthz.`, 'Check ALLMCP_URL, the network and the deployment.');
  } catch (error) {
    return refused('remote', error);
  }
}

export async function checkOperatorKey(io: Io, data: string): Promise<Finding> {
  try {
    if (remoteUrl(io) === undefined && localServer(io, data) === undefined)
      return warn('operator key', 'Not tried: there is no server.', 'Run `npm start`, or set ALLMCP_URL.');
    const target = findTarget(io, data);
    const { clients } = await callAdmin(io, target, 'listClients');
    return passed('operator key', `accepted by ${target.url}; it manages ${clients.length} clients`);
  } catch (error) {
    return refused('operator key', error);
  }
}

function refused(check: string, error: unknown): Finding {
  if (!(error instanceof Refused)) throw error;
  return failed(check, error.message, error.next ?? 'Correct it, then run `doctor` again.');
}

async function healthy(io: Io, url: string): Promise<boolean> {
  try {
    const response = await io.fetch(`${url}/healthz`, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = (await response.json()) as unknown;
    return response.ok && typeof body === 'object' && body !== null && 'status' in body && body.status === 'ok';
  } catch {
    return false;
  }
}

async function taken(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, timeout: TIMEOUT_MS });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('timeout', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
