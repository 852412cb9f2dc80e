/** Socket Mode: envelopes over a WebSocket that the app opened. https://docs.slack.dev/apis/events-api/using-socket-mode */
import type { WebSocket } from 'ws';
import type { ProtocolClock } from '../protocol/clock.ts';
import type { Envelope, Payload, Sent, Transport } from './delivery.ts';
import type { Ids } from './ids.ts';

/** `warning`: will be closed in about 10 s. `refresh_requested`: is closed now. */
export type DisconnectReason = 'warning' | 'refresh_requested' | 'too_many_websockets' | 'link_disabled';

export type SocketMode = Transport & {
  newSocketUrl(host: string): string;
  /** A WebSocket that wants in. */
  connect(path: string, query: URLSearchParams): ((socket: WebSocket) => void) | number;
  /** Sockets that were greeted and take envelopes. */
  readonly openCount: number;
  /** How many were ever greeted. */
  readonly greetedCount: number;
  /** Tells every socket to go. */
  disconnect(reason: DisconnectReason): void;
  /** Handshakes are refused with this from here on; null: no more. */
  refuseHandshakes(status: number | null): void;
  /** Pings of the client are answered no more. */
  mutePongs(isMuted: boolean): void;
  /** Sends this as it is, or bytes as a binary frame, to every socket. */
  sendRaw(frame: string | Buffer): void;
};

const SOCKETS_MAX = 10;
const WARNING_MS = 10_000;
const PING_EVERY_MS = 10_000;

type Line = { socket: WebSocket; isLeaving: boolean; stopPings(): void };
type Waiting = { settle(sent: Sent): void; takesAnswer: boolean };

export function createSocketMode(
  clock: ProtocolClock,
  ids: Ids,
  appId: string,
  ackWithinMs: number,
  violation: (text: string) => void,
): SocketMode {
  const tickets = new Set<string>();
  const lines: Line[] = [];
  const sentIds = new Set<string>();
  const waiting = new Map<string, Waiting>();
  let greetedCount = 0;
  let handshakeStatus: number | null = null;
  let isMuted = false;
  let turn = 0;

  const say = (socket: WebSocket, message: object): void => socket.send(JSON.stringify(message));

  function welcome(socket: WebSocket): void {
    // Every envelope that waits listens for its end.
    socket.setMaxListeners(0);
    const pong = socket.pong.bind(socket);
    // Pings are answered by the library, through this.
    socket.pong = (...args: Parameters<typeof pong>) => {
      if (!isMuted) pong(...args);
    };
    if (lines.length >= SOCKETS_MAX) {
      say(socket, { type: 'disconnect', reason: 'too_many_websockets', debug_info: {} });
      socket.close();
      return;
    }
    const line: Line = { socket, isLeaving: false, stopPings: () => undefined };
    const ping = () => {
      if (!isMuted) socket.ping(`Ping from server ${clock.nowMs()}`);
      line.stopPings = clock.after(PING_EVERY_MS, ping);
    };
    lines.push(line);
    greetedCount += 1;
    socket.on('message', (data, isBinary) => hear(String(data), isBinary));
    socket.on('close', () => {
      line.stopPings();
      lines.splice(lines.indexOf(line), 1);
    });
    say(socket, {
      type: 'hello',
      num_connections: lines.length,
      debug_info: { host: 'applink-1', build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: appId },
    });
    ping();
  }

  function hear(text: string, isBinary: boolean): void {
    const message = isBinary ? null : readJson(text);
    const {
      envelope_id: id,
      payload: answer = {},
      ...rest
    } = (message ?? {}) as { envelope_id?: unknown; payload?: Payload };
    if (typeof id !== 'string' || !sentIds.has(id)) {
      violation(`a frame that acknowledges nothing that was sent: ${text}`);
      return;
    }
    if (Object.keys(rest).length > 0)
      violation(`unknown fields of an acknowledgement: ${Object.keys(rest).join(', ')}`);
    const expected = waiting.get(id);
    // One that comes after 3 s is for nobody.
    if (expected === undefined) return;
    if (!expected.takesAnswer && Object.keys(answer).length > 0) violation(`an answer where none is taken: ${text}`);
    expected.settle({ outcome: 'acknowledged', answer });
  }

  function send(envelope: Envelope): Promise<Sent> {
    const open = lines.filter(({ isLeaving }) => !isLeaving);
    const line = open[turn++ % Math.max(1, open.length)];
    if (line === undefined) return Promise.resolve({ outcome: 'connection_failed' });
    sentIds.add(envelope.id);
    return new Promise((resolve) => {
      const settle = (sent: Sent): void => {
        waiting.delete(envelope.id);
        stop();
        line.socket.off('close', onClose);
        resolve(sent);
      };
      const onClose = (): void => settle({ outcome: 'connection_failed' });
      const stop = clock.after(ackWithinMs, () => settle({ outcome: 'timeout' }));
      line.socket.once('close', onClose);
      waiting.set(envelope.id, { settle, takesAnswer: envelope.takesAnswer });
      const retry = { retry_attempt: envelope.retryNumber, retry_reason: envelope.retryReason };
      say(line.socket, {
        envelope_id: envelope.id,
        type: envelope.kind,
        accepts_response_payload: envelope.takesAnswer,
        payload: envelope.payload,
        ...(envelope.kind === 'events_api' ? retry : {}),
      });
    });
  }

  return {
    send,
    newSocketUrl(host) {
      const ticket = ids.secret();
      tickets.add(ticket);
      return `ws://${host}/link/?ticket=${ticket}&app_id=${appId}`;
    },
    connect(path, query) {
      if (handshakeStatus !== null) return handshakeStatus;
      if (path !== '/link/' || !tickets.delete(query.get('ticket') ?? '')) return 404;
      return welcome;
    },
    get openCount() {
      return lines.filter(({ isLeaving }) => !isLeaving).length;
    },
    get greetedCount() {
      return greetedCount;
    },
    disconnect(reason) {
      for (const line of lines) {
        say(line.socket, { type: 'disconnect', reason, debug_info: { host: 'applink-1' } });
        line.isLeaving = reason !== 'warning';
        if (reason === 'warning') clock.after(WARNING_MS, () => line.socket.close());
      }
    },
    refuseHandshakes: (status) => {
      handshakeStatus = status;
    },
    mutePongs: (isMutedNow) => {
      isMuted = isMutedNow;
    },
    sendRaw: (frame) => {
      for (const { socket } of lines) socket.send(frame);
    },
  };
}

function readJson(text: string): object | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' ? json : null;
  } catch {
    return null;
  }
}
