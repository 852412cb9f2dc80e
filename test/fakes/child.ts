/** A child process that tests talk to by the lines it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type Child = {
  readonly pid: number;
  readonly lines: readonly string[];
  /** The first line, already printed or to come, that begins so; rejects when the child ends without it. */
  line(start: string): Promise<string>;
  /** Resolves with the exit status or the signal that ended it. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
};

export function startChild(
  file: URL,
  args: readonly string[],
  options: { uid?: number; command?: readonly string[] } = {},
): Child {
  const [command = process.execPath, ...before] = options.command ?? [];
  const child: ChildProcess = spawn(command, [...before, file.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const lines: string[] = [];
  const waiting = new Set<{ start: string; resolve(line: string): void; reject(error: Error): void }>();
  let errors = '';
  child.stderr?.on('data', (data) => {
    errors += String(data);
  });
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      for (const one of waiting) {
        if (!line.startsWith(one.start)) continue;
        waiting.delete(one);
        one.resolve(line);
      }
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const one of waiting)
      one.reject(new Error(`The child ended without "${one.start}": ${lines.slice(-5).join(' | ')} ${errors}`));
    return (signal ?? code) as number | NodeJS.Signals | null;
  });
  return {
    pid: child.pid ?? -1,
    lines,
    line: (start) =>
      new Promise((resolve, reject) => {
        const already = lines.find((line) => line.startsWith(start));
        if (already === undefined) waiting.add({ start, resolve, reject });
        else resolve(already);
      }),
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
    ended,
  };
}
