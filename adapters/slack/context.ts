// What every listener works with, and who asks where.

import type {
  Asking,
  Clock,
  Desk,
  Easel,
  JsonObject,
  Locale,
  Log,
  MessageActions,
  Once,
  ReactionTracker,
  Scope,
  Studio,
} from '../../src/index.ts';
import type { SlackApi } from './api.ts';
import type { SlackDirectory } from './directory.ts';
import type { SlackPlaces } from './places.ts';
import { PLATFORM, toTarget } from './scope.ts';
import type { SlackMessages } from './slack-messages.ts';

/** Who the app is in its workspace. */
export type Identity = { readonly team: string; readonly userId: string; readonly botId: string };

export type SlackContext = {
  readonly studio: Studio;
  readonly desk: Desk;
  readonly reactions: ReactionTracker;
  readonly messageActions: MessageActions;
  readonly api: SlackApi;
  readonly messages: SlackMessages;
  readonly directory: SlackDirectory;
  readonly places: SlackPlaces;
  readonly clock: Clock;
  readonly log: Log;
  /** Names of the model's styles, for forms. */
  readonly styles: readonly string[];
  identity(): Promise<Identity>;
  readonly once: Once;
};

export type SlackEasel = Pick<Easel, 'studio' | 'desk' | 'reactions' | 'messageActions' | 'once' | 'store' | 'log'>;

/** Where somebody asked something. */
export type Spot = {
  readonly user: string;
  /** null: in App Home, or by a global shortcut. */
  readonly channel: string | null;
  readonly thread: string | null;
  /** Where Slack takes an answer that only this person sees, also where the bot is no member; good for half an hour. */
  readonly responseUrl?: string | undefined;
};

/** @param requestKey the same key is the same request */
export async function askingOf(
  context: SlackContext,
  spot: Spot,
  requestKey: string,
): Promise<Asking & { scope: Scope }> {
  const { directory, messages, identity } = context;
  const { user, thread } = spot;
  const { team } = await identity();
  const [person, roles, channel] = await Promise.all([
    directory.person(user),
    directory.rolesOf(team, user),
    spot.channel ?? messages.directChannel(user),
  ]);
  const isAdmin = () => directory.isAdmin(user);
  const target: JsonObject = toTarget(thread);
  return {
    scope: { platform: PLATFORM, tenant: team, channel, user, roles: [...roles] },
    mayModerate: isAdmin,
    mayAdminister: isAdmin,
    locale: person.locale,
    timeZone: person.timeZone,
    requestKey,
    target,
  };
}

/** The language that this person is spoken to in. */
export async function localeFor({ studio, directory }: SlackContext, user: string): Promise<Locale> {
  const { language } = await studio.settings({ platform: PLATFORM, user });
  return language ?? (await directory.person(user)).locale;
}
