// History is read for one purpose: after a crash, to find the message of a generation before another one is posted.

import type { SlackApi } from './api.ts';

/** Of the metadata that every message of a generation carries. */
export const METADATA_EVENT = 'easel_generation';

export type Wanted = {
  readonly channel: string;
  /** null: not in a thread. */
  readonly thread: string | null;
  readonly generationId: string;
};

type Page = {
  readonly messages?: readonly {
    readonly ts?: string;
    readonly metadata?: { readonly event_type?: string; readonly event_payload?: unknown };
  }[];
  readonly response_metadata?: { readonly next_cursor?: string };
};

const PATIENCE_MS = 15_000;
const PAGE = 200;
const PAGES_MAX = 25;
/** Nearly every message is posted within moments of its request: that window is looked through first. */
const SOON_S = 600;
/** Slack's clock and ours. */
const SKEW_S = 60;

/** @returns its `ts`; null when there is none */
export async function findMessage(api: SlackApi, wanted: Wanted, signal?: AbortSignal): Promise<string | null> {
  const fromS = createdAtS(wanted.generationId) - SKEW_S;
  return (
    (await findBetween(api, wanted, `${fromS}`, `${fromS + SOON_S}`, signal)) ??
    (await findBetween(api, wanted, `${fromS + SOON_S}`, null, signal))
  );
}

async function findBetween(
  api: SlackApi,
  { channel, thread, generationId }: Wanted,
  oldest: string,
  latest: string | null,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const about = {
      channel,
      oldest,
      limit: PAGE,
      include_all_metadata: true,
      ...(latest === null ? {} : { latest }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const plan = { patienceMs: PATIENCE_MS, signal };
    const page: Page =
      thread === null
        ? await api.run('conversations.history', (client) => client.conversations.history(about), plan)
        : await api.run(
            'conversations.replies',
            (client) => client.conversations.replies({ ...about, ts: thread }),
            plan,
          );
    const found = page.messages?.find(({ metadata }) => carries(metadata, generationId));
    if (found?.ts !== undefined) return found.ts;
    cursor = page.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return null;
  }
  return null;
}

function carries(
  metadata: { event_type?: string; event_payload?: unknown } | undefined,
  generationId: string,
): boolean {
  if (metadata?.event_type !== METADATA_EVENT) return false;
  const payload = metadata.event_payload;
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'generation_id' in payload &&
    payload.generation_id === generationId
  );
}

/** A generation's id begins with when it was made (uuid v7). */
export function createdAtS(generationId: string): number {
  return Math.floor(Number.parseInt(generationId.replaceAll('-', '').slice(0, 12), 16) / 1000);
}
