// What a command may touch of the outside: its streams, the environment, and the signal that it should end.

import type { Environment } from '../../src/index.ts';

/** The part of a terminal's output stream that commands use; a pipe or a file has no columns. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  getColorDepth?(environment?: object): number;
};

/** Ways to send a picture that a terminal was found to support. */
export type GraphicsSupport = { readonly kitty: boolean; readonly iterm2: boolean; readonly sixel: boolean };

export type Terminal = {
  /** Data only: file names, JSON, the picture itself. */
  readonly stdout: Output;
  /** Everything said to the person: progress, notices, errors. */
  readonly stderr: Output;
  readonly environment: Environment;
  readonly graphics: GraphicsSupport;
  /** Asks the terminal itself, which takes a moment; needed only where `graphics` says nothing. */
  readonly askSixel?: () => Promise<boolean>;
  /** Aborted on Ctrl-C and on SIGTERM. */
  readonly signal: AbortSignal;
};

export function say(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}

export function print(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${line}\n`);
}
