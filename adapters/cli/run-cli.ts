// The command line: commands and their flags in, an exit code out.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import {
  AppError,
  askHostSecret,
  type Config,
  findPackageRoot,
  type GivenFlag,
  readConfig,
  toAppError,
} from '../../src/index.ts';
import { askAtDesk } from './desk.ts';
import { type ChatChecks, doctor } from './doctor.ts';
import { evaluate } from './eval.ts';
import { imagine } from './imagine.ts';
import { listModels, showModel, verifyModels } from './models.ts';
import { type OpenDrawing, openWorkerDrawing } from './open-drawing.ts';
import { endSession, listSessions, type SessionTools } from './sessions.ts';
import { SHOW_WAYS, type ShowWay } from './show-picture.ts';
import { say, type Terminal } from './terminal.ts';

export type Program = {
  /** `easel start`: resolves when the bot was told to end. */
  readonly start: (config: Config, signal: AbortSignal) => Promise<void>;
  /** `easel invite`: a one-use link to the web chat. */
  readonly invite?: (config: Config, name: string, role: 'member' | 'admin') => Promise<string>;
  /** What `easel doctor` says of chats. */
  readonly checkChats?: ChatChecks;
  /** Of the web chat. */
  readonly sessions?: SessionTools;
  /** Where the web admin takes a one-use secret. */
  readonly adminLink?: (config: Config, secret: string) => string;
  /** Default: `models/` of this package. */
  readonly modelsDir?: string;
  /** Default: a worker process. */
  readonly openDrawing?: OpenDrawing;
};

export const EXIT_DONE = 0;
export const EXIT_COULD_NOT = 1;
export const EXIT_WRONG_USAGE = 2;

/** What of the desk can be asked here too. */
const DESK_EXAMPLES = {
  limits: 'set 20 pictures per day',
  words: 'test a red fox',
  queue: 'show',
  stats: '',
  audit: '',
} as const;
const DESK_GROUPS = [
  ['limits', 'who may draw how much: list, set, preview, grant, block, plans, undo, export, import'],
  ['words', 'blocked words: list, add, remove, defaults, test'],
  ['queue', 'what waits: show, pause, resume, clear'],
  ['stats', 'who drew how much this month'],
  ['audit', 'who changed what'],
] as const satisfies readonly (readonly [keyof typeof DESK_EXAMPLES, string])[];

/** Flags of the prompt language, as the command line takes them too. */
type PromptFlags = {
  readonly seed?: string;
  readonly n?: string;
  readonly ar?: string;
  readonly style?: string;
  readonly no?: readonly string[];
  readonly guidance?: string;
  readonly model?: string;
  readonly private?: boolean;
};
type ImagineFlags = PromptFlags & { readonly out?: string; readonly json?: boolean; readonly show: ShowWay };

/**
 * Runs one command.
 *
 * Errors become one sentence on standard error, never a stack trace (unless `EASEL_LOG_LEVEL` is debug or trace).
 *
 * @param args without node and the program
 * @returns the exit code: 0 done, 1 could not, 2 wrong usage
 */
export async function runCli(args: readonly string[], terminal: Terminal, program: Program): Promise<number> {
  try {
    await createCommand(terminal, program).parseAsync([...args], { from: 'user' });
    return EXIT_DONE;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT_DONE : EXIT_WRONG_USAGE;
    const error = toAppError(thrown);
    say(terminal, `easel: ${sentenceOf(error)}`);
    if (/^(?:debug|trace)$/u.test(terminal.environment['EASEL_LOG_LEVEL'] ?? '')) say(terminal, error.stack ?? '');
    return exitCodeOf(error);
  }
}

/** What was typed wrong is wrong usage; everything else could not be done. */
export function exitCodeOf(error: AppError): number {
  return error.area === 'INPUT' || error.code === 'MODEL_UNKNOWN' ? EXIT_WRONG_USAGE : EXIT_COULD_NOT;
}

function sentenceOf(error: AppError): string {
  if (error.code !== 'INTERNAL') return error.message;
  return `Something broke that should not: ${error.message} Run it again with EASEL_LOG_LEVEL=debug to see where.`;
}

function createCommand(terminal: Terminal, program: Program): Command {
  const { modelsDir } = program;
  const manifest = readManifest();
  const easel = new Command('easel')
    .description(manifest.description)
    .version(manifest.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .showHelpAfterError('(easel --help shows what there is)');

  easel
    .command('imagine')
    .description('draw a picture into a file')
    .argument('<prompt...>', 'what to draw, like "a red apple"; {a,b} makes several prompts, emoji are words')
    .option(
      '--out <file>',
      'where to write: .png, .webp or .jpg, or a folder; several pictures become FILE-1, FILE-2, …',
    )
    .option('--seed <number>', 'the same seed, prompt and model draw the same picture')
    .option('--n <number>', 'how many pictures (default 1)')
    .option('--model <name>', 'a model of `easel models list`')
    .option('--style <name>', 'a style of the model')
    .option('--no <things>', 'what to leave out: words, or several with commas', collect)
    .option('--guidance <number>', 'how strictly to follow the words')
    .option('--ar <ratio>', 'the shape, width:height')
    .option('--private', 'leave the prompt out of the file')
    .option('--json', 'print one JSON object and nothing else to standard output')
    .addOption(new Option('--show <how>', 'show the picture in the terminal').choices(SHOW_WAYS).default('auto'))
    .action(async (words: readonly string[], flags: ImagineFlags) => {
      const config = readConfig(terminal.environment);
      const openDrawing =
        program.openDrawing ?? openWorkerDrawing(modelsDir, terminal.environment, workerLog(config, terminal));
      const options = {
        out: flags.out ?? null,
        json: flags.json ?? false,
        show: flags.show,
        flags: toGivenFlags(flags),
      };
      const setting = { config, modelsDir, openDrawing, software: `Easel ${manifest.version}` };
      await imagine(words.join(' '), options, setting, terminal);
    });

  easel
    .command('start')
    .description('run the bot until it is told to end')
    .action(() => program.start(readConfig(terminal.environment), terminal.signal));

  easel
    .command('invite')
    .description('print a one-use link to the web chat; it lasts a week')
    .argument('<name>', 'what the page calls whoever opens it')
    .option('--admin', 'may also cancel and delete what others made')
    .action(async (name: string, flags: { admin?: boolean }) => {
      const link = await program.invite?.(
        readConfig(terminal.environment),
        name,
        flags.admin === true ? 'admin' : 'member',
      );
      terminal.stdout.write(`${link ?? ''}\n`);
    });

  easel
    .command('sessions')
    .description('list who may use the web chat, and what their session is called')
    .option('--json', 'print one JSON object')
    .action((flags: { json?: boolean }) =>
      listSessions(readConfig(terminal.environment), program.sessions, flags.json ?? false, terminal),
    );

  easel
    .command('revoke')
    .description('end a session of the web chat for good')
    .argument('<session>', 'its id, as `easel sessions` shows it')
    .action((id: string) => endSession(readConfig(terminal.environment), program.sessions, id, terminal));

  easel
    .command('admin')
    .description('print a one-use link to the web admin of the running Easel; it lasts ten minutes')
    .action(async () => {
      const config = readConfig(terminal.environment);
      const secret = await askHostSecret(config.dataDir);
      if (secret === null) {
        throw new AppError(
          'INPUT_USAGE',
          'No Easel runs on this data folder. Start it with npm start, then ask again.',
        );
      }
      terminal.stdout.write(`${program.adminLink?.(config, secret) ?? secret}\n`);
    });

  for (const [group, about] of DESK_GROUPS) {
    easel
      .command(group)
      .description(about)
      .argument('[words...]', `as after /easel ${group}, such as: ${DESK_EXAMPLES[group]}`)
      .option('--place <place>', 'one server or workspace, such as discord:1234; else what holds for all')
      .option('--dry', 'of an import: only say what it would change')
      .option('--json', 'print one JSON object')
      .allowUnknownOption()
      .action((words: readonly string[], flags: { place?: string; dry?: boolean; json?: boolean }) => {
        const options = { place: flags.place ?? null, dry: flags.dry ?? false, json: flags.json ?? false };
        const setting = { config: readConfig(terminal.environment), modelsDir };
        return askAtDesk([group, ...words], options, setting, terminal);
      });
  }

  const models = easel.command('models').description('what can draw here');
  models
    .command('list')
    .description('the models of the catalog')
    .option('--json', 'print one JSON object')
    .action((flags: { json?: boolean }) => listModels({ json: flags.json ?? false, modelsDir }, terminal));
  models
    .command('info')
    .description('what a model is and what it can draw')
    .argument('[name]', 'a model of the catalog; default: the one that draws when nobody names one')
    .option('--json', 'print one JSON object')
    .action((name: string | undefined, flags: { json?: boolean }) =>
      showModel(name ?? null, { json: flags.json ?? false, modelsDir }, terminal),
    );
  models
    .command('verify')
    .description('whether the files of a model are the ones that were shipped')
    .argument('[name]', 'a model of the catalog; default: all')
    .option('--json', 'print one JSON object')
    .action((name: string | undefined, flags: { json?: boolean }) =>
      verifyModels(name ?? null, { json: flags.json ?? false, modelsDir }, terminal),
    );

  easel
    .command('eval')
    .description('score a model with IconEval; needs a clone of the repository and Python')
    .option('--model <name>', 'a model of `easel models list`')
    .option('--quick', 'one picture a prompt instead of four')
    .option('--scores-only', 'only the six tasks: no icons are fetched')
    .option('--json', 'print one JSON object')
    .action(async (flags: { model?: string; quick?: boolean; scoresOnly?: boolean; json?: boolean }) => {
      const config = readConfig(terminal.environment);
      const openDrawing =
        program.openDrawing ?? openWorkerDrawing(modelsDir, terminal.environment, workerLog(config, terminal));
      const options = {
        model: flags.model ?? null,
        quick: flags.quick ?? false,
        scoresOnly: flags.scoresOnly ?? false,
        json: flags.json ?? false,
      };
      await evaluate(options, { config, modelsDir, openDrawing }, terminal);
    });

  easel
    .command('doctor')
    .description('what works here')
    .option('--json', 'print one JSON object')
    .action((flags: { json?: boolean }) =>
      doctor({ json: flags.json ?? false, modelsDir, checkChats: program.checkChats }, terminal),
    );

  return easel;
}

/** Flags go to the prompt language unread: it says what is wrong with them in the same words everywhere. */
function toGivenFlags(flags: PromptFlags): readonly GivenFlag[] {
  const { seed, n, ar, style, guidance, model } = flags;
  const given = Object.entries({ seed, n, ar, style, guidance, model }).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  const unwanted = (flags.no ?? []).map((value) => ({ name: 'no', value }));
  return [...given, ...unwanted, ...(flags.private === true ? [{ name: 'private', value: '' }] : [])];
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** What native libraries write is of use to who looks for a fault, and noise to everyone else. */
function workerLog(config: Config, terminal: Terminal): (text: string) => void {
  const isWanted = config.logLevel === 'debug' || config.logLevel === 'trace';
  return isWanted ? (text) => say(terminal, text.trimEnd()) : () => {};
}

function readManifest(): { version: string; description: string } {
  return JSON.parse(readFileSync(join(findPackageRoot(import.meta.url), 'package.json'), 'utf8'));
}
