// What the app asks of a workspace, in one place: a test holds `manifest.yaml` to it, and the doctor names its lines.

/** Every method that the adapter calls, and the scope that Slack wants for it. */
export const METHODS = {
  'auth.test': null,
  // With the app's own token.
  'apps.connections.open': null,
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'chat.delete': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.getPermalink': null,
  'files.getUploadURLExternal': 'files:write',
  'files.completeUploadExternal': 'files:write',
  'files.delete': 'files:write',
  'files.info': 'files:read',
  'files.list': 'files:read',
  'conversations.open': 'im:write',
  'conversations.info': 'channels:read',
  // Of public channels; the same call needs the history scope of the other kinds of channel below.
  'conversations.history': 'channels:history',
  'conversations.replies': 'channels:history',
  'users.info': 'users:read',
  'usergroups.list': 'usergroups:read',
  'views.open': null,
  'views.push': null,
  'views.publish': null,
  'views.update': null,
} as const satisfies Record<string, string | null>;
export type Method = keyof typeof METHODS;

/** Every event that the adapter listens to, and the scope that Slack wants for it. */
export const EVENTS = {
  app_home_opened: null,
  app_mention: 'app_mentions:read',
  'message.im': 'im:history',
  reaction_added: 'reactions:read',
  reaction_removed: 'reactions:read',
  app_uninstalled: null,
  tokens_revoked: null,
} as const satisfies Record<string, string | null>;

export const COMMANDS = ['/imagine', '/easel'] as const;
export const MESSAGE_SHORTCUTS = ['easel_imagine', 'easel_vary', 'easel_details', 'easel_remove'] as const;
export const GLOBAL_SHORTCUTS = ['easel_draw'] as const;

/** Where a channel is private, or a message direct, the same methods need these. */
const OTHER_CHANNELS = ['groups:history', 'groups:read', 'mpim:history', 'im:history'] as const;

/** Easel works without these; what is missing then is said by the doctor. */
export const OPTIONAL_SCOPES: readonly string[] = ['usergroups:read'];

/** All scopes of the bot's token, sorted. */
export const SCOPES: readonly string[] = [
  ...new Set([
    'commands',
    ...Object.values(METHODS).filter((scope) => scope !== null),
    ...Object.values(EVENTS).filter((scope) => scope !== null),
    ...OTHER_CHANNELS,
  ]),
].toSorted();

/** How a scope is added, in words for whoever runs Easel. */
export function scopeCure(scope: string): string {
  return (
    `Add the line "- ${scope}" under oauth_config: scopes: bot: of the app's manifest ` +
    '(api.slack.com/apps, your app, App Manifest), then install the app to the workspace again.'
  );
}
