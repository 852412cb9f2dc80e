// The manifest asks for what the code uses, and for nothing more.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  COMMANDS,
  EVENTS,
  GLOBAL_SHORTCUTS,
  MESSAGE_SHORTCUTS,
  METHODS,
  SCOPES,
  scopeCure,
} from '../../../adapters/slack/manifest.ts';
import { MANIFEST } from './stage.ts';

const FOLDER = fileURLToPath(new URL('../../../adapters/slack/', import.meta.url));
const DOCS = fileURLToPath(new URL('../../../docs/slack.md', import.meta.url));
const CODE = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ts') && name !== 'manifest.ts')
  .map((name) => readFileSync(`${FOLDER}${name}`, 'utf8'))
  .join('\n');

const found = (pattern: RegExp): string[] =>
  [...new Set([...CODE.matchAll(pattern)].map((match) => match[1] ?? ''))].toSorted();

describe('the manifest of the Slack app', () => {
  it('asks for exactly the scopes of the methods and events that are used', () => {
    expect(MANIFEST.oauth_config?.scopes?.bot).toEqual(SCOPES);
  });

  it('knows every method that is called, and no other', () => {
    expect(found(/\.run\(\s*'([a-zA-Z.]+)'/gu)).toEqual(Object.keys(METHODS).toSorted());
  });

  it('subscribes to exactly the events that are listened to', () => {
    expect(MANIFEST.settings?.event_subscriptions?.bot_events).toEqual(Object.keys(EVENTS).toSorted());
    const listened = [...found(/app\.event\('([a-z_]+)'/gu), ...found(/\['(reaction_[a-z]+)'/gu)];
    const names = Object.keys(EVENTS).map((name) => name.split('.')[0] ?? '');
    expect(listened.toSorted()).toEqual(names.toSorted());
  });

  it('has the commands and shortcuts that are answered', () => {
    const { slash_commands: commands = [], shortcuts = [] } = MANIFEST.features ?? {};
    expect(commands.map(({ command }) => command)).toEqual(COMMANDS);
    expect(found(/app\.command\('([^']+)'/gu)).toEqual(COMMANDS.toSorted());
    const of = (kind: string) => shortcuts.filter(({ type }) => type === kind).map(({ callback_id: id }) => id);
    expect(of('message').toSorted()).toEqual(MESSAGE_SHORTCUTS.toSorted());
    expect(of('global')).toEqual(GLOBAL_SHORTCUTS);
  });

  it('turns on what the adapter needs, and fits what Slack takes', () => {
    expect(MANIFEST.features?.app_home).toEqual({
      home_tab_enabled: true,
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: false,
    });
    expect(MANIFEST.settings).toMatchObject({ interactivity: { is_enabled: true }, socket_mode_enabled: true });
    for (const { name, description } of MANIFEST.features?.shortcuts ?? []) {
      expect(name.length).toBeLessThanOrEqual(24);
      expect(description.length).toBeLessThanOrEqual(150);
    }
  });

  it('has every scope and its reason in the guide', () => {
    const guide = readFileSync(DOCS, 'utf8');
    for (const scope of SCOPES) expect(guide, scope).toContain(`| \`${scope}\` |`);
  });

  it('names the line to add for a scope that is missing', () => {
    expect(scopeCure('files:write')).toContain('"- files:write" under oauth_config: scopes: bot:');
  });
});
