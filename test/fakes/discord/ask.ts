/** Plain requests to the server, right or wrong, as no library would send them. */
import { createProtocolClock } from '../protocol/clock.ts';
import { type DiscordServer, type DiscordServerOptions, startDiscordServer } from './server.ts';

export type Told = { status: number; code: number | undefined; body: Record<string, unknown>; headers: Headers };
export type Ask = (on: string, body?: unknown, options?: AskOptions) => Promise<Told>;
export type AskOptions = {
  /** Sizes in bytes by file name. */
  files?: Readonly<Record<string, number>>;
  token?: string;
  /** Sent as it is, with this content type. */
  raw?: { type: string; text: string };
};

/** A server with a person, a channel and a hand-turned clock. */
export async function openRaw(options: DiscordServerOptions = {}) {
  const server = await startDiscordServer({ clock: createProtocolClock({ speed: 0 }), ...options });
  const ada = server.person('ada');
  const bob = server.person('bob');
  const guild = server.guild('Foxes', [ada, bob]);
  const channel = guild.addChannel('pictures');
  return { server, ask: askOf(server), ada, bob, guild, channel };
}

export function askOf(server: DiscordServer): Ask {
  return async (on, body, { files = {}, token = server.token, raw } = {}) => {
    const [method = 'GET', path = ''] = on.split(' ');
    const headers: Record<string, string> = {
      authorization: `Bot ${token}`,
      'user-agent': 'DiscordBot (https://example.org, 1.0)',
    };
    let sent: string | FormData | undefined;
    if (raw !== undefined) {
      headers['content-type'] = raw.type;
      sent = raw.text;
    } else if (Object.keys(files).length > 0) {
      sent = new FormData();
      sent.set('payload_json', JSON.stringify(body ?? {}));
      for (const [at, [name, size]] of Object.entries(files).entries())
        sent.set(`files[${at}]`, new Blob([new Uint8Array(size)], { type: 'image/png' }), name);
    } else if (body !== undefined) {
      headers['content-type'] = 'application/json';
      sent = JSON.stringify(body);
    }
    const answer = await fetch(`${server.api}/v10${path}`, {
      method,
      headers,
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type') === 'application/json' && text !== '';
    const read = (isJson ? JSON.parse(text) : {}) as Record<string, unknown> & { code?: number };
    return { status: answer.status, code: read.code, body: read, headers: answer.headers };
  };
}

export const IMAGINE = {
  name: 'imagine',
  description: 'Draws what you say',
  options: [{ type: 3, name: 'prompt', description: 'What to draw', required: true, autocomplete: true }],
};
