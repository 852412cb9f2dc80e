// What Discord refuses, in Easel's words. The errors of its library hold addresses with tokens in them: they go no further.

import { RESTJSONErrorCodes as Code, DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { AppError, ERRORS, type ErrorCode, toAppError, wordsFor } from '../../src/index.ts';

const GONE_MESSAGE: readonly number[] = [Code.UnknownMessage];
/** The channel, the server or our place in it: the message cannot be there. */
const GONE_CHANNEL: readonly number[] = [
  Code.UnknownChannel,
  Code.UnknownGuild,
  Code.UnknownWebhook,
  Code.MissingAccess,
  Code.MissingPermissions,
  Code.InvalidActionOnArchivedThread,
  Code.ThreadLocked,
  Code.InvalidWebhookToken,
  Code.CannotReplyWithoutPermissionToReadMessageHistory,
  Code.MessageWasBlockedByAutomaticModeration,
  Code.TitleWasBlockedByAutomaticModeration,
];
const CLOSED_DIRECT: readonly number[] = [
  Code.UnknownUser,
  Code.CannotSendMessagesToThisUser,
  Code.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds,
];
export const TOO_LARGE = Code.RequestEntityTooLarge;
/** Too many edits of a message older than an hour. */
const OLD_EDITS = 30_046;
const OLD_EDIT_DELAY_MS = 60_000;

/** @throws nothing: what it makes of anything */
export function toPlatformError(thrown: unknown): AppError {
  if (thrown instanceof RateLimitError) {
    const retryAfterMs = Math.max(thrown.retryAfter, thrown.sublimitTimeout);
    return new AppError('ADAPTER_BUSY', 'Discord asks for a pause.', { details: { retryAfterMs } });
  }
  if (thrown instanceof DiscordAPIError) {
    const discordCode = Number(thrown.code);
    const details = { status: thrown.status, discordCode };
    if (discordCode === OLD_EDITS) {
      return new AppError('ADAPTER_BUSY', 'Discord takes no more edits of this message now.', {
        details: { ...details, retryAfterMs: OLD_EDIT_DELAY_MS },
      });
    }
    const code = codeOf(discordCode);
    // What concerns a person is read by one.
    const message =
      ERRORS[code].audience === 'user' ? wordsFor('en').sayCode(code) : `Discord refused it: ${discordCode}.`;
    return new AppError(code, message, { details });
  }
  if (thrown instanceof HTTPError) {
    return new AppError('ADAPTER_UNAVAILABLE', `Discord answered ${thrown.status}.`, {
      details: { status: thrown.status },
    });
  }
  if (thrown instanceof AppError) return thrown;
  const { message } = toAppError(thrown);
  return new AppError('ADAPTER_UNAVAILABLE', `Discord cannot be reached: ${message}`);
}

/** Whether this is Discord's answer of that kind. */
export function isDiscordCode(thrown: unknown, ...codes: readonly number[]): boolean {
  return thrown instanceof DiscordAPIError && codes.includes(Number(thrown.code));
}

/** Whether the token is not one of a bot (any more): nothing helps but another. */
export function isBadToken(thrown: unknown): boolean {
  if (thrown instanceof DiscordAPIError || thrown instanceof HTTPError) return thrown.status === 401;
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'TokenInvalid';
}

function codeOf(discordCode: number): ErrorCode {
  if (GONE_MESSAGE.includes(discordCode)) return 'ADAPTER_MESSAGE_GONE';
  if (GONE_CHANNEL.includes(discordCode)) return 'ADAPTER_CHANNEL_GONE';
  if (CLOSED_DIRECT.includes(discordCode)) return 'ADAPTER_DIRECT_CLOSED';
  return 'ADAPTER_UNAVAILABLE';
}
