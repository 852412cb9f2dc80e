// What Slack tells the app, each acknowledged at once and worked once: the only file that knows Bolt's events.

import type { App, BlockAction, ViewSubmitAction } from '@slack/bolt';
import { z } from 'zod';
import { type Log, toAppError } from '../../src/index.ts';
import type { SlackContext, Spot } from './context.ts';
import { reacted, sayToDesk, unreacted, withMentions, written } from './conversation.ts';
import { publishHome, REFRESH_ACTION } from './home.ts';
import { GLOBAL_SHORTCUTS, MESSAGE_SHORTCUTS } from './manifest.ts';
import { FORM_CALLBACK, readOrigin } from './modal.ts';
import { messageRef, messageShortcut, type Press, press, tellTrouble } from './presses.ts';
import { openImagineForm, request } from './requests.ts';
import { tell } from './tell.ts';
import { openDeskForm, showInModal, submitForm } from './windows.ts';

export type ListenerParts = {
  readonly app: App;
  readonly context: SlackContext;
  /** Easel closes: nothing new is taken. What is not taken Slack sends to the next start, or says to the person. */
  isClosing(): boolean;
  onGone(event: 'app_uninstalled' | 'tokens_revoked'): void;
};

const text = z.string();
const messageEvent = z.object({
  user: text,
  text: text.default(''),
  channel: text,
  ts: text,
  thread_ts: text.optional(),
  channel_type: text.optional(),
  subtype: text.optional(),
  bot_id: text.optional(),
});
const reactionEvent = z.object({
  user: text,
  reaction: text,
  item: z.object({ type: z.literal('message'), channel: text, ts: text }),
});
const homeEvent = z.object({ user: text, tab: text.optional() });

/** @returns waits for what is being worked: it was acknowledged, so Slack does not tell it again */
export function addListeners({ app, context, isClosing, onGone }: ListenerParts): () => Promise<void> {
  const { log } = context;
  const running = new Set<Promise<void>>();

  app.use(async ({ next }) => {
    const done = next();
    running.add(done);
    await done.finally(() => running.delete(done));
  });

  /** Once for each key; what breaks is logged, and said to the person who waits. */
  async function work(key: string, spot: Spot, task: () => Promise<void>): Promise<void> {
    if (isClosing()) return;
    await context.once(key, async () => {
      try {
        await log.withRequest(key, task);
      } catch (thrown) {
        log.error('slack request failed', toAppError(thrown), { requestId: key });
        await tellTrouble(context, spot, thrown).catch((again) => quiet(log, again));
      }
    });
  }

  app.error(async (error) => log.error('slack listener failed', toAppError(error)));

  app.command('/imagine', async ({ command, ack }) => {
    await ack();
    const spot = {
      user: command.user_id,
      channel: command.channel_id,
      thread: null,
      responseUrl: command.response_url,
    };
    const key = keyOf(command.trigger_id);
    const typed = command.text.trim();
    await work(key, spot, () =>
      typed === '' ? openImagineForm(context, spot, command.trigger_id) : request(context, spot, key, { text: typed }),
    );
  });

  app.command('/easel', async ({ command, ack }) => {
    await ack();
    const spot = {
      user: command.user_id,
      channel: command.channel_id,
      thread: null,
      responseUrl: command.response_url,
    };
    const key = keyOf(command.trigger_id);
    await work(key, spot, async () => {
      const { userId } = await context.identity();
      const typed = withMentions(command.text, userId);
      if (!(await openDeskForm(context, spot, command.trigger_id, key, typed))) {
        await sayToDesk(context, spot, key, typed);
      }
    });
  });

  app.event('app_mention', async ({ event, body }) => {
    const read = messageEvent.safeParse(event);
    if (!read.success || read.data.bot_id !== undefined) return;
    const { user, channel, thread_ts: thread = null, text: said } = read.data;
    const spot = { user, channel, thread };
    const key = keyOf(body.event_id);
    await work(key, spot, () => written(context, { spot, text: said, key, isDirect: false }));
  });

  app.event('message', async ({ event, body }) => {
    const read = messageEvent.safeParse(event);
    if (!read.success) return;
    const { user, channel, thread_ts: thread = null, text: said, channel_type: type, subtype, bot_id: bot } = read.data;
    if (type !== 'im' || bot !== undefined || (subtype !== undefined && subtype !== 'thread_broadcast')) return;
    const spot = { user, channel, thread };
    const key = keyOf(body.event_id);
    await work(key, spot, () => written(context, { spot, text: said, key, isDirect: true }));
  });

  for (const [name, handle] of [
    ['reaction_added', reacted],
    ['reaction_removed', unreacted],
  ] as const) {
    app.event(name, async ({ event }) => {
      const read = reactionEvent.safeParse(event);
      if (!read.success || isClosing()) return;
      const { user, reaction, item } = read.data;
      const { userId } = await context.identity();
      if (user === userId) return;
      // The tracker itself knows what was told before: by message, person and emoji.
      await handle(context, { user, name: reaction, channel: item.channel, messageId: item.ts });
    });
  }

  app.event('app_home_opened', async ({ event }) => {
    const read = homeEvent.safeParse(event);
    if (read.success && read.data.tab !== 'messages') await publishHome(context, read.data.user);
  });
  app.event('app_uninstalled', async () => onGone('app_uninstalled'));
  app.event('tokens_revoked', async () => onGone('tokens_revoked'));

  for (const callbackId of GLOBAL_SHORTCUTS) {
    app.shortcut({ callback_id: callbackId, type: 'shortcut' }, async ({ shortcut, ack }) => {
      await ack();
      const spot = { user: shortcut.user.id, channel: null, thread: null };
      await work(keyOf(shortcut.trigger_id), spot, () => openImagineForm(context, spot, shortcut.trigger_id));
    });
  }

  for (const callbackId of MESSAGE_SHORTCUTS) {
    app.shortcut({ callback_id: callbackId, type: 'message_action' }, async ({ shortcut, ack }) => {
      await ack();
      const { user, channel, message, message_ts: ts, trigger_id: triggerId, response_url: responseUrl } = shortcut;
      const inThread: unknown = message['thread_ts'];
      const thread = typeof inThread === 'string' ? inThread : callbackId === 'easel_imagine' ? ts : null;
      const spot = { user: user.id, channel: channel.id, thread, responseUrl };
      const key = keyOf(triggerId);
      const asked = { callbackId, spot, message: messageRef(channel.id, ts), triggerId, key };
      await work(key, spot, () => messageShortcut(context, asked));
    });
  }

  app.action<BlockAction>(/^easel/u, async ({ ack, body, action }) => {
    await ack();
    const value = chosenOf(action);
    const key = keyOf(`${body.trigger_id}:${action.action_id}`);
    const spot = spotOf(body);
    if (value === null) return;
    await work(key, spot, async () => {
      if (action.action_id === REFRESH_ACTION) return publishHome(context, spot.user);
      const modalId = body.view?.type === 'modal' ? body.view.id : null;
      const pressed: Press = {
        ...{ spot, value, key, modalId },
        actionId: action.action_id,
        triggerId: body.trigger_id,
      };
      const isWindow = body.view !== undefined;
      await press(context, pressed, (view) =>
        isWindow ? showInModal(context, pressed, view) : tell(context, spot, view),
      );
      if (isWindow) await publishHome(context, spot.user);
    });
  });

  app.view<ViewSubmitAction>({ callback_id: FORM_CALLBACK, type: 'view_submission' }, async ({ ack, body, view }) => {
    const origin = readOrigin(view.private_metadata);
    if (origin === null) return ack();
    const spot = { user: body.user.id, channel: origin.channel, thread: origin.thread };
    const sent = {
      spot,
      windowKey: keyOf(`view:${view.id}`),
      sendingKey: keyOf(body.trigger_id),
      formId: origin.formId,
      state: view.state.values,
      isClosing: isClosing(),
    };
    await submitForm(context, sent, ack);
  });

  return async () => {
    await Promise.allSettled([...running]);
  };
}

/** One in all of Slack: ids of events and triggers are unique. */
function keyOf(id: string): string {
  return `slack:${id}`;
}

function spotOf({ user, channel, container, view, response_url: responseUrl }: BlockAction): Spot {
  const origin = view === undefined ? null : readOrigin(view.private_metadata);
  const thread: unknown = container['thread_ts'];
  return {
    user: user.id,
    channel: channel?.id ?? origin?.channel ?? null,
    thread: typeof thread === 'string' ? thread : (origin?.thread ?? null),
    ...(responseUrl === '' ? {} : { responseUrl }),
  };
}

/** What a button stands for, or what was chosen from a menu. */
function chosenOf(action: BlockAction['actions'][number]): string | null {
  if (action.type === 'button') return action.value ?? action.action_id;
  if (action.type === 'overflow' || action.type === 'static_select') return action.selected_option.value ?? null;
  return null;
}

function quiet(log: Log, thrown: unknown): void {
  log.error('slack answer failed', toAppError(thrown));
}
