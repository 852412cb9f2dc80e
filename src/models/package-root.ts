/** Where this package lies, whether it runs from `src/` or from `dist/`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the nearest `package.json` above a module's `import.meta.url`. */
export function findPackageRoot(moduleUrl: string): string {
  const start = dirname(fileURLToPath(moduleUrl));
  for (let dir = start; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return dir;
    if (dirname(dir) === dir) throw new Error(`No package.json above ${start}.`);
  }
}

/** `models/` of this package. */
export function shippedModelsDir(): string {
  return join(findPackageRoot(import.meta.url), 'models');
}
