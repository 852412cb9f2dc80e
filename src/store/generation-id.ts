/** Ids that sort by time: uuid v7 (RFC 9562), so that a page of history is a range of the primary key. */
import { randomBytes } from 'node:crypto';

let lastMs = 0;
let sequence = 0;

/**
 * A new id. Within a process ids rise strictly, also within one millisecond and when the clock goes back.
 *
 * @param nowMs milliseconds since 1970
 */
export function newGenerationId(nowMs: number): string {
  const fresh = nowMs > lastMs;
  lastMs = Math.max(nowMs, lastMs);
  sequence = fresh ? randomBytes(2).readUInt16BE() & 0x7ff : sequence + 1;
  if (sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  const random = randomBytes(8);
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const time = lastMs.toString(16).padStart(12, '0');
  const tail = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

/** Whether a text that came from outside can be an id at all. */
export function isGenerationId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
}
