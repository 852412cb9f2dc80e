// Builds the pages into dist/adapters/web/public: one script and one style sheet each for the chat and the admin page, with hashed names, and their HTML.
// A file and not a line of shell, so that it runs wherever Node does; also called by the tests.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('page', import.meta.url));
const target = fileURLToPath(new URL('../../dist/adapters/web/public', import.meta.url));

const { outputFiles } = await build({
  entryPoints: [join(source, 'main.tsx'), join(source, 'admin', 'admin.tsx')],
  bundle: true,
  write: false,
  outdir: target,
  entryNames: '[name]-[hash]',
  format: 'esm',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  minify: true,
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const nameOf = (page, extension) =>
  basename(outputFiles.find(({ path }) => basename(path).startsWith(`${page}-`) && path.endsWith(extension)).path);
for (const { path, contents } of outputFiles) writeFileSync(join(target, basename(path)), contents);

const icon = readFileSync(join(source, 'icon.svg'));
const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
writeFileSync(join(target, iconName), icon);

const html = readFileSync(join(source, 'index.html'), 'utf8');
for (const [page, file, title] of [
  ['main', 'index.html', 'Easel'],
  ['admin', 'admin.html', 'Easel admin'],
]) {
  const filled = html
    .replace('{{title}}', title)
    .replace('{{script}}', `/assets/${nameOf(page, '.js')}`)
    .replace('{{style}}', `/assets/${nameOf(page, '.css')}`)
    .replaceAll('{{icon}}', `/assets/${iconName}`);
  writeFileSync(join(target, file), filled);
}
