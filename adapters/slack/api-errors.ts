// What Slack answered, as a code of the error table: who can do something about it, and whether trying again helps.

import { webApi } from '@slack/bolt';
import { AppError, type ErrorCode, toAppError } from '../../src/index.ts';
import { METHODS, type Method, scopeCure } from './manifest.ts';

/** Slack does not take this token (any more): nothing works until somebody sets another one. */
export const TOKEN_ERRORS: readonly string[] = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'user_removed_from_team',
  'team_disabled',
  'not_allowed_token_type',
  'org_login_required',
];

type Answer = { readonly code: ErrorCode; readonly message: string };

const gone: Answer = { code: 'ADAPTER_MESSAGE_GONE', message: 'The message is gone.' };
const noChannel = (message: string): Answer => ({ code: 'ADAPTER_CHANNEL_GONE', message });
const closed: Answer = {
  code: 'ADAPTER_DIRECT_CLOSED',
  message: 'You take no direct messages from me. Open the Easel app in Slack and allow messages, then try again.',
};
const busy: Answer = { code: 'ADAPTER_BUSY', message: 'Slack asks to wait.' };
const away: Answer = { code: 'ADAPTER_UNAVAILABLE', message: 'Slack has a problem of its own; it is tried again.' };

/** @see https://docs.slack.dev/reference/methods, the errors of each method */
const ANSWERS: Readonly<Record<string, Answer>> = {
  message_not_found: gone,
  cant_update_message: gone,
  edit_window_closed: gone,
  thread_not_found: gone,
  channel_not_found: noChannel('Easel cannot see this channel. Invite it there: /invite @Easel'),
  not_in_channel: noChannel('Easel is not in this channel. Invite it there: /invite @Easel'),
  is_archived: noChannel('This channel is archived. Ask in another one.'),
  channel_is_archived: noChannel('This channel is archived. Ask in another one.'),
  is_inactive: noChannel('This conversation is closed. Ask in a channel.'),
  restricted_action: noChannel('A setting of this workspace does not let Easel post here. Its admins can change that.'),
  restricted_action_read_only_channel: noChannel('Easel may not post in this channel. Ask in another one.'),
  restricted_action_thread_only_channel: noChannel('Easel may post in threads of this channel only.'),
  restricted_action_non_threadable_channel: noChannel('This channel has no threads. Ask in the channel itself.'),
  restricted_action_thread_locked: noChannel('This thread is locked. Ask outside of it.'),
  team_access_not_granted: noChannel('The app is not approved for this workspace. Its admins can approve it.'),
  cannot_dm_bot: closed,
  messages_tab_disabled: closed,
  user_disabled: closed,
  user_not_found: closed,
  user_not_visible: closed,
  users_not_found: closed,
  ratelimited: busy,
  rate_limited: busy,
  message_limit_exceeded: busy,
  internal_error: away,
  fatal_error: away,
  service_unavailable: away,
  request_timeout: away,
};

/** @param thrown by a call of the Web API @returns an error whose details hold Slack's own word as `reason` */
export function toSlackError(thrown: unknown, method: Method): AppError {
  if (thrown instanceof webApi.WebAPIRateLimitedError) return busyError(thrown.retryAfter * 1000, method, thrown);
  if (thrown instanceof webApi.WebAPIPlatformError) return platformError(thrown, method);
  if (thrown instanceof webApi.WebAPIHTTPError) {
    const message = `Slack answered ${method} with ${thrown.statusCode}; it is tried again.`;
    return new AppError('ADAPTER_UNAVAILABLE', message, {
      details: { method, status: thrown.statusCode },
      cause: thrown,
    });
  }
  if (thrown instanceof webApi.WebAPIRequestError) {
    const message = `Slack cannot be reached for ${method}; it is tried again.`;
    return new AppError('ADAPTER_UNAVAILABLE', message, { details: { method }, cause: thrown });
  }
  return toAppError(thrown, 'ADAPTER_UNAVAILABLE');
}

export function busyError(retryAfterMs: number, method: Method, cause?: unknown): AppError {
  return new AppError('ADAPTER_BUSY', `Slack asks to wait ${Math.ceil(retryAfterMs / 1000)} s before ${method}.`, {
    details: { retryAfterMs, method },
    cause,
  });
}

/** Slack's own word for what went wrong; null: it did not come from Slack. */
export function reasonOf(error: unknown): string | null {
  if (error instanceof webApi.WebAPIPlatformError) return error.data.error;
  const reason = error instanceof AppError ? error.details['reason'] : null;
  return typeof reason === 'string' ? reason : null;
}

function platformError(thrown: webApi.WebAPIPlatformError, method: Method): AppError {
  const reason = thrown.data.error;
  const details = { method, reason };
  if (reason === 'missing_scope') {
    const needed =
      'needed' in thrown.data && typeof thrown.data.needed === 'string' ? thrown.data.needed : METHODS[method];
    // Slack names several when any of them would do; the first is the one of the manifest.
    const scope = needed?.split(',')[0]?.trim() ?? 'unknown';
    const message = `The Slack app lacks the scope ${scope} for ${method}. ${scopeCure(scope)}`;
    return new AppError('ADAPTER_REFUSED', message, { details: { ...details, scope }, cause: thrown });
  }
  if (TOKEN_ERRORS.includes(reason)) return tokenError('SLACK_BOT_TOKEN', reason, thrown);
  const known = Object.hasOwn(ANSWERS, reason) ? ANSWERS[reason] : undefined;
  if (known !== undefined) return new AppError(known.code, known.message, { details, cause: thrown });
  return new AppError('ADAPTER_REFUSED', `Slack refused ${method}: ${reason}.`, { details, cause: thrown });
}

/** @param name the setting whose value Slack does not take */
export function tokenError(name: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', reason: string, cause: unknown): AppError {
  const where = name === 'SLACK_BOT_TOKEN' ? 'OAuth & Permissions' : 'Basic Information, App-Level Tokens';
  return new AppError(
    'ADAPTER_TOKEN',
    `Slack does not take ${name} (${reason}). Copy it anew from api.slack.com/apps, ${where}, and start Easel again.`,
    { details: { reason, setting: name }, cause },
  );
}
