import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPgliteStore } from '../../../src/store/pglite/pglite-store.ts';
import { limitsContract } from '../../contracts/limits.ts';
import { copyPgliteFolder } from '../../fakes/pglite-folder.ts';

const folder = await mkdtemp(join(tmpdir(), 'easel-limits-'));
await copyPgliteFolder(join(folder, 'db'));

limitsContract('PGlite', {
  open: () => openPgliteStore(join(folder, 'db')),
  dispose: () => rm(folder, { recursive: true }),
});
