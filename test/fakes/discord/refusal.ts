/** How Discord says no: a status, one of its own codes, and what in the form is wrong. */
import type { ProtocolAnswer } from '../protocol/request.ts';

/** Those that a bot meets, with their status. @see https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
const REFUSALS = {
  0: [401, '401: Unauthorized'],
  10003: [404, 'Unknown Channel'],
  10004: [404, 'Unknown Guild'],
  10007: [404, 'Unknown Member'],
  10008: [404, 'Unknown Message'],
  10013: [404, 'Unknown User'],
  10014: [400, 'Unknown Emoji'],
  10015: [404, 'Unknown Webhook'],
  10062: [404, 'Unknown interaction'],
  10063: [404, 'Unknown application command'],
  20009: [403, 'Explicit content cannot be sent to the desired recipient(s)'],
  20016: [429, 'This action cannot be performed due to slowmode rate limit'],
  30010: [400, 'Maximum number of reactions reached (20)'],
  30034: [400, 'Maximum number of daily application command creates has been reached (200)'],
  40003: [429, 'You are opening direct messages too fast'],
  40005: [413, 'Request entity too large'],
  40060: [400, 'Interaction has already been acknowledged.'],
  40094: [400, 'Maximum number of follow-up messages for this interaction has been reached'],
  50001: [403, 'Missing Access'],
  50005: [403, 'Cannot edit a message authored by another user'],
  50006: [400, 'Cannot send an empty message'],
  50007: [403, 'Cannot send messages to this user'],
  50008: [400, 'Cannot send messages in a non-text channel'],
  50013: [403, 'Missing Permissions'],
  50021: [403, 'Cannot execute action on a system message'],
  50027: [401, 'Invalid Webhook Token'],
  50035: [400, 'Invalid Form Body'],
  50083: [400, 'Thread is archived'],
  50109: [400, 'The request body contains invalid JSON.'],
  50278: [403, 'Cannot send messages to this user due to having no mutual guilds'],
  160002: [400, 'You cannot reply without permission to read message history'],
  200000: [400, 'Message was blocked by automatic moderation'],
} as const satisfies Record<number, readonly [status: number, message: string]>;

export type RefusalCode = keyof typeof REFUSALS;

export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly problems: readonly string[];

  constructor(code: RefusalCode, problems: readonly string[] = []) {
    const [status, message] = REFUSALS[code];
    super([message, ...problems].join('; '));
    this.code = code;
    this.status = status;
    this.problems = problems;
  }

  toAnswer(): ProtocolAnswer {
    const { code, status, problems } = this;
    const message = REFUSALS[code][1];
    if (problems.length === 0) return { status, body: { message, code } };
    const errors = { _errors: problems.map((problem) => ({ code: 'BASE_TYPE_BAD', message: problem })) };
    return { status, body: { message, code, errors } };
  }
}

export function isRefusalCode(code: string | number): code is RefusalCode {
  return Object.hasOwn(REFUSALS, code);
}

/** Refuses a form for these reasons, if there are any. */
export function refuseForm(problems: readonly string[]): void {
  if (problems.length > 0) throw new Refusal(50_035, problems);
}
