import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import {
  type AdminHandler,
  type AdminServer,
  adminSocketPath,
  callAdmin,
  serveAdmin,
} from '../../../src/store/admin-socket.ts';

let dataDir: string;
let server: AdminServer | null;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'easel-admin-'));
  server = null;
});
afterEach(async () => {
  await server?.close();
  await rm(dataDir, { recursive: true });
});

async function serve(handle: AdminHandler): Promise<void> {
  server = await serveAdmin(dataDir, handle);
}
const call = (command: string, args = {}) => callAdmin(dataDir, { command, args });

describe('the admin socket', () => {
  test('nobody listens: the answer is null', async () => {
    expect(await call('imagine')).toBeNull();
  });

  test('a call is answered, its progress on the way, in order', async () => {
    await serve(async ({ command, args }, { emit }) => {
      for (const row of [1, 2, 3]) emit({ row });
      return { command, args };
    });
    const events: unknown[] = [];
    const answer = await callAdmin(
      dataDir,
      { command: 'imagine', args: { prompt: 'a fox\n🦊' } },
      { onEvent: (event) => events.push(event) },
    );
    expect(answer).toEqual({ result: { command: 'imagine', args: { prompt: 'a fox\n🦊' } } });
    expect(events).toEqual([{ row: 1 }, { row: 2 }, { row: 3 }]);
  });

  test('a picture of some megabytes passes whole', async () => {
    const png = 'x'.repeat(5_000_000);
    await serve(async ({ args }) => args);
    expect(await callAdmin(dataDir, { command: 'echo', args: png })).toEqual({ result: png });
  });

  test('a refusal arrives as the error it is', async () => {
    await serve(() => Promise.reject(new AppError('QUEUE_FULL', 'The queue is full.', { details: { waiting: 7 } })));
    await expect(call('imagine')).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      message: 'The queue is full.',
      details: { waiting: 7 },
    });
  });

  test('the same folder by another name is the same socket', async () => {
    await serve(async () => 'here');
    const link = `${dataDir}-link`;
    await symlink(dataDir, link);
    expect(await callAdmin(link, { command: 'where', args: null })).toEqual({ result: 'here' });
    await rm(link);
  });

  test.skipIf(process.platform === 'win32')('only its user may connect', async () => {
    await serve(async () => null);
    expect((await stat(await adminSocketPath(dataDir))).mode & 0o777).toBe(0o600);
  });

  test('an abort before, and while it runs, ends the call, and the other side hears it', async () => {
    const heard = deferred();
    await serve(async (_call, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      heard.resolve('gone');
      return null;
    });
    const abort = new AbortController();
    const running = callAdmin(dataDir, { command: 'imagine', args: null }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await heard.promise).toBe('gone');
    await expect(
      callAdmin(dataDir, { command: 'imagine', args: null }, { signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('an owner that dies in between is said, not waited for', async () => {
    const path = await adminSocketPath(dataDir);
    const dying = createServer((socket) => socket.once('data', () => socket.destroy()));
    await new Promise<void>((resolve) => dying.listen(path, resolve));
    await expect(call('imagine')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await new Promise((resolve) => dying.close(resolve));
  });

  test.skipIf(process.platform === 'win32')(
    'the socket of a dead owner is replaced; a file in its place is no socket',
    async () => {
      const path = await adminSocketPath(dataDir);
      await writeFile(path, '');
      expect(await call('imagine')).toBeNull();
      await serve(async () => 'new');
      expect(await call('imagine')).toEqual({ result: 'new' });
    },
  );

  test.each(['nonsense\n', '{"args":1}\n', '[]\n'])('%j is refused and the next caller served', async (line) => {
    await serve(async () => 'fine');
    const answer = await new Promise<string>((resolve) => {
      const socket = createConnection(server?.path ?? '');
      socket.once('data', (data) => resolve(String(data)));
      socket.write(line);
    });
    expect(JSON.parse(answer)).toHaveProperty('error');
    expect(await call('again')).toEqual({ result: 'fine' });
  });

  test('closing waits for the call in flight', async () => {
    const release = deferred();
    await serve(() => release.promise);
    const running = call('imagine');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = server?.close();
    release.resolve('done');
    expect(await running).toEqual({ result: 'done' });
    await closed;
    expect(await call('imagine')).toBeNull();
  });
});

function deferred(): { promise: Promise<string>; resolve(value: string): void } {
  let resolve: (value: string) => void = () => undefined;
  const promise = new Promise<string>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
