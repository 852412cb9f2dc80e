/** What tells a process from a later one with the same pid, as far as the system says. */
import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** What `/proc` counts in; Linux has it at 100 on every platform Node runs on. */
const TICKS_PER_S = 100;

export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @returns milliseconds since 1970 or since boot, the same for one process whoever asks; null when the system does not say */
export async function startedAtMsOf(pid: number): Promise<number | null> {
  try {
    if (process.platform === 'linux') {
      const fields = await readFile(`/proc/${pid}/stat`, 'utf8');
      // The name in brackets may hold spaces and brackets; the start time is the twentieth field after it.
      const ticks = Number(fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19]);
      return Number.isFinite(ticks) ? (ticks / TICKS_PER_S) * 1_000 : null;
    }
    if (process.platform === 'win32') {
      const { stdout } = await run('powershell', [
        '-NoProfile',
        '-Command',
        `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`,
      ]);
      const fileTime = Number(stdout);
      return Number.isFinite(fileTime) ? fileTime / 10_000 : null;
    }
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    const startedAtMs = Date.parse(stdout.trim());
    return Number.isFinite(startedAtMs) ? startedAtMs : null;
  } catch {
    return null;
  }
}

/** Another one after a restart of the machine; null where it cannot be read. */
export async function bootId(): Promise<string | null> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

/** Two containers count their pids apart; empty outside Linux. */
export function pidSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
