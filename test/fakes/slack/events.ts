/** Tells the app of what happened in the workspace, as far as it asked for it and may know. */
import { EVENT_SCOPES } from './app.ts';
import type { Courier, Delivery } from './delivery.ts';
import type { World } from './world.ts';

export type SlackEvent = { type: string } & Readonly<Record<string, unknown>>;

/** @returns what was sent; null when the app has not subscribed, lacks the scope or is not in the channel */
export type Emit = (event: SlackEvent, subscription?: string) => Delivery | null;

export function createEmit(world: World, courier: Courier): Emit {
  const { app, team, ids, clock, channels } = world;
  return (event, subscription = event.type) => {
    const scope = EVENT_SCOPES[subscription];
    if (!app.events.has(subscription) || (scope !== undefined && !app.scopes.has(scope))) return null;
    const item = event['item'] as { channel?: string } | undefined;
    const channel = channels.get(String(item?.channel ?? event['channel'] ?? ''));
    if (channel !== undefined && !channel.members.has(app.botUserId)) return null;
    const payload = {
      token: 'verification-token',
      team_id: team.id,
      context_team_id: team.id,
      api_app_id: app.id,
      event,
      type: 'event_callback',
      event_id: ids.next('Ev'),
      event_time: Math.floor(clock.nowMs() / 1_000),
      authorizations: [
        { enterprise_id: null, team_id: team.id, user_id: app.botUserId, is_bot: true, is_enterprise_install: false },
      ],
      is_ext_shared_channel: channel?.isShared ?? false,
      event_context: ids.secret(),
    };
    return courier.deliver('events_api', payload, false);
  };
}
