// Runs the command line in this process, on a catalog with the tiny model and in a folder of its own.

import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Drawing } from '../../../adapters/cli/open-drawing.ts';
import { type Program, runCli } from '../../../adapters/cli/run-cli.ts';
import type { Output, Terminal } from '../../../adapters/cli/terminal.ts';
import { createSupervisedWorker } from '../../../src/index.ts';

const TINY_MODEL = fileURLToPath(new URL('../../fixtures/tiny-model', import.meta.url));

/** A stream that keeps what was written; with columns it says that it is a terminal. */
export class Capture extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 80;
  readonly #colourBits: number;

  constructor(isTTY = false, colourBits = 24) {
    super();
    this.isTTY = isTTY;
    this.#colourBits = colourBits;
  }

  getColorDepth(): number {
    return this.#colourBits;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export type Workplace = {
  readonly folder: string;
  readonly modelsDir: string;
  readonly modelDir: string;
  /** An absolute path in the folder. */
  path(name: string): string;
  run(args: readonly string[], options?: RunOptions): Promise<Run>;
  /** The worker that commands share. */
  openDrawing(): Promise<Drawing>;
  remove(): Promise<void>;
};

export type RunOptions = Partial<Terminal> & {
  readonly program?: Partial<Program>;
  /** Starts a worker for this command, as it does outside of tests; else one is shared, since starting takes a second. */
  readonly ownWorker?: boolean;
};
export type Run = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

export async function createWorkplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-cli-'));
  const modelsDir = join(folder, 'models');
  const modelDir = join(modelsDir, 'tiny');
  await mkdir(modelsDir);
  await cp(TINY_MODEL, modelDir, { recursive: true });
  const catalog = { formatVersion: 1, default: 'tiny', models: [{ name: 'tiny', path: 'tiny' }] };
  await writeFile(join(modelsDir, 'catalog.json'), JSON.stringify(catalog));
  const path = (name: string): string => join(folder, name);
  const worker = createSupervisedWorker({ model: 'tiny', device: 'cpu', modelsDir });
  const openShared = async (): Promise<Drawing> => {
    const { model, device } = await worker.start();
    return {
      model,
      device,
      draw: (...args) => worker.draw(...args),
      memoryBytes: () => worker.memoryBytes ?? null,
      close: () => Promise.resolve(),
    };
  };
  return {
    folder,
    modelsDir,
    modelDir,
    path,
    openDrawing: openShared,
    async run(args, { program = {}, ownWorker = false, ...terminal } = {}) {
      const streams = { stdout: new Capture(), stderr: new Capture(), ...terminal };
      const exitCode = await runCli(
        args,
        {
          environment: { EASEL_DEVICE: 'cpu', EASEL_DATA_DIR: path('data') },
          graphics: { kitty: false, iterm2: false, sixel: false },
          signal: new AbortController().signal,
          ...streams,
        },
        {
          start: () => Promise.resolve(),
          modelsDir,
          ...(ownWorker ? {} : { openDrawing: openShared }),
          ...program,
        },
      );
      return { exitCode, stdout: textOf(streams.stdout), stderr: textOf(streams.stderr) };
    },
    async remove() {
      await worker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function textOf(output: Output): string {
  return output instanceof Capture ? output.text : '';
}
