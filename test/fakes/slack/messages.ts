/** Messages: who may post and change them, what is in them, how Slack tells of them. */

import { pingsOf, textsOf } from './mrkdwn.ts';
import { refuseBody, SlackRefusal } from './refusal.ts';
import type { BlockJson, Metadata, SlackChannel, SlackFile, SlackMessage, World } from './world.ts';

export type Content = { text?: string; blocks?: BlockJson[]; metadata?: Partial<Metadata>; markdown_text?: string };

const TEXT_MAX = 40_000;
/** Near where Slack answers so: https://github.com/slackapi/bolt-js/issues/2509 */
const BLOCKS_TEXT_MAX = 13_200;
const ACTIONLESS = ['image'];
const PICTURE_TYPES = ['png', 'jpg', 'jpeg', 'gif'];

/** The channel of a call, as the bot may see it: a private one that it is not in is not there. */
export function channelFor(world: World, id: string): SlackChannel {
  const channel = world.channels.get(id);
  const isHidden = channel !== undefined && channel.kind !== 'public' && !channel.members.has(world.app.botUserId);
  if (channel === undefined || isHidden) throw new SlackRefusal('channel_not_found');
  return channel;
}

/** @throws {SlackRefusal} unless the bot may post there */
export function channelToPostIn(world: World, id: string): SlackChannel {
  const channel = channelFor(world, id);
  if (channel.isArchived) throw new SlackRefusal('is_archived');
  const isIn = channel.members.has(world.app.botUserId) || world.app.scopes.has('chat:write.public');
  if (!isIn) throw new SlackRefusal('not_in_channel');
  if (channel.kind === 'im' && !world.app.hasMessagesTab) throw new SlackRefusal('messages_tab_disabled');
  return channel;
}

/** @throws {SlackRefusal} for what no message may hold; the schema has been checked before */
export function checkContent(world: World, { text = '', blocks = [], markdown_text = '', metadata }: Content): void {
  if (text === '' && markdown_text === '' && blocks.length === 0) throw new SlackRefusal('no_text', {}, true);
  // Both or neither, whatever the types say.
  if (metadata !== undefined && (metadata.event_type === undefined || metadata.event_payload === undefined))
    throw refuseBody('invalid_metadata_format', [{ place: '/metadata', text: 'missing event_type or event_payload' }]);
  if (text.length > TEXT_MAX) throw new SlackRefusal('msg_too_long', {}, true);
  const length = textsOf(blocks).reduce((sum, each) => sum + each.text.length, 0);
  if (length > BLOCKS_TEXT_MAX) throw new SlackRefusal('msg_blocks_too_long', {}, true);
  checkPictures(world, blocks);
}

/** A `slack_file` has to be processed, a picture that Slack shows, and the app's own. */
export function checkPictures(world: World, blocks: readonly BlockJson[]): void {
  const places = blocks.flatMap((block, at) => [
    ...(block['slack_file'] === undefined ? [] : [{ file: block['slack_file'], place: `/blocks/${at}/slack_file` }]),
    ...[block['accessory'], block['elements']].flat().flatMap((element) => {
      const file =
        typeof element === 'object' && element !== null && 'slack_file' in element ? element.slack_file : undefined;
      return file === undefined ? [] : [{ file, place: `/blocks/${at}/accessory/slack_file` }];
    }),
  ]);
  for (const { file, place } of places) {
    const found = fileOf(world, file);
    const isReady = found?.looksLeft === 0;
    if (!isReady || !PICTURE_TYPES.includes(fileTypeOf(found.name))) {
      const { extra } = refuseBody('invalid_blocks', [{ place, text: 'invalid slack file' }]);
      throw new SlackRefusal('invalid_blocks', extra);
    }
  }
}

/** The file of a `slack_file`, by its id or its address. */
export function fileOf({ files }: World, reference: unknown): SlackFile | undefined {
  const { id, url } = (reference ?? {}) as { id?: string; url?: string };
  return [...files.values()].find((each) => each.id === id || url?.endsWith(each.downloadPath) === true);
}

export function fileTypeOf(name: string): string {
  return name.includes('.') ? (name.split('.').at(-1) ?? '').toLowerCase() : '';
}

export type NewMessage = Content & {
  channel: string;
  user: string;
  threadTs?: string | null;
  ephemeralTo?: string | null;
};

export function addMessage(
  world: World,
  { channel, user, threadTs = null, ephemeralTo = null, ...content }: NewMessage,
): SlackMessage {
  const text = content.text ?? content.markdown_text ?? '';
  const message: SlackMessage = {
    ts: world.ids.nextTs(),
    channel,
    threadTs,
    user,
    botId: user === world.app.botUserId ? world.app.botId : null,
    ephemeralTo,
    text,
    blocks: nameBlocks(world, content.blocks ?? []),
    metadata: wholeMetadata(content.metadata),
    reactions: new Map(),
    pings: [...pingsIn(text, content.blocks ?? [])],
    edits: 0,
  };
  world.messages.push(message);
  return message;
}

/** Text without blocks takes the blocks away, blocks without text keep it; metadata stays unless it is given. */
export function changeMessage(world: World, message: SlackMessage, { text, blocks, metadata }: Content): void {
  if (text !== undefined) message.text = text;
  if (blocks !== undefined) message.blocks = nameBlocks(world, blocks);
  else if (text !== undefined) message.blocks = [];
  if (metadata !== undefined) message.metadata = wholeMetadata(metadata);
  message.edits += 1;
  message.pings = [...new Set([...message.pings, ...pingsIn(text ?? '', blocks ?? [])])];
}

function wholeMetadata({ event_type, event_payload }: Partial<Metadata> = {}): Metadata | null {
  return event_type === undefined || event_payload === undefined ? null : { event_type, event_payload };
}

/** Of the text and of the blocks: a client shows one of them, so that neither may call anybody by mistake. */
function pingsIn(text: string, blocks: readonly BlockJson[]): readonly string[] {
  const marked = textsOf(blocks).filter(({ type }) => type === 'mrkdwn' || type === 'markdown');
  return pingsOf([text, ...marked.map((each) => each.text)]);
}

/** Blocks and elements that have no name are given one. */
export function nameBlocks(world: World, blocks: readonly BlockJson[]): BlockJson[] {
  const nameElement = (element: unknown): unknown => {
    if (typeof element !== 'object' || element === null || !('type' in element)) return element;
    return ACTIONLESS.includes(String(element.type))
      ? element
      : { action_id: world.ids.secret().slice(0, 5), ...element };
  };
  return blocks.map((block) => {
    const elements = block['elements'];
    const element = block['element'];
    const accessory = block['accessory'];
    return {
      ...block,
      block_id: block.block_id ?? world.ids.secret().slice(0, 5),
      ...(Array.isArray(elements) && block.type === 'actions' ? { elements: elements.map(nameElement) } : {}),
      ...(element === undefined ? {} : { element: nameElement(element) }),
      ...(accessory === undefined ? {} : { accessory: nameElement(accessory) }),
    };
  });
}

/** Those that everybody in the channel sees. */
export function publicMessages(world: World, channel: string): readonly SlackMessage[] {
  return world.messages.filter((each) => each.channel === channel && each.ephemeralTo === null);
}

export function messageAt(world: World, channel: string, ts: string): SlackMessage {
  const found = publicMessages(world, channel).find((each) => each.ts === ts);
  if (found === undefined) throw new SlackRefusal('message_not_found');
  return found;
}

/** As in history and in interactions. */
export function messageJson(world: World, message: SlackMessage, withMetadata = false): Record<string, unknown> {
  const replies = publicMessages(world, message.channel).filter(({ threadTs }) => threadTs === message.ts);
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: world.team.id,
    ...(message.botId === null ? {} : { bot_id: message.botId, app_id: world.app.id }),
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(replies.length === 0 ? {} : { thread_ts: message.ts, reply_count: replies.length }),
    ...(message.metadata !== null && withMetadata ? { metadata: message.metadata } : {}),
    ...(message.reactions.size === 0
      ? {}
      : { reactions: [...message.reactions].map(([name, users]) => ({ name, users, count: users.length })) }),
  };
}
