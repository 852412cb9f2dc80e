// `npm test`: build (the page too), format and lint, types, tests; stops at the first that fails. Arguments go to Vitest.
// A file and not a line of shell, so that it runs wherever Node does.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tool = (path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

const steps = [
  ['build', ['adapters/build.mjs']],
  ['page', ['adapters/web/build.mjs']],
  ['format and lint', [tool('@biomejs/biome/bin/biome'), 'check', '.']],
  ['types', [tool('typescript/bin/tsc'), '--noEmit']],
  ['types of the page', [tool('typescript/bin/tsc'), '--noEmit', '-p', 'adapters/web/page']],
  ['tests', [tool('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]],
];

for (const [name, args] of steps) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) {
    console.error(`npm test: ${name} failed`);
    process.exit(status ?? 1);
  }
}
