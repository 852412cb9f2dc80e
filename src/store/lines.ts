/** Lines of text out of a socket. */
import type { Socket } from 'node:net';
import { AppError } from '../errors.ts';

/** Four pictures as base64 fit many times over; a client that never ends its line does not fill the memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Yields each line without its end; an unfinished last one is left out.
 *
 * @param keepOpen leaves the socket usable for writing when the reader stops early
 */
export async function* readLines(socket: Socket, { keepOpen = false } = {}): AsyncGenerator<string> {
  let chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: !keepOpen }) as AsyncIterable<Buffer>) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...chunks, rest.subarray(0, end)]).toString('utf8');
      chunks = [];
      sizeBytes = 0;
      rest = rest.subarray(end + 1);
    }
    chunks.push(rest);
    sizeBytes += rest.length;
    if (sizeBytes > MAX_LINE_BYTES) throw new AppError('INPUT_USAGE', `A message may have ${MAX_LINE_BYTES} bytes.`);
  }
}
