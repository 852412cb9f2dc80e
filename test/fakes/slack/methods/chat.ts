/** chat.*: posts, edits and removes. */
import {
  addMessage,
  type Content,
  changeMessage,
  channelFor,
  channelToPostIn,
  checkContent,
  messageAt,
  messageJson,
} from '../messages.ts';
import { SlackRefusal } from '../refusal.ts';
import type { World } from '../world.ts';
import { directChannel } from './conversations.ts';
import { type Method, method } from './method.ts';

type Post = Content & { channel: string; thread_ts?: string };

export const CHAT: Readonly<Record<string, Method>> = {
  'chat.postMessage': method<Post>({
    body: 'ChatPostMessage',
    tier: 'postMessage',
    scopes: ['chat:write'],
    run({ channel: address, thread_ts, ...content }, { world }) {
      const id = /^[UW]/u.test(address) ? directChannel(world, address).id : address;
      const channel = channelToPostIn(world, id);
      checkContent(world, content);
      const threadTs = thread_ts === undefined ? null : threadRoot(world, channel.id, thread_ts);
      const message = addMessage(world, { ...content, channel: channel.id, user: world.app.botUserId, threadTs });
      return { channel: channel.id, ts: message.ts, message: messageJson(world, message) };
    },
  }),
  'chat.update': method<Content & { channel: string; ts: string }>({
    body: 'ChatUpdate',
    tier: 3,
    scopes: ['chat:write'],
    run({ channel: id, ts, ...content }, { world }) {
      const channel = channelToPostIn(world, id);
      const message = messageAt(world, channel.id, ts);
      if (message.user !== world.app.botUserId) throw new SlackRefusal('cant_update_message');
      checkContent(world, content);
      changeMessage(world, message, content);
      return { channel: channel.id, ts, text: message.text, message: messageJson(world, message) };
    },
  }),
  'chat.delete': method<{ channel: string; ts: string }>({
    body: 'ChatDelete',
    tier: 3,
    scopes: ['chat:write'],
    run({ channel: id, ts }, { world }) {
      const channel = channelFor(world, id);
      const message = messageAt(world, channel.id, ts);
      if (message.user !== world.app.botUserId) throw new SlackRefusal('cant_delete_message');
      world.messages.splice(world.messages.indexOf(message), 1);
      return { channel: channel.id, ts };
    },
  }),
  'chat.postEphemeral': method<Post & { user: string }>({
    body: 'ChatPostEphemeral',
    tier: 4,
    scopes: ['chat:write'],
    run({ channel: id, user, thread_ts, ...content }, { world }) {
      const channel = channelToPostIn(world, id);
      if (!channel.members.has(user)) throw new SlackRefusal('user_not_in_channel');
      checkContent(world, content);
      const threadTs = thread_ts === undefined ? null : threadRoot(world, channel.id, thread_ts);
      const { ts } = addMessage(world, {
        ...content,
        channel: channel.id,
        user: world.app.botUserId,
        threadTs,
        ephemeralTo: user,
      });
      return { message_ts: ts };
    },
  }),
  'chat.getPermalink': method<{ channel: string; message_ts: string }>({
    body: 'ChatGetPermalink',
    tier: 'special',
    scopes: [],
    run({ channel: id, message_ts }, { world }) {
      const channel = channelFor(world, id);
      messageAt(world, channel.id, message_ts);
      const permalink = `https://${world.team.domain}.slack.com/archives/${channel.id}/p${message_ts.replace('.', '')}`;
      return { channel: channel.id, permalink };
    },
  }),
};

/** A reply to a reply goes to the thread that it is in. */
function threadRoot(world: World, channel: string, ts: string): string {
  const parent = world.messages.find((each) => each.channel === channel && each.ts === ts && each.ephemeralTo === null);
  if (parent === undefined) throw new SlackRefusal('thread_not_found');
  return parent.threadTs ?? parent.ts;
}
