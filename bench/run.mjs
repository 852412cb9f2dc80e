// npm run bench [-- --json] [NAME...]: the measured claims. The programs are built from bench/*.ts.
import { existsSync } from 'node:fs';

const main = new URL('../dist/bench/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('dist/bench is missing: run npm run build first.\n');
  process.exitCode = 1;
}
