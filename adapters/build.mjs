// Builds dist/: the program, then the page of the web chat. A file and not a line of shell, so that it runs wherever
// Node does. `npm ci` runs it (prepare), and some versions of npm do at every `npx easel`: then what is built stays.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const isNpx = process.env.npm_lifecycle_event === 'prepare' && process.env.npm_command === 'exec';
if (!isNpx || !existsSync(path('dist/adapters/main.js'))) {
  const { status, error } = spawnSync(
    process.execPath,
    [path('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    { cwd: root, stdio: 'inherit' },
  );
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
  chmodSync(path('dist/adapters/main.js'), 0o755);
  await import('./web/build.mjs');
}
