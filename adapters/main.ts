#!/usr/bin/env node
// The program: the only file that imports adapters, loads .env and reads process.env.

import { once } from 'node:events';
import { config as loadDotenv } from 'dotenv';
import { createSupportsTerminalGraphics } from 'supports-terminal-graphics';
import { type ChatAdapter, type Config, createEasel, type Easel } from '../src/index.ts';
import { askSixel } from './cli/ask-sixel.ts';
import type { ChatChecks } from './cli/doctor.ts';
import { runCli } from './cli/run-cli.ts';
import type { Mount } from './web/mounts.ts';
import { checkExposure } from './web/server.ts';
import { adminLink, createInvite, createWebAdapter, endSession, listSessions } from './web/web-adapter.ts';

/** Runs the bot until it is told to end: what was accepted is drawn, what is drawn is delivered. */
async function start(config: Config, signal: AbortSignal): Promise<void> {
  checkExposure(config.web);
  const easel = await createEasel(config, { environment: process.env });
  try {
    const { adapters, mounts } = await adaptersOf(config, easel);
    const web = await createWebAdapter(config, easel, { mounts });
    for (const adapter of [web, ...adapters]) await easel.connect(adapter);
    process.stdout.write(`${startLines(config, web.address).join('\n')}\n`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await easel.close();
  }
}

/** What a host wants to know: where the page is, and what else could be connected. */
function startLines(config: Config, address: string): readonly string[] {
  const missing = [
    ...(config.discord === null ? ['Discord: set DISCORD_TOKEN.'] : []),
    ...(config.slack === null ? ['Slack: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN.'] : []),
  ];
  return [
    `Easel is at ${config.web.publicUrl ?? address}`,
    ...(missing.length === 0 ? [] : [`To draw elsewhere too (.env.example says how): ${missing.join(' ')}`]),
  ];
}

/** A one-use link that makes whoever opens it first a person of the web chat. */
async function invite(config: Config, name: string, role: 'member' | 'admin'): Promise<string> {
  checkExposure(config.web);
  return createInvite(config, name, role);
}

type Chats = { readonly adapters: readonly ChatAdapter[]; readonly mounts: readonly Mount[] };

/** Every chat that the configuration names, the built-in one aside. Each is loaded only where it is used. */
async function adaptersOf(config: Config, easel: Easel): Promise<Chats> {
  const adapters: ChatAdapter[] = [];
  const mounts: Mount[] = [];
  if (config.discord !== null) {
    const { createDiscordAdapter } = await import('./discord/discord-adapter.ts');
    adapters.push(await createDiscordAdapter(config, easel));
  }
  if (config.slack !== null) {
    const { createSlackAdapter } = await import('./slack/slack-adapter.ts');
    const slack = await createSlackAdapter(config, easel);
    adapters.push(slack);
    if (slack.mount !== null) mounts.push(slack.mount);
  }
  return { adapters, mounts };
}

/** Of the same chats, for `easel doctor`. */
const checkChats: ChatChecks = async ({ discord, slack }) => [
  ...(discord === null ? [] : await (await import('./discord/doctor.ts')).checkDiscord(discord)),
  ...(slack === null ? [] : await (await import('./slack/doctor.ts')).checkSlack(slack)),
];

loadDotenv({ quiet: true });

const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => ended.abort());
}
// A reader that went away (`easel models info | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    graphics: createSupportsTerminalGraphics(process.stdout),
    askSixel: () => askSixel(process.stdin, process.stdout),
    signal: ended.signal,
  },
  {
    start,
    invite,
    adminLink,
    sessions: { list: listSessions, end: endSession },
    checkChats,
  },
);
