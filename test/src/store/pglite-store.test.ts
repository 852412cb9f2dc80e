import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPgliteStore } from '../../../src/store/pglite/pglite-store.ts';
import { storeContract } from '../../contracts/store.ts';
import { copyPgliteFolder } from '../../fakes/pglite-folder.ts';

const folder = await mkdtemp(join(tmpdir(), 'easel-store-'));
await copyPgliteFolder(join(folder, 'db'));

storeContract('PGlite', {
  open: () => openPgliteStore(join(folder, 'db')),
  dispose: () => rm(folder, { recursive: true }),
});
