// How far the drawing is: a bar on a terminal, a plain line at every quarter elsewhere.

import { Presets, SingleBar } from 'cli-progress';
import { say, type Terminal } from './terminal.ts';

export type Progress = {
  /** Rows of all pictures that are drawn by now; may fall when a worker had to start again. */
  update(rowsDone: number): void;
  /** Takes the bar off the screen; safe to call twice. */
  stop(): void;
};

const QUARTERS = 4;

export function createProgress(terminal: Terminal, what: string, rows: number): Progress {
  return terminal.stderr.isTTY === true ? bar(terminal, what, rows) : lines(terminal, what, rows);
}

/** Says what takes a moment; returns what takes the line off a terminal again. */
export function announce(terminal: Terminal, what: string): () => void {
  if (terminal.stderr.isTTY !== true) {
    say(terminal, what);
    return () => {};
  }
  terminal.stderr.write(what);
  return () => terminal.stderr.write('\r\u001B[K');
}

function bar(terminal: Terminal, what: string, rows: number): Progress {
  const single = new SingleBar(
    {
      stream: terminal.stderr,
      format: `${what} {bar} {percentage} %`,
      hideCursor: true,
      clearOnComplete: true,
      // Ctrl-C is ours: the picture is given up, then the bar comes off.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  single.start(rows, 0);
  return {
    update: (rowsDone) => single.update(rowsDone),
    stop: () => single.stop(),
  };
}

function lines(terminal: Terminal, what: string, rows: number): Progress {
  let quartersSaid = 0;
  say(terminal, `${what}: 0 %`);
  return {
    update(rowsDone) {
      const quarters = Math.floor((rowsDone / rows) * QUARTERS);
      if (quarters <= quartersSaid) return;
      quartersSaid = quarters;
      say(terminal, `${what}: ${(quarters * 100) / QUARTERS} %`);
    },
    stop() {},
  };
}
