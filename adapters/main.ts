#!/usr/bin/env node
// The program: the only file that imports adapters, loads .env and reads process.env.

import { config as loadDotenv } from 'dotenv';
import { createSupportsTerminalGraphics } from 'supports-terminal-graphics';
import { AppError, type Config } from '../src/index.ts';
import { runCli } from './cli/run-cli.ts';

/** Connects every chat that the configuration names and serves the built-in one. */
async function start(_config: Config, _signal: AbortSignal): Promise<void> {
  throw new AppError(
    'ADAPTER_UNAVAILABLE',
    'This version has no chat to serve yet. Draw with: npx easel imagine "a red apple"',
  );
}

loadDotenv({ quiet: true });

const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => ended.abort());
}
// A reader that went away (`easel models info | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    graphics: createSupportsTerminalGraphics(process.stdout),
    signal: ended.signal,
  },
  { start },
);
