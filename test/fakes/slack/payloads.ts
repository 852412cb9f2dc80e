/** What the app is told when a person does something. https://docs.slack.dev/interactivity/handling-user-interaction */

import type { Payload } from './delivery.ts';
import { messageJson } from './messages.ts';
import { viewJson } from './methods/views.ts';
import type { SlackChannel, SlackMessage, SlackUser, SlackView, World } from './world.ts';

/** Part of every interaction. */
function origin({ app, team }: World, user: SlackUser): Payload {
  return {
    team: { id: team.id, domain: team.domain },
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: app.id,
    token: 'verification-token',
    is_enterprise_install: false,
    enterprise: null,
  };
}

export function commandPayload(
  world: World,
  user: SlackUser,
  channel: SlackChannel,
  command: string,
  text: string,
): Payload {
  const target = { user: user.id, channel: channel.id, threadTs: null, originalTs: null };
  return {
    token: 'verification-token',
    team_id: world.team.id,
    team_domain: world.team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: world.app.id,
    is_enterprise_install: 'false',
    response_url: world.triggers.issueResponseUrl(target),
    trigger_id: world.triggers.issue(user.id),
  };
}

export function messageActionPayload(
  world: World,
  user: SlackUser,
  message: SlackMessage,
  callbackId: string,
): Payload {
  const { ts, channel, threadTs } = message;
  return {
    ...origin(world, user),
    type: 'message_action',
    callback_id: callbackId,
    action_ts: world.ids.nextTs(),
    message_ts: ts,
    channel: channelRef(world, channel),
    message: messageJson(world, message),
    response_url: world.triggers.issueResponseUrl({ user: user.id, channel, threadTs, originalTs: null }),
    trigger_id: world.triggers.issue(user.id),
  };
}

export function shortcutPayload(world: World, user: SlackUser, callbackId: string): Payload {
  return {
    ...origin(world, user),
    type: 'shortcut',
    callback_id: callbackId,
    action_ts: world.ids.nextTs(),
    trigger_id: world.triggers.issue(user.id),
  };
}

/** A button, a menu or another element of a message. Of an ephemeral one the app is not told what it says. */
export function messageBlockPayload(world: World, user: SlackUser, message: SlackMessage, action: Payload): Payload {
  const { ts, channel, threadTs, ephemeralTo } = message;
  const isEphemeral = ephemeralTo !== null;
  return {
    ...origin(world, user),
    type: 'block_actions',
    container: {
      type: 'message',
      message_ts: ts,
      channel_id: channel,
      is_ephemeral: isEphemeral,
      ...(threadTs === null ? {} : { thread_ts: threadTs }),
    },
    channel: channelRef(world, channel),
    ...(isEphemeral ? {} : { message: messageJson(world, message) }),
    state: { values: {} },
    response_url: world.triggers.issueResponseUrl({ user: user.id, channel, threadTs, originalTs: ts }),
    trigger_id: world.triggers.issue(user.id),
    actions: [{ ...action, action_ts: world.ids.nextTs() }],
  };
}

export function viewBlockPayload(
  world: World,
  user: SlackUser,
  view: SlackView,
  values: Record<string, unknown>,
  action: Payload,
): Payload {
  return {
    ...origin(world, user),
    type: 'block_actions',
    container: { type: 'view', view_id: view.id },
    view: viewJson(world, view, values),
    trigger_id: world.triggers.issue(user.id),
    actions: [{ ...action, action_ts: world.ids.nextTs() }],
  };
}

export function submissionPayload(
  world: World,
  user: SlackUser,
  view: SlackView,
  values: Record<string, unknown>,
): Payload {
  return {
    ...origin(world, user),
    type: 'view_submission',
    trigger_id: world.triggers.issue(user.id),
    view: viewJson(world, view, values),
    response_urls: [],
  };
}

export function closedPayload(world: World, user: SlackUser, view: SlackView): Payload {
  return { ...origin(world, user), type: 'view_closed', view: viewJson(world, view), is_cleared: false };
}

function channelRef(world: World, id: string): Payload {
  return { id, name: world.channels.get(id)?.name ?? '' };
}
