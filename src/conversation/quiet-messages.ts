/** Messages of a platform that shows nothing by itself, because whoever asked listens: the terminal, and tests of the core. */
import type { ChannelLimits, ChatAdapter, Messages } from './messages.ts';

const LIMITS: ChannelLimits = {
  editsPerMinute: 1,
  editGapMs: 60_000,
  editableForMs: 0,
  uploadBytesMax: Number.MAX_SAFE_INTEGER,
  imageFormats: ['png'],
};

export function createQuietMessages(platform: string): Pick<ChatAdapter, 'platform' | 'limits' | 'messages'> {
  const refOf = (channel: string, generationId: string | null) => ({
    platform,
    channel,
    messageId: generationId ?? '',
  });
  const messages: Messages = {
    post: async (address, { generationId }) => refOf(address.kind === 'channel' ? address.channel : '', generationId),
    edit: async () => {},
    remove: async () => {},
    find: async (address, generationId) => refOf(address.kind === 'channel' ? address.channel : '', generationId),
    privateReply: async () => {},
    direct: async (_person, { generationId }) => refOf('', generationId),
  };
  return { platform, limits: LIMITS, messages };
}
