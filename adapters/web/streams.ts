// Server-sent events to every open page: each change once, in order, and again after a gap by Last-Event-ID.

import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { WireEvents } from './wire.ts';

/** null: everybody; else the only person who may see it. */
export type Audience = string | null;

export type Streams = {
  /** Answers with a stream; ends when the page goes or `close` is called. */
  open(personId: string, lastEventId: string | null, response: ServerResponse): void;
  /** A change of what pages hold: sent again to who missed it. */
  send<Name extends keyof WireEvents>(name: Name, data: WireEvents[Name], audience?: Audience): void;
  /** Of the moment only; left out where a page reads too slowly. */
  glimpse<Name extends keyof WireEvents>(name: Name, data: WireEvents[Name], audience?: Audience): void;
  onPeople(listener: () => void): void;
  /** Ids of people with an open page. */
  readonly online: readonly string[];
  readonly size: number;
  /** Ends what somebody has open: their session was revoked. */
  drop(personId: string): void;
  close(): void;
};

/** Changes that a page may have missed and still gets. */
const KEPT_EVENTS = 1_000;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 800;
/** A page that has not read so much is behind: it gets no glimpses. */
const SLOW_BYTES = 512 * 1024;
/** And here it is let go: it comes back by itself and asks for what it missed. */
const LOST_BYTES = 8 * 1024 * 1024;
const STREAMS_OF_PERSON_MAX = 24;

type Stream = { readonly personId: string; readonly response: ServerResponse };
type Kept = { readonly number: number; readonly text: string; readonly audience: Audience };

export function createStreams(): Streams {
  // Another run of the program counts anew: its numbers must not be taken for ours.
  const run = randomBytes(4).toString('hex');
  const streams = new Set<Stream>();
  const kept: Kept[] = [];
  let lastNumber = 0;
  let onPeople = () => {};

  const heartbeat = setInterval(() => {
    for (const { response } of streams) response.write(': beat\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();

  function write(text: string, audience: Audience, isGlimpse: boolean): void {
    for (const { personId, response } of streams) {
      if (audience !== null && audience !== personId) continue;
      if (isGlimpse && response.writableLength > SLOW_BYTES) continue;
      if (response.writableLength > LOST_BYTES) response.destroy();
      else response.write(text);
    }
  }

  /** @returns what was missed after this id; null when that is no longer known */
  function missed(lastEventId: string, personId: string): readonly string[] | null {
    const [ofRun, text] = lastEventId.split('-');
    const number = Number(text);
    const first = kept[0]?.number ?? lastNumber + 1;
    if (ofRun !== run || !Number.isInteger(number) || number > lastNumber || number < first - 1) return null;
    return kept
      .filter((event) => event.number > number && (event.audience === null || event.audience === personId))
      .map((event) => event.text);
  }

  return {
    open(personId, lastEventId, response) {
      const own = [...streams].filter((stream) => stream.personId === personId);
      if (own.length >= STREAMS_OF_PERSON_MAX) own[0]?.response.end();
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        connection: 'keep-alive',
      });
      const again = lastEventId === null ? [] : missed(lastEventId, personId);
      const here = `id: ${run}-${lastNumber}\n`;
      if (again === null) response.write(`retry: ${RETRY_MS}\n${here}event: reset\ndata: {}\n\n`);
      else response.write(`retry: ${RETRY_MS}\n${again.length === 0 ? here : ''}: open\n\n${again.join('')}`);
      const stream = { personId, response };
      streams.add(stream);
      onPeople();
      response.on('error', () => {});
      response.on('close', () => {
        streams.delete(stream);
        onPeople();
      });
    },
    send(name, data, audience = null) {
      lastNumber += 1;
      const text = `id: ${run}-${lastNumber}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
      kept.push({ number: lastNumber, text, audience });
      if (kept.length > KEPT_EVENTS) kept.shift();
      write(text, audience, false);
    },
    glimpse(name, data, audience = null) {
      write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`, audience, true);
    },
    onPeople(listener) {
      onPeople = listener;
    },
    get online() {
      return [...new Set([...streams].map(({ personId }) => personId))];
    },
    get size() {
      return streams.size;
    },
    drop(personId) {
      for (const stream of streams) if (stream.personId === personId) stream.response.end();
    },
    close() {
      clearInterval(heartbeat);
      for (const { response } of streams) response.end();
    },
  };
}
