// A process of its own that opens a data folder and, asked to, accepts requests until it is killed; one line per thing done.

import { randomUUID } from 'node:crypto';
import { openDataFolder } from '../../../../dist/src/store/data-folder.js';
import { newGenerationId } from '../../../../dist/src/store/generation-id.js';

const [dataDir, job, databaseUrl = null] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);

try {
  const folder = await openDataFolder({ dataDir, databaseUrl });
  say('open');
  if (job === 'accept') {
    for (;;) {
      const id = newGenerationId(Date.now());
      const slot = { generationId: id, pictureIndex: 0 };
      await folder.store.accept({
        requestKey: randomUUID(),
        scope: { platform: 'web', tenant: 'server', channel: 'drawing', user: 'ada', roles: [] },
        private: false,
        target: {},
        acceptedAtMs: Date.now(),
        generations: [
          {
            id,
            kind: 'imagine',
            parentId: null,
            parentPictureIndex: null,
            prompt: 'a red fox',
            options: {},
            seed: 1,
            model: 'easel-nano',
            modelHash: 'c0ffee',
            pictures: 2,
            chargedPictures: 2,
          },
        ],
      });
      say(`accepted ${id}`);
      await folder.store.jobs.begin([slot], randomUUID(), Date.now());
      say(`begun ${id}`);
      const blobKey = await folder.blobs.put(Buffer.from(id));
      await folder.store.jobs.drawn({
        ...slot,
        ids: [1, 2, 3],
        blobKey,
        sizeBytes: id.length,
        widthPx: 256,
        heightPx: 256,
        drawMs: 1,
        engineMs: 1,
        finishedAtMs: Date.now(),
      });
      say(`drawn ${id} ${blobKey}`);
    }
  }
  process.on('SIGTERM', async () => {
    await folder.close();
    say('closed');
    process.exit(0);
  });
  setInterval(() => undefined, 1_000);
} catch (error) {
  say(`error ${JSON.stringify({ code: error.code, message: error.message, details: error.details })}`);
  process.exit(1);
}
