// What `easel doctor` says of Slack: whether it takes the tokens, what the app may do, and how events arrive.

import { type Config, systemClock, toAppError } from '../../src/index.ts';
import { createSlackApi } from './api.ts';
import { reasonOf, TOKEN_ERRORS, tokenError } from './api-errors.ts';
import { createBoltLog } from './bolt-log.ts';
import { missingScopes } from './examine.ts';
import { EVENTS_PATH } from './http-receiver.ts';
import { OPTIONAL_SCOPES, SCOPES, scopeCure } from './manifest.ts';

export type SlackCheck = { readonly name: string; readonly ok: boolean; readonly message: string };

const QUIET = createBoltLog({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  withRequest: (_id, work) => work(),
});

/** Asks Slack with the tokens of the configuration; opens no connection, so that a running bot keeps its own. */
export async function checkSlack(slack: NonNullable<Config['slack']>): Promise<readonly SlackCheck[]> {
  const { botToken, appToken, apiUrl } = slack;
  const bot = createSlackApi({ token: botToken, apiUrl, logger: QUIET, clock: systemClock });
  return [...(await checkBot()), await checkEvents()];

  async function checkBot(): Promise<readonly SlackCheck[]> {
    try {
      const answer = await bot.run('auth.test', (client) => client.auth.test(), { patienceMs: 5_000 });
      const token = {
        name: 'slack token',
        ok: true,
        message: `${answer.user ?? 'the bot'} in ${answer.team ?? 'Slack'}`,
      };
      const granted = answer.response_metadata?.scopes;
      return granted === undefined ? [token] : [token, scopeCheck(granted)];
    } catch (thrown) {
      return [{ name: 'slack token', ok: false, message: toAppError(thrown, 'ADAPTER_UNAVAILABLE').message }];
    }
  }

  async function checkEvents(): Promise<SlackCheck> {
    const name = 'slack events';
    if (appToken === null) return { name, ok: true, message: `signed requests, at ${EVENTS_PATH} of the web page` };
    const app = createSlackApi({ token: appToken, apiUrl, logger: QUIET, clock: systemClock });
    try {
      await app.run('apps.connections.open', (client) => client.apps.connections.open({}), { repeatable: false });
      return { name, ok: true, message: 'Socket Mode' };
    } catch (thrown) {
      const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
      const reason = reasonOf(error);
      const isRefused = reason !== null && TOKEN_ERRORS.includes(reason);
      return {
        name,
        ok: false,
        message: isRefused ? tokenError('SLACK_APP_TOKEN', reason, error).message : error.message,
      };
    }
  }
}

function scopeCheck(granted: readonly string[]): SlackCheck {
  const missing = missingScopes(granted);
  const needed = missing.filter((scope) => !OPTIONAL_SCOPES.includes(scope));
  const name = 'slack scopes';
  if (missing.length === 0) return { name, ok: true, message: `all ${SCOPES.length}` };
  return { name, ok: needed.length === 0, message: `missing: ${missing.join(', ')}. ${scopeCure(missing[0] ?? '')}` };
}
