/** The ground every protocol server stands on: HTTP and WebSocket on loopback, trouble by script, a record of all of it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ProtocolClock } from './clock.ts';
import { createFaults, type Fault, type Faults } from './faults.ts';
import { readBody } from './read-body.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { ProtocolAnswer, ProtocolRequest } from './request.ts';

export type Platform = {
  clock: ProtocolClock;
  handle(request: ProtocolRequest): ProtocolAnswer | Promise<ProtocolAnswer>;
  /** How the platform words a refusal or a limit that a test planned. */
  answerOf(fault: Extract<Fault, { kind: 'refuse' | 'rateLimit' }>, request: ProtocolRequest): ProtocolAnswer;
  /** A WebSocket that wants in: what to do with it once open, or the status that its handshake is refused with. */
  connect(path: string, query: URLSearchParams): ((socket: WebSocket) => void) | number;
};

export type ProtocolServer = {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly faults: Faults;
  readonly record: Recorder;
  readonly sockets: ReadonlySet<WebSocket>;
  /** Ends every connection and refuses new ones, as when the platform or the way to it is down. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
};

export async function startProtocolServer(platform: Platform): Promise<ProtocolServer> {
  const { clock } = platform;
  const faults = createFaults();
  const record = createRecorder();
  const connections = new Set<Socket>();
  const upgrader = new WebSocketServer({ noServer: true });
  let lastNumber = 0;
  let isDown = false;

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', 'http://loopback');
    const request: ProtocolRequest = {
      number: ++lastNumber,
      atMs: clock.nowMs(),
      method: message.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      ...(await readBody(message)),
    };
    const fault = faults.take(request);
    const isLost = fault?.kind === 'drop' || fault?.kind === 'loseAnswer';
    const given = fault?.kind === 'drop' ? null : await work(request, fault);
    record.add({ request, answer: isLost ? null : given, answeredAtMs: clock.nowMs() });
    if (isLost || given === null) message.socket.destroy();
    else send(response, given);
  }

  async function work(request: ProtocolRequest, fault: Fault | null): Promise<ProtocolAnswer> {
    if (fault?.kind === 'answer') return fault.answer;
    if (fault?.kind === 'refuse' || fault?.kind === 'rateLimit') return platform.answerOf(fault, request);
    if (fault?.kind === 'hold') await fault.until();
    if (fault?.kind === 'delay') await clock.sleep(fault.delayMs);
    return platform.handle(request);
  }

  const http = createServer((message, response) => {
    answer(message, response).catch((error: unknown) => {
      // A client that went away mid-request is its own affair; anything else is a mistake of this server.
      if (!message.destroyed || message.complete)
        record.violation(`the server broke at ${message.method} ${message.url}: ${String(error)}`);
      message.socket.destroy();
    });
  });
  http.on('connection', (socket) => {
    if (isDown) return void socket.destroy();
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
  });
  http.on('upgrade', (message: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const url = new URL(message.url ?? '/', 'http://loopback');
    const welcome = platform.connect(url.pathname, url.searchParams);
    if (typeof welcome === 'number') return void duplex.end(`HTTP/1.1 ${welcome} Refused\r\nConnection: close\r\n\r\n`);
    upgrader.handleUpgrade(message, duplex, head, (socket) => {
      socket.on('error', () => undefined);
      welcome(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(0, '127.0.0.1', resolve);
  });

  function cut(): void {
    isDown = true;
    for (const socket of connections) socket.destroy();
  }
  return {
    host: `127.0.0.1:${(http.address() as AddressInfo).port}`,
    faults,
    record,
    sockets: upgrader.clients,
    cut,
    restore: () => {
      isDown = false;
    },
    async close() {
      const closed = new Promise((resolve) => http.close(resolve));
      cut();
      clock.close();
      upgrader.close();
      await closed;
    },
  };
}

function send(response: ServerResponse, { status, headers, body }: ProtocolAnswer): void {
  const bytes =
    body === undefined
      ? Buffer.alloc(0)
      : Buffer.isBuffer(body) || typeof body === 'string'
        ? body
        : JSON.stringify(body);
  const mediaType = Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json';
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': mediaType }),
    'content-length': Buffer.byteLength(bytes),
    ...headers,
  });
  response.end(bytes);
}
