/** An app for tests of the server itself: it may do everything that the server knows. */
import type { SlackManifest } from './app.ts';

export const EVERYTHING: SlackManifest = {
  display_information: { name: 'Easel' },
  features: {
    app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
    bot_user: { display_name: 'easel', always_online: true },
    shortcuts: [
      { name: 'Draw this', type: 'message', callback_id: 'draw_message', description: 'Draws what a message says' },
      { name: 'Draw', type: 'global', callback_id: 'draw', description: 'Opens the form' },
    ],
    slash_commands: [{ command: '/imagine', description: 'Draws a picture' }],
  },
  oauth_config: {
    scopes: {
      bot: [
        'app_mentions:read',
        'channels:history',
        'channels:read',
        'chat:write',
        'commands',
        'files:read',
        'files:write',
        'groups:history',
        'groups:read',
        'im:history',
        'im:read',
        'im:write',
        'reactions:read',
        'reactions:write',
        'usergroups:read',
        'users:read',
      ],
    },
  },
  settings: {
    event_subscriptions: {
      bot_events: [
        'app_home_opened',
        'app_mention',
        'app_uninstalled',
        'tokens_revoked',
        'message.im',
        'reaction_added',
        'reaction_removed',
      ],
    },
    interactivity: { is_enabled: true },
    socket_mode_enabled: true,
  },
};
