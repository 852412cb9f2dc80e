/** An app without the SDK: it acknowledges what it is sent, with whatever a test wants, and remembers it. */
import { WebSocket } from 'ws';
import type { Caller, Json } from './caller.ts';
import type { SlackServer } from './slack-server.ts';

export type QuietApp = {
  readonly heard: readonly Json[];
  /** What it acknowledges with; null: not at all. */
  answer: Json | null;
  /** Opens a socket. @returns what the server says first */
  connect(): Promise<Json>;
  /** What it was told last. */
  last(): Json;
  /** To the response_url of what it was told last. */
  respond(body: Json): Promise<Response>;
  /** Sends this over its first socket. */
  say(message: Json): void;
  close(): void;
};

export function createQuietApp(server: SlackServer, caller: Caller): QuietApp {
  const heard: Json[] = [];
  const sockets: WebSocket[] = [];
  const last = (): Json => heard.at(-1)?.['payload'] as Json;
  const app: QuietApp = {
    heard,
    answer: {},
    async connect() {
      const { body } = await caller.call('apps.connections.open', {}, server.app.appToken);
      const socket = new WebSocket(String(body['url']));
      sockets.push(socket);
      return new Promise((resolve, reject) => {
        socket.on('error', reject);
        socket.on('message', (data) => {
          const message: Json = JSON.parse(String(data));
          const { envelope_id } = message;
          if (envelope_id === undefined) return resolve(message);
          heard.push(message);
          if (app.answer !== null) socket.send(JSON.stringify({ envelope_id, payload: app.answer }));
        });
      });
    },
    last,
    respond: (body) =>
      fetch(String(last()['response_url']), {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    say: (message) => sockets[0]?.send(JSON.stringify(message)),
    close() {
      for (const socket of sockets) socket.close();
    },
  };
  return app;
}
