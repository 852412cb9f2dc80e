/** The app under test, as it was created in Slack from its manifest. */

export type SlackApp = {
  readonly id: string;
  readonly name: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** Of the bot token. A test may take some away, as when somebody installed an older manifest. */
  scopes: Set<string>;
  /** Whether the bot token is valid. */
  state: 'installed' | 'revoked' | 'inactive';
  /** With whether Slack turns mentions in what is typed into ids. */
  readonly commands: ReadonlyMap<string, { isEscaped: boolean }>;
  readonly events: ReadonlySet<string>;
  readonly shortcuts: readonly { callbackId: string; kind: 'message' | 'global' }[];
  readonly hasHomeTab: boolean;
  readonly hasMessagesTab: boolean;
  readonly isSocketMode: boolean;
  readonly isInteractive: boolean;
};

/** The parts of `manifest.yaml` that change what Slack does. https://docs.slack.dev/reference/app-manifest */
export type SlackManifest = {
  display_information: { name: string };
  features?: {
    app_home?: { home_tab_enabled?: boolean; messages_tab_enabled?: boolean; messages_tab_read_only_enabled?: boolean };
    bot_user?: { display_name: string; always_online?: boolean };
    shortcuts?: readonly { name: string; type: 'message' | 'global'; callback_id: string; description: string }[];
    slash_commands?: readonly {
      command: string;
      description: string;
      usage_hint?: string;
      url?: string;
      should_escape?: boolean;
    }[];
  };
  oauth_config?: { scopes?: { bot?: readonly string[] } };
  settings?: {
    event_subscriptions?: { bot_events?: readonly string[]; request_url?: string };
    interactivity?: { is_enabled: boolean; request_url?: string };
    socket_mode_enabled?: boolean;
    org_deploy_enabled?: boolean;
    token_rotation_enabled?: boolean;
  };
};

/** Events come only to apps that asked for them and hold the scope. https://docs.slack.dev/reference/events */
export const EVENT_SCOPES: Readonly<Record<string, string>> = {
  app_mention: 'app_mentions:read',
  reaction_added: 'reactions:read',
  reaction_removed: 'reactions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
};

export function createApp(manifest: SlackManifest): SlackApp {
  const { features = {}, settings = {} } = manifest;
  return {
    id: 'A0EASEL0001',
    name: features.bot_user?.display_name ?? manifest.display_information.name,
    botId: 'B0EASEL0001',
    botUserId: 'U0EASEL0001',
    botToken: 'xoxb-1-easel',
    appToken: 'xapp-1-A0EASEL0001-easel',
    signingSecret: '8f742231b10e8888abcd99yyyzzz85a5',
    scopes: new Set(manifest.oauth_config?.scopes?.bot ?? []),
    state: 'installed',
    commands: new Map(
      (features.slash_commands ?? []).map(({ command, should_escape = false }) => [
        command,
        { isEscaped: should_escape },
      ]),
    ),
    events: new Set(settings.event_subscriptions?.bot_events ?? []),
    shortcuts: (features.shortcuts ?? []).map(({ callback_id, type }) => ({ callbackId: callback_id, kind: type })),
    hasHomeTab: features.app_home?.home_tab_enabled ?? false,
    hasMessagesTab: features.app_home?.messages_tab_enabled ?? false,
    isSocketMode: settings.socket_mode_enabled ?? false,
    isInteractive: settings.interactivity?.is_enabled ?? false,
  };
}
