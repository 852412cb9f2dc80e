/** A chat platform in memory: keeps every message and every call, and fails when a test says so. */
import type { Address, ChannelLimits, ChatAdapter, MessageRef, Messages } from '../../src/conversation/messages.ts';
import type { View } from '../../src/conversation/view.ts';
import { AppError } from '../../src/errors.ts';

export type PlatformMessage = MessageRef & { generationId: string | null; views: View[]; removed: boolean };
export type PlatformCall = { name: keyof Messages; view: View | null };

export type ScriptedPlatform = ChatAdapter & {
  readonly all: PlatformMessage[];
  readonly calls: PlatformCall[];
  readonly privateReplies: View[];
  /** Messages that carry a ⚠️. */
  readonly warned: MessageRef[];
  readonly pings: { ref: MessageRef; user: string; view: View }[];
  /** The next calls of this name fail so; null lets one pass. */
  failNext(name: keyof Messages, ...errors: (AppError | null)[]): void;
  /** Somebody deletes a message. */
  deleteMessage(ref: MessageRef): void;
  /** What a message shows now. */
  shown(generationId: string): View | undefined;
};

const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  user: { ada: '@Ada', bob: '@Bob', carol: '@Carol' },
  role: { 7: '@Painters' },
  channel: { general: '#general', best: '#best' },
};
const LIMITS: ChannelLimits = {
  editsPerMinute: 60_000,
  editGapMs: 0,
  editableForMs: 3_600_000,
  uploadBytesMax: 10_000_000,
  imageFormats: ['png', 'webp', 'jpeg'],
};

export function createScriptedPlatform(platform: string, limits: Partial<ChannelLimits> = {}): ScriptedPlatform {
  const all: PlatformMessage[] = [];
  const calls: PlatformCall[] = [];
  const privateReplies: View[] = [];
  const warned: MessageRef[] = [];
  const pings: ScriptedPlatform['pings'] = [];
  const scripts = new Map<keyof Messages, (AppError | null)[]>();
  let lastId = 0;

  const begin = async (name: keyof Messages, view: View | null): Promise<void> => {
    calls.push({ name, view });
    await new Promise((resolve) => setImmediate(resolve));
    const failure = scripts.get(name)?.shift();
    if (failure !== undefined && failure !== null) throw failure;
  };
  const channelOf = (address: Address) => (address.kind === 'direct' ? `@${address.user}` : address.channel);
  const add = (channel: string, view: View): MessageRef => {
    const ref = { platform, channel, messageId: `m${++lastId}` };
    all.push({ ...ref, generationId: view.generationId, views: [view], removed: false });
    return ref;
  };
  const at = ({ channel, messageId }: MessageRef) =>
    all.find((each) => each.channel === channel && each.messageId === messageId && !each.removed);

  const messages: Messages = {
    async post(address, view) {
      await begin('post', view);
      return add(channelOf(address), view);
    },
    async edit(ref, view) {
      await begin('edit', view);
      const message = at(ref);
      if (message === undefined) throw new AppError('ADAPTER_MESSAGE_GONE', 'The message is gone.');
      message.views.push(view);
    },
    async remove(ref) {
      await begin('remove', null);
      const message = at(ref);
      if (message !== undefined) message.removed = true;
    },
    async find(address, generationId) {
      await begin('find', null);
      const found = all.find(
        (each) => each.generationId === generationId && each.channel === channelOf(address) && !each.removed,
      );
      return found === undefined ? null : { platform, channel: found.channel, messageId: found.messageId };
    },
    async privateReply(_scope, _target, view) {
      await begin('privateReply', view);
      privateReplies.push(view);
    },
    async direct({ user }, view) {
      await begin('direct', view);
      return add(`@${user}`, view);
    },
  };
  return {
    platform,
    limits: { ...LIMITS, ...limits },
    messages,
    all,
    calls,
    privateReplies,
    warned,
    pings,
    directory: {
      nameOf: async (_tenant, kind, id) => NAMES[kind]?.[id] ?? null,
      async find(_tenant, kind, name) {
        const found = Object.entries(NAMES[kind] ?? {}).find(
          ([, shown]) => shown.slice(1).toLowerCase() === name.toLowerCase(),
        );
        return found === undefined ? null : { id: found[0], name: found[1] };
      },
      rolesOf: async (_tenant, user) => (user === 'bob' ? ['7'] : []),
    },
    examine: async (_scope, locale) => [
      { name: 'channel', ok: false, message: locale === 'zh' ? '缺少权限' : 'Attach Files is missing' },
    ],
    linkTo: async ({ channel, messageId }) => `https://chat.example/${channel}/${messageId}`,
    warn: async (ref) => void warned.push(ref),
    ping: async (ref, { user }, view) => void pings.push({ ref, user, view }),
    failNext: (name, ...errors) => void scripts.set(name, [...(scripts.get(name) ?? []), ...errors]),
    deleteMessage: (ref) => {
      const message = at(ref);
      if (message !== undefined) message.removed = true;
    },
    shown: (generationId) => all.findLast((each) => each.generationId === generationId && !each.removed)?.views.at(-1),
    start: async () => {},
    stopRequests: async () => {},
    close: async () => {},
  };
}
