/** From events of the engine to messages: pictures become PNG beside the next row, since sharp works on other threads. */
import { encodePng } from '../image/png.ts';
import type { SlotEvent } from '../pipeline/pipeline.ts';
import { toErrorMessage } from './error-message.ts';
import type { FromWorker } from './protocol.ts';

export async function finish(event: SlotEvent): Promise<FromWorker> {
  const { slotId } = event;
  switch (event.kind) {
    case 'row': {
      const { rowsDone, rows } = event;
      // As it is: few of them are ever shown, and whoever shows one makes a PNG of it.
      // One that could not be painted is left out: the picture itself may well be.
      const preview = event.preview === null ? null : await event.preview.catch(() => null);
      return { kind: 'progress', progress: { slotId, rowsDone, rows, preview } };
    }
    case 'drawn': {
      const { ids, drawing, notices } = event;
      const { picture, drawMs, engineMs } = await drawing;
      const { widthPx, heightPx } = picture;
      const png = await encodePng(picture);
      const slotPicture = { slotId, ids, png, widthPx, heightPx, drawMs, engineMs, notices };
      return { kind: 'picture', picture: slotPicture, memoryBytes: process.memoryUsage.rss() };
    }
    case 'failed':
      return { kind: 'slotFailed', slotId, error: toErrorMessage(event.error) };
  }
}
