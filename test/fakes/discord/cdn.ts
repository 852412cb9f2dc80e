/** Where attachments are fetched: by links that are signed and die after a day. */
import { createHmac, randomBytes } from 'node:crypto';
import type { ProtocolAnswer, ProtocolRequest } from '../protocol/request.ts';
import type { World, WorldAttachment } from './world.ts';

const LINK_LIFE_MS = 24 * 3_600_000;

export type Cdn = {
  urlOf(channelId: string, attachment: WorldAttachment): string;
  /** null: not a path of the CDN. */
  answer(request: ProtocolRequest): ProtocolAnswer | null;
};

export function createCdn(world: World, address: () => string): Cdn {
  const secret = randomBytes(16);
  const sign = (path: string, expires: string) =>
    createHmac('sha256', secret).update(`${path}?ex=${expires}`).digest('hex');
  return {
    urlOf(channelId, { id, name }) {
      const path = `/attachments/${channelId}/${id}/${encodeURIComponent(name)}`;
      const expires = Math.floor((world.clock.nowMs() + LINK_LIFE_MS) / 1_000).toString(16);
      return `${address()}${path}?ex=${expires}&hm=${sign(path, expires)}`;
    },
    answer({ method, path, query }) {
      const [, start, , id] = path.split('/');
      if (method !== 'GET' || start !== 'attachments') return null;
      const expires = query.get('ex') ?? '';
      const isAlive =
        Number.parseInt(expires, 16) * 1_000 > world.clock.nowMs() && query.get('hm') === sign(path, expires);
      const attachment = [...world.messages.values()]
        .flatMap((message) => message.attachments)
        .find((each) => each.id === id);
      if (!isAlive || attachment === undefined) return { status: 404, body: 'This content is no longer available.' };
      return { status: 200, body: attachment.bytes, headers: { 'content-type': attachment.mediaType } };
    },
  };
}
