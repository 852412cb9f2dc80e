/** A painter in a thread of its own: on the CPU, pictures are decoded beside the next row, and previews cost the rows nothing. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError, isErrorCode } from '../../errors.ts';
import type { CatalogModel } from '../../models/catalog.ts';
import { findPackageRoot } from '../../models/package-root.ts';
import type { Painted, Painter, PaintRole } from './painter.ts';

/** What the thread is started with. */
export type PaintThreadOptions = { model: CatalogModel; threads: number };
export type PaintCall = { id: number; role: PaintRole; ids: readonly number[] };
export type PaintAnswer = { id: number; painted: Painted } | { id: number; failure: { code: string; message: string } };
export type PaintGreeting = { ready: true } | { ready: false; failure: { code: string; message: string } };

/** @throws {AppError} what loading the decoders throws; then the thread has ended */
export async function startThreadPainter(model: CatalogModel, threads: number): Promise<Painter> {
  const options: PaintThreadOptions = { model, threads };
  const thread = new Worker(threadEntry(), { workerData: options });
  const [greeting] = (await once(thread, 'message')) as [PaintGreeting];
  if (!greeting.ready) {
    await thread.terminate();
    throw toError(greeting.failure);
  }
  const waiting = new Map<number, { resolve(painted: Painted): void; reject(error: unknown): void }>();
  let nextId = 1;
  let gone: AppError | null = null;
  const end = (error: AppError): void => {
    gone ??= error;
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  thread.on('message', (answer: PaintAnswer) => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('painted' in answer) one?.resolve(answer.painted);
    else one?.reject(toError(answer.failure));
  });
  thread.on('error', (cause) => end(new AppError('DEVICE_FAILED', `Decoding failed: ${cause.message}`, { cause })));
  thread.on('exit', () => end(new AppError('WORKER_CLOSED', 'Easel is shutting down: ask again once it runs.')));
  return {
    paint(role, ids) {
      if (gone !== null) return Promise.reject(gone);
      const id = nextId++;
      thread.postMessage({ id, role, ids } satisfies PaintCall);
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    async close() {
      await thread.terminate();
    },
  };
}

function toError({ code, message }: { code: string; message: string }): AppError {
  return new AppError(isErrorCode(code) ? code : 'DEVICE_FAILED', message);
}

/** Beside this file once built; from sources, what the last build made. */
function threadEntry(): string {
  const name = 'thread-painter-main.js';
  const beside = fileURLToPath(new URL(name, import.meta.url));
  if (existsSync(beside)) return beside;
  return join(findPackageRoot(import.meta.url), 'dist', 'src', 'pipeline', 'easel', name);
}
