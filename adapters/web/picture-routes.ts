// Pictures by generation and number, for who may see them; decoded anew when their file has expired.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  type Asker,
  composeSheet,
  type Generation,
  SHEET_MAX_PICTURES,
  type Studio,
  withPngProvenance,
} from '../../src/index.ts';
import { pictureName } from './board.ts';
import { scopeOf } from './scope.ts';
import type { Sessions } from './session-routes.ts';

export type PictureParts = {
  readonly app: FastifyInstance;
  readonly studio: Studio;
  readonly sessions: Sessions;
  /** Such as `Easel 0.1.0`: in every picture's metadata. */
  readonly software: string;
};

const params = z.object({
  id: z.string().regex(/^[0-9a-f-]{8,40}$/u),
  file: z.string().regex(/^(?:\d{1,2}|sheet)\.png$/u),
});
const query = z.object({ download: z.literal('1').optional() });
/** Bytes of a number never change; a day bounds how long a deleted one stays in a browser. */
const CACHED_FOR_S = 86_400;

export function addPictureRoutes({ app, studio, sessions, software }: PictureParts): void {
  app.get('/api/pictures/:id/:file', async (request, reply) => {
    const { id } = await sessions.require(request);
    const wanted = params.parse(request.params);
    const asker = { scope: scopeOf(id) };
    const shown = await studio.show(asker, wanted.id);
    if (shown.kind === 'refused') throw shown.error;
    const generation = shown.value;
    const isSheet = wanted.file === 'sheet.png';
    const index = isSheet ? 'sheet' : Number(wanted.file.split('.')[0]);
    const png = index === 'sheet' ? await sheetOf(asker, generation) : await pictureOf(asker, generation, index);
    const bytes = withPngProvenance(png, {
      prompt: generation.private ? null : generation.prompt,
      seed: generation.seed,
      pictureIndex: index === 'sheet' ? 0 : index,
      model: generation.model,
      modelHash: generation.modelHash,
      software,
    });
    reply.headers({ 'content-type': 'image/png', 'cache-control': `private, max-age=${CACHED_FOR_S}, immutable` });
    if (query.parse(request.query).download !== undefined) {
      reply.header('content-disposition', `attachment; filename="${pictureName(generation, index)}"`);
    }
    return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });

  async function pictureOf(asker: Asker, { id }: Generation, pictureIndex: number): Promise<Uint8Array> {
    const answer = await studio.picture(asker, { generationId: id, pictureIndex });
    if (answer.kind === 'refused') throw answer.error;
    return answer.value;
  }

  async function sheetOf(asker: Asker, generation: Generation): Promise<Uint8Array> {
    const drawn = drawnOf(generation).slice(0, SHEET_MAX_PICTURES);
    const pngs = await Promise.all(drawn.map(({ index }) => pictureOf(asker, generation, index)));
    const [first] = pngs;
    return pngs.length === 1 && first !== undefined ? first : (await composeSheet(pngs)).png;
  }
}

/** What "send to me" downloads; null while nothing is drawn. */
export function downloadPath(generation: Generation): { url: string; fileName: string } | null {
  const drawn = drawnOf(generation);
  const [first] = drawn;
  if (first === undefined) return null;
  const file = drawn.length === 1 ? first.index : 'sheet';
  return { url: `/api/pictures/${generation.id}/${file}.png?download=1`, fileName: pictureName(generation, file) };
}

function drawnOf(generation: Generation) {
  return generation.pictures.filter(({ state }) => state === 'drawn');
}
