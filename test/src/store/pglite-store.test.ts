import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPgliteStore } from '../../../src/store/pglite/pglite-store.ts';
import { storeContract } from '../../contracts/store.ts';

const folder = await mkdtemp(join(tmpdir(), 'easel-store-'));

storeContract('PGlite', {
  open: () => openPgliteStore(join(folder, 'db')),
  dispose: () => rm(folder, { recursive: true }),
});
