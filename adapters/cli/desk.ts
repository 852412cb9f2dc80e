// `easel limits …` and its like: the commands of the desk from a terminal, by the running Easel or beside none.

import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { AppError, askDesk, type Config, type HostDeskArgs, openHostDesk, type View } from '../../src/index.ts';
import { print, say, type Terminal } from './terminal.ts';

export type DeskFlags = {
  /** Such as `discord:123`; null: every place. */
  readonly place: string | null;
  readonly json: boolean;
  /** Of `limits import`: nothing is applied. */
  readonly dry: boolean;
};

const BAR_CHARACTERS = 24;

/** @throws {AppError} what the desk refused, in its words */
export async function askAtDesk(
  words: readonly string[],
  { place, json, dry }: DeskFlags,
  { config, modelsDir }: { config: Config; modelsDir: string | undefined },
  terminal: Terminal,
): Promise<void> {
  const args: HostDeskArgs = {
    ...(await toArgs(words, dry)),
    user: userInfo().username,
    locale: terminal.environment['LC_ALL'] ?? terminal.environment['LANG'] ?? null,
    ...(place === null ? {} : { place: readPlace(place) }),
  };
  const view = (await askDesk(config.dataDir, args)) ?? (await askHere(config, modelsDir, terminal, args));
  if (view.kind === 'refused') throw new AppError('INPUT_USAGE', view.lines.join('\n'));
  if (json) print(terminal, JSON.stringify(view));
  else printView(view, terminal);
}

async function askHere(
  config: Config,
  modelsDir: string | undefined,
  { environment }: Terminal,
  args: HostDeskArgs,
): Promise<View> {
  const desk = await openHostDesk(config, { environment, ...(modelsDir === undefined ? {} : { modelsDir }) });
  try {
    return await desk.ask(args);
  } finally {
    await desk.close();
  }
}

/** A file is read here: the running Easel may not see it. */
async function toArgs(words: readonly string[], dry: boolean): Promise<Pick<HostDeskArgs, 'text' | 'command'>> {
  const [group, word, file] = words;
  if (group !== 'limits' || word !== 'import') return { text: words.join(' ') };
  if (file === undefined) throw new AppError('INPUT_USAGE', 'Say which file: easel limits import limits.yaml');
  const yaml = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('INPUT_USAGE', `${file} cannot be read.`, { cause });
  });
  return { command: { name: 'limits import', options: { yaml, dry } } };
}

/** @throws {AppError} `INPUT_USAGE` */
function readPlace(text: string): { platform: string; tenant: string } {
  const [, platform, tenant] = /^([a-z]+):(\S+)$/u.exec(text) ?? [];
  if (platform !== undefined && tenant !== undefined) return { platform, tenant };
  throw new AppError('INPUT_USAGE', 'A place is a platform and the id of a server or workspace: --place discord:1234');
}

function printView({ heading, lines, fields, bars, menu, actions, file }: View, terminal: Terminal): void {
  // What is asked for is the file: the rest is said beside it, so that it can be kept.
  if (file !== null) {
    say(terminal, heading);
    terminal.stdout.write(file.text);
    return;
  }
  const out = (line: string) => print(terminal, line);
  out(heading);
  for (const { label, usedShare, value, note } of bars) {
    const full = Math.round(usedShare * BAR_CHARACTERS);
    out(
      `  ${'█'.repeat(full)}${'░'.repeat(BAR_CHARACTERS - full)}  ${label}: ${value}${note === null ? '' : `, ${note}`}`,
    );
  }
  for (const line of lines) out(`  ${line}`);
  const width = Math.max(0, ...fields.map(({ name }) => name.length));
  for (const { name, value } of fields) out(`  ${name.padEnd(width)}  ${value}`);
  const more = [...actions, ...(menu?.choices ?? [])].filter(({ opensForm }) => !opensForm);
  for (const { id, label } of more) out(`  → ${label}: easel ${id.replace(/^easel-do /u, '')}`);
}
