/** An empty Easel database in a folder, copied: making one anew takes six seconds of processor time, and many tests need one. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findPackageRoot } from '../../src/models/package-root.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openPgliteStore } from '../../src/store/pglite/pglite-store.ts';

/**
 * Puts an empty, migrated database at `folder` (the `db` of a data folder).
 *
 * The template stays in the temporary folder for later runs; another schema or another PGlite has another one.
 */
export async function copyPgliteFolder(folder: string): Promise<void> {
  const template = await findTemplate();
  await mkdir(dirname(folder), { recursive: true });
  await cp(template, folder, { recursive: true });
}

async function findTemplate(): Promise<string> {
  const manifest = join(findPackageRoot(import.meta.url), 'node_modules', '@electric-sql', 'pglite', 'package.json');
  const name = createHash('sha256')
    .update(JSON.stringify(MIGRATIONS))
    .update(await readFile(manifest))
    .digest('hex')
    .slice(0, 16);
  const template = join(tmpdir(), `easel-test-template-${name}`);
  if (await exists(template)) return template;
  const draft = await mkdtemp(`${template}-`);
  await (await openPgliteStore(join(draft, 'db'))).close();
  // Whoever is first keeps it; the others have made the same.
  await rename(join(draft, 'db'), template).catch(async (error: unknown) => {
    if (!(await exists(template))) throw error;
  });
  await rm(draft, { recursive: true, force: true });
  return template;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
