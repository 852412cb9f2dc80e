import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIOME = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

const folder = await mkdtemp(join(tmpdir(), 'easel-lint-'));
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a floating and a misused promise fail the linter, with the settings of this repository', async () => {
  for (const name of ['biome.json', '.gitignore']) await cp(join(ROOT, name), join(folder, name));
  await mkdir(join(folder, 'src'));
  await cp(join(ROOT, 'test/fixtures/lint/promises.ts.txt'), join(folder, 'src/promises.ts'));

  const failure: unknown = await promisify(execFile)(process.execPath, [BIOME, 'lint', '--reporter=json', '.'], {
    cwd: folder,
  }).catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: 1 });
  const { stdout } = failure as { stdout: string };
  const report = JSON.parse(stdout) as { diagnostics: { severity: string; category: string; location: unknown }[] };
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error').map(({ category }) => category);
  expect(new Set(errors)).toEqual(new Set(['lint/nursery/noFloatingPromises', 'lint/nursery/noMisusedPromises']));
});
