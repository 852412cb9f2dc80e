/** The chat platform of the crash test: a small server outside the process that is killed. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Messages } from '../../src/conversation/messages.ts';
import { AppError } from '../../src/errors.ts';
import { createScriptedPlatform, type ScriptedPlatform } from '../fakes/scripted-platform.ts';

export type Acknowledged = { requestKey: string; generationId: string };
export type Reported = { id: string; requestKey: string; status: string; charge: string; outbox: string | null };

export type OutsidePlatform = ScriptedPlatform & {
  url: string;
  acknowledged: Acknowledged[];
  /** Acknowledged by lives before the one that reported last: what it has to answer for. */
  owed: Acknowledged[];
  removing: Set<string>;
  /** What the last life found in its database when it had recovered. */
  reported: Reported[];
  /** Steps of the life that reached its end. */
  survivor: string[];
  stop(): Promise<void>;
};

export async function openOutsidePlatform(): Promise<OutsidePlatform> {
  const chat = createScriptedPlatform('chat');
  const state = {
    acknowledged: [] as Acknowledged[],
    owed: [] as Acknowledged[],
    removing: new Set<string>(),
    reported: [] as Reported[],
    survivor: [] as string[],
  };
  const handlers: Record<string, (args: never[]) => unknown> = {
    ...(chat.messages as unknown as Record<string, (args: never[]) => unknown>),
    acknowledge: (...[one]) => void state.acknowledged.push(one as unknown as Acknowledged),
    acknowledged: () => state.acknowledged,
    removing: (...[id]) => void state.removing.add(id as unknown as string),
    report: (...[all]) => {
      state.reported.splice(0, Number.POSITIVE_INFINITY, ...(all as unknown as Reported[]));
      state.owed.splice(0, Number.POSITIVE_INFINITY, ...state.acknowledged);
    },
    survived: (...[trace]) => void state.survivor.splice(0, Infinity, ...(trace as unknown as string[])),
  };
  const server = createServer((request, response) => {
    void (async () => {
      const name = request.url?.slice(1) ?? '';
      let text = '';
      for await (const chunk of request) text += chunk;
      const args = JSON.parse(text) as never[];
      try {
        if (name === ('direct' satisfies keyof Messages) && (args[0] as unknown as { user: string }).user === 'shut') {
          throw new AppError('ADAPTER_DIRECT_CLOSED', 'Closed.');
        }
        const result = await (handlers[name] as (...all: never[]) => unknown)(...args);
        response.end(JSON.stringify({ result: result ?? null }));
      } catch (thrown) {
        response.end(JSON.stringify({ error: thrown instanceof AppError ? thrown.code : String(thrown) }));
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(chat, state, {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
