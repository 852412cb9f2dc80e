/**
 * How a one-shot command reaches the Easel that owns the data folder: a unix socket in the system's temporary folder (a named
 * pipe on Windows), named by a hash of the folder. One call per connection, a line of JSON per message.
 */
import { createHash } from 'node:crypto';
import { chmod, lstat, realpath, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError, type ErrorCode, type ErrorDetails, isErrorCode, toAppError } from '../errors.ts';
import { readLines } from './lines.ts';
import type { Json } from './records.ts';

export type AdminCall = { readonly command: string; readonly args: Json };
/** What a call may do while it runs: tell progress, and hear that the client went away. */
export type AdminContext = { emit(event: Json): void; readonly signal: AbortSignal };
export type AdminHandler = (call: AdminCall, context: AdminContext) => Promise<Json>;
export type AdminServer = { readonly path: string; close(): Promise<void> };

type Message =
  | { readonly event: Json }
  | { readonly result: Json }
  | { readonly error: { readonly code: string; readonly message: string; readonly details: ErrorDetails } };

/** Where the socket of a data folder is. */
export async function adminSocketPath(dataDir: string): Promise<string> {
  const folder = await realpath(dataDir).catch(() => resolve(dataDir));
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return process.platform === 'win32' ? `\\\\.\\pipe\\easel-${name}` : join(tmpdir(), `easel-${name}.sock`);
}

/**
 * Answers calls until closed. Whoever calls this holds the folder's lock, so a socket that is there already is a dead one's.
 *
 * @throws {AppError} `STORE_NO_PERMISSION` when the socket cannot be made
 */
export async function serveAdmin(dataDir: string, handle: AdminHandler): Promise<AdminServer> {
  const path = await adminSocketPath(dataDir);
  const open = new Set<Promise<void>>();
  const server = createServer((socket) => {
    const done = serveOne(socket, handle).finally(() => open.delete(done));
    open.add(done);
  });
  try {
    if (process.platform !== 'win32') await rm(path, { force: true });
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen(path, () => {
        server.off('error', failed);
        listening();
      });
    });
    // The temporary folder is everybody's: only this user may connect.
    if (process.platform !== 'win32') await chmod(path, 0o600);
  } catch (error) {
    server.close();
    throw new AppError('STORE_NO_PERMISSION', `The admin socket ${path} cannot be made: check who owns it.`, {
      cause: error,
    });
  }
  let closing: Promise<void> | null = null;
  return {
    path,
    close: () => {
      closing ??= (async () => {
        const closed = new Promise<void>((resolveClosed) => server.close(() => resolveClosed()));
        await Promise.allSettled(open);
        await closed;
      })();
      return closing;
    },
  };
}

async function serveOne(socket: Socket, handle: AdminHandler): Promise<void> {
  const gone = new AbortController();
  socket.on('error', () => gone.abort());
  socket.on('close', () => gone.abort());
  const send = (message: Message) => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
  };
  try {
    const call = await firstLine(socket);
    if (call === null) return;
    send({ result: await handle(call, { emit: (event) => send({ event }), signal: gone.signal }) });
  } catch (error) {
    const { code, message, details } = toAppError(error);
    send({ error: { code, message, details } });
  } finally {
    socket.end();
  }
}

async function firstLine(socket: Socket): Promise<AdminCall | null> {
  for await (const line of readLines(socket, { keepOpen: true })) {
    const call: unknown = JSON.parse(line);
    if (typeof call === 'object' && call !== null && 'command' in call && typeof call.command === 'string') {
      return { command: call.command, args: 'args' in call ? (call.args as Json) : null };
    }
    throw new AppError('INPUT_USAGE', 'The admin socket takes {"command", "args"}.');
  }
  return null;
}

/**
 * Calls the Easel that owns a data folder.
 *
 * An abort ends the connection, which the other side hears.
 * @returns null when nobody listens there
 * @throws {AppError} what the other side refused with; `CANCELLED` on abort; `STORE_UNAVAILABLE` when it went away in between
 */
export async function callAdmin(
  dataDir: string,
  { command, args }: AdminCall,
  { onEvent, signal }: { onEvent?: (event: Json) => void; signal?: AbortSignal } = {},
): Promise<{ result: Json } | null> {
  const path = await adminSocketPath(dataDir);
  if (signal?.aborted) throw cancelled();
  if (!(await isOurs(path))) return null;
  const socket = await connect(path);
  if (socket === null) return null;
  const onAbort = () => socket.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    socket.write(`${JSON.stringify({ command, args })}\n`);
    for await (const line of readLines(socket)) {
      const message = JSON.parse(line) as Message;
      if ('result' in message) return { result: message.result };
      if ('error' in message) throw toError(message.error);
      onEvent?.(message.event);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (!signal?.aborted) throw gone(error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    socket.destroy();
  }
  throw signal?.aborted ? cancelled() : gone(undefined);
}

/** A socket that another user put under this name is not asked: it could answer anything. */
async function isOurs(path: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const info = await lstat(path).catch(() => null);
  return info?.isSocket() === true && (info.uid === userInfo().uid || info.uid === 0);
}

function connect(path: string): Promise<Socket | null> {
  return new Promise((connected) => {
    const socket = createConnection(path);
    socket.once('connect', () => connected(socket));
    socket.once('error', () => connected(null));
    // A connection that breaks later ends the reading with an error; nobody else needs to hear it.
    socket.on('error', () => undefined);
  });
}

function toError({ code, message, details }: { code: string; message: string; details: ErrorDetails }): AppError {
  const known: ErrorCode = isErrorCode(code) ? code : 'INTERNAL';
  return new AppError(known, message, { details });
}

const cancelled = () => new AppError('CANCELLED', 'Cancelled.');
const gone = (cause: unknown) =>
  new AppError('STORE_UNAVAILABLE', 'The running Easel went away before it answered. Try again.', { cause });
