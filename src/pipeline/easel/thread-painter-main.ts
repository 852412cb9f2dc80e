/** The thread of `thread-painter.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { toAppError } from '../../errors.ts';
import { loadPainter } from './painter.ts';
import type { PaintAnswer, PaintCall, PaintGreeting, PaintThreadOptions } from './thread-painter.ts';

const port = parentPort;
if (port === null) throw new Error('This program is a worker thread.');
const { model, threads } = workerData as PaintThreadOptions;

const toFailure = (thrown: unknown) => {
  const { code, message } = toAppError(thrown, 'DEVICE_FAILED');
  return { code, message };
};

try {
  const painter = await loadPainter(model, { device: 'cpu', threads });
  port.on('message', ({ id, role, ids }: PaintCall) => {
    painter.paint(role, ids).then(
      (painted) =>
        port.postMessage({ id, painted } satisfies PaintAnswer, [painted.picture.rgba.buffer as ArrayBuffer]),
      (thrown) => port.postMessage({ id, failure: toFailure(thrown) } satisfies PaintAnswer),
    );
  });
  port.postMessage({ ready: true } satisfies PaintGreeting);
} catch (thrown) {
  port.postMessage({ ready: false, failure: toFailure(thrown) } satisfies PaintGreeting);
}
