// The import rules of the design, read from the import lines.

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

type SourceFile = { readonly path: string; readonly text: string; readonly imports: readonly string[] };

const IMPORT =
  /(?:^|[\n;])\s*(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]|(?:(?:^|[\n;])\s*import|\bimport\s*\()\s*['"]([^'"]+)['"]/gu;

/** Every TypeScript file below a folder, with what it imports: relative ones as paths from the root. */
function filesOf(folder: string): readonly SourceFile[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = relative(ROOT, `${entry.parentPath}${sep}${entry.name}`).split(sep).join('/');
      const text = readFileSync(`${ROOT}${path}`, 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const name = match[1] ?? match[2] ?? '';
    return name.startsWith('.') ? posix.join(posix.dirname(path), name) : name;
  });
}

const SRC = filesOf('src');
const ADAPTERS = filesOf('adapters');
const ALL = [...SRC, ...ADAPTERS];

/** "file -> import" for each import that breaks a rule. */
function breaking(
  files: readonly SourceFile[],
  breaks: (imported: string, path: string) => boolean,
): readonly string[] {
  return files.flatMap(({ path, imports }) =>
    imports.filter((imported) => breaks(imported, path)).map((imported) => `${path} -> ${imported}`),
  );
}

function filesImporting(packages: RegExp, files: readonly SourceFile[] = ALL): readonly string[] {
  return files.filter(({ imports }) => imports.some((imported) => packages.test(imported))).map(({ path }) => path);
}

const adapterOf = (path: string): string => path.split('/')[1] ?? '';

describe('the reader of import lines', () => {
  it('sees every way to import', () => {
    const text = [
      "import a from 'one';",
      "import type { B } from './two.ts';",
      "import {\n  c,\n  d,\n} from '../three.ts';",
      "export * from './four.ts';",
      "import 'five';",
      "const e = await import('six');",
    ].join('\n');
    expect(importsOf('src/x/y.ts', text)).toEqual([
      'one',
      'src/x/two.ts',
      'src/three.ts',
      'src/x/four.ts',
      'five',
      'six',
    ]);
  });

  it('sees this program', () => {
    expect(SRC.length).toBeGreaterThan(10);
    expect(filesImporting(/^src\/index\.ts$/u)).not.toEqual([]);
  });
});

describe('imports', () => {
  it('adapters take from src/index.ts only', () => {
    expect(breaking(ADAPTERS, (imported) => imported.startsWith('src/') && imported !== 'src/index.ts')).toEqual([]);
  });

  it('src never takes from adapters', () => {
    expect(breaking(SRC, (imported) => imported.startsWith('adapters/'))).toEqual([]);
  });

  it('no adapter takes from another, and only main.ts takes from adapters', () => {
    const others = ADAPTERS.filter(({ path }) => path !== 'adapters/main.ts');
    const isOther = (imported: string, path: string): boolean =>
      imported.startsWith('adapters/') && adapterOf(imported) !== adapterOf(path);
    expect(breaking(others, isOther)).toEqual([]);
  });

  it('src/pipeline knows no chat, queue, limits or store', () => {
    const pipeline = SRC.filter(({ path }) => path.startsWith('src/pipeline/'));
    const known = /^src\/(?:conversation|studio|queue|policy|store|prompt|ops|worker)\//u;
    expect(breaking(pipeline, (imported) => known.test(imported))).toEqual([]);
  });

  it('a worker never opens the database', () => {
    const worker = SRC.filter(({ path }) => path.startsWith('src/worker/'));
    expect(breaking(worker, (imported) => imported.startsWith('src/store/'))).toEqual([]);
  });

  it('onnxruntime-node has one home', () => {
    expect(filesImporting(/^onnxruntime-/u).length).toBeLessThanOrEqual(1);
  });

  it('database drivers live in src/store', () => {
    const outside = filesImporting(/^(?:pg|drizzle-orm|@electric-sql)(?:\/|$)/u).filter(
      (path) => !path.startsWith('src/store/'),
    );
    expect(outside).toEqual([]);
  });

  it.each([
    ['discord.js and its parts', /^(?:discord\.js|discord-api-types|@discordjs\/)/u, 'adapters/discord/'],
    ["Slack's packages", /^@slack\//u, 'adapters/slack/'],
    ['the command line', /^(?:commander|cli-progress|sixel|supports-terminal-graphics)$/u, 'adapters/'],
    ['dotenv', /^dotenv/u, 'adapters/main.ts'],
  ])('%s: imported in its own place only', (_what, packages, home) => {
    expect(filesImporting(packages).filter((path) => !path.startsWith(home))).toEqual([]);
  });

  it('modules of Node are named node:', () => {
    expect(breaking(ALL, (imported) => builtinModules.includes(imported))).toEqual([]);
  });

  it('files of this program are named with their ending', () => {
    const isBare = (imported: string): boolean =>
      /^(?:src|adapters)\//u.test(imported) && !/\.(?:ts|json)$/u.test(imported);
    expect(breaking(ALL, isBare)).toEqual([]);
  });

  it('packages are dependencies, not development ones', () => {
    const dependencies = Object.keys(readManifest().dependencies);
    const isForeign = (imported: string): boolean => !/^(?:node:|src\/|adapters\/|models\/)/u.test(imported);
    const packageOf = (imported: string): string =>
      imported
        .split('/')
        .slice(0, imported.startsWith('@') ? 2 : 1)
        .join('/');
    expect(breaking(ALL, (imported) => isForeign(imported) && !dependencies.includes(packageOf(imported)))).toEqual([]);
  });
});

describe('the program', () => {
  it('reads process.env in one place', () => {
    const readers = ALL.filter(({ text }) => /\bprocess\s*\.\s*env\b|\benv\s*\}\s*=\s*process\b/u.test(text));
    expect(readers.map(({ path }) => path)).toEqual(['adapters/main.ts']);
  });

  it('has npm scripts without shell syntax, since hosts have different shells', () => {
    const withShell = Object.entries(readManifest().scripts).filter(([, script]) =>
      /[&|;<>$`*?~'"\\]|^\w+=/u.test(script),
    );
    expect(withShell).toEqual([]);
  });
});

function readManifest(): { scripts: Record<string, string>; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
}
