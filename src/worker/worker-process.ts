/** One child process with typed messages: what the supervisor starts, talks to and buries. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../errors.ts';
import { findPackageRoot } from '../models/package-root.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

export type WorkerProcess = {
  readonly pid: number;
  send(message: ToWorker): void;
  kill(): void;
  /** Resolves when the process is gone, however it went. */
  readonly exited: Promise<void>;
};

export type WorkerListeners = {
  onMessage(message: FromWorker): void;
  /** Once, after the last message. */
  onExit(): void;
  /** What native libraries wrote to standard error. */
  onLog(text: string): void;
};

/** Starts a worker. @param environment what of it may be known there; absent: all of this process's. @throws {AppError} `INTERNAL` when the program was not built */
export function spawnWorker(
  entry: string,
  listeners: WorkerListeners,
  environment?: Readonly<Record<string, string>>,
): WorkerProcess {
  const child = fork(entry, [], {
    // Bytes as bytes: 300 kB take 1.2 ms this way and 22.6 ms as JSON.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Debugger ports and loaders of the parent are not the worker's.
    execArgv: [],
    ...(environment === undefined ? {} : { env: environment }),
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => listeners.onLog(text));
  child.on('message', (message) => listeners.onMessage(message as FromWorker));
  // Sending to a process that just died: its exit tells the same.
  child.on('error', () => {});
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      // Messages may still lie in the channel: it says when it is empty.
      if (child.connected) child.once('disconnect', () => resolve());
      else resolve();
    });
    // A process that could not be spawned has no exit.
    child.once('error', () => {
      if (child.pid === undefined) resolve();
    });
  });
  void exited.then(() => listeners.onExit());
  return {
    pid: child.pid ?? 0,
    send(message) {
      if (child.connected) child.send(message, () => {});
    },
    kill() {
      child.kill('SIGKILL');
    },
    exited,
  };
}

/** The worker's program: beside this file once built; from sources, what the last build made. */
export function workerEntry(): string {
  const beside = fileURLToPath(new URL('./main.js', import.meta.url));
  if (existsSync(beside)) return beside;
  const built = join(findPackageRoot(import.meta.url), 'dist', 'src', 'worker', 'main.js');
  if (existsSync(built)) return built;
  throw new AppError('INTERNAL', `${built} is missing: run npm run build first.`);
}
