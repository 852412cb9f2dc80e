// The one class of error and the closed table of its codes.

/** Which part of Easel an error belongs to. */
export type ErrorArea =
  | 'CONFIG'
  | 'INPUT'
  | 'LIMIT'
  | 'FILTER'
  | 'JOB'
  | 'MODEL'
  | 'DEVICE'
  | 'STORE'
  | 'ADAPTER'
  | 'INTERNAL';

/** What a code means to whoever handles it: who can act on it, and whether trying the same again may help. */
export type ErrorKind = {
  readonly area: ErrorArea;
  readonly audience: 'user' | 'operator';
  readonly retryable: boolean;
};

const user = (area: ErrorArea, retryable = false): ErrorKind => ({ area, audience: 'user', retryable });
const operator = (area: ErrorArea, retryable = false): ErrorKind => ({ area, audience: 'operator', retryable });

/** Every code there is, by area. A new code needs a test that produces it. */
export const ERRORS = {
  CONFIG_INVALID: operator('CONFIG'),

  INPUT_PROMPT_EMPTY: user('INPUT'),
  INPUT_PROMPT_TOO_LONG: user('INPUT'),
  INPUT_CONTROL_CHARACTER: user('INPUT'),
  INPUT_NOTHING_DRAWABLE: user('INPUT'),
  INPUT_FLAG_UNKNOWN: user('INPUT'),
  INPUT_FLAG_REPEATED: user('INPUT'),
  INPUT_FLAG_VALUE: user('INPUT'),
  INPUT_BRACES: user('INPUT'),
  INPUT_TOO_MANY_PICTURES: user('INPUT'),
  INPUT_TOO_MANY_PROMPTS: user('INPUT'),
  INPUT_USAGE: user('INPUT'),
  INPUT_IDS: user('INPUT'),
  INPUT_PICTURE: user('INPUT'),
  INPUT_PICTURE_NUMBER: user('INPUT'),
  INPUT_SETTING: user('INPUT'),
  INPUT_COMMAND_UNKNOWN: user('INPUT'),
  INPUT_COMMAND_OPTION: user('INPUT'),
  INPUT_NAME_UNKNOWN: user('INPUT'),

  LIMIT_REACHED: user('LIMIT', true),
  LIMIT_COOLDOWN: user('LIMIT', true),
  LIMIT_WAITING: user('LIMIT', true),
  LIMIT_REQUEST: user('LIMIT'),
  LIMIT_MODEL: user('LIMIT'),
  LIMIT_STYLE: user('LIMIT'),
  LIMIT_CHANNEL: user('LIMIT'),
  LIMIT_ROLE: user('LIMIT'),
  LIMIT_BLOCKED: user('LIMIT'),
  LIMIT_QUIET: user('LIMIT', true),
  LIMIT_PAUSED: user('LIMIT', true),
  LIMIT_BUTTONS: user('LIMIT'),
  LIMIT_ADMINS_ONLY: user('LIMIT'),
  LIMIT_RULE: user('LIMIT'),
  LIMIT_IMPORT: user('LIMIT'),
  LIMIT_CHANGED: user('LIMIT'),
  LIMIT_NOT_FOUND: user('LIMIT'),
  LIMIT_FLOOD: user('LIMIT', true),

  FILTER_WORDS: user('FILTER'),

  CANCELLED: user('JOB'),
  QUEUE_FULL: user('JOB', true),
  JOB_NOT_FOUND: user('JOB'),
  JOB_NOT_YOURS: user('JOB'),
  JOB_NOT_DRAWN: user('JOB'),
  JOB_FINISHED: user('JOB'),
  JOB_MODEL_GONE: user('JOB'),
  JOB_CLOSING: user('JOB', true),
  WORKER_DIED: operator('JOB', true),
  WORKER_CLOSED: operator('JOB', true),

  MODEL_UNKNOWN: user('MODEL'),
  MODEL_MISSING: operator('MODEL'),
  MODEL_CUT: operator('MODEL'),
  MODEL_INVALID: operator('MODEL'),
  MODEL_ALTERED: operator('MODEL'),

  DEVICE_UNAVAILABLE: operator('DEVICE'),
  DEVICE_SELF_TEST: operator('DEVICE'),
  DEVICE_FAILED: operator('DEVICE', true),
  DEVICE_OUT_OF_MEMORY: operator('DEVICE', true),

  STORE_NO_SPACE: operator('STORE', true),
  STORE_NO_FOLDER: operator('STORE'),
  STORE_NO_PERMISSION: operator('STORE'),
  STORE_LOCKED: operator('STORE'),
  STORE_NEWER: operator('STORE'),
  STORE_UNAVAILABLE: operator('STORE', true),
  STORE_CLOSED: operator('STORE'),
  STORE_FAILED: operator('STORE', true),

  ADAPTER_UNAVAILABLE: operator('ADAPTER', true),
  ADAPTER_BUSY: operator('ADAPTER', true),
  ADAPTER_MESSAGE_GONE: user('ADAPTER'),
  ADAPTER_CHANNEL_GONE: operator('ADAPTER'),
  ADAPTER_DIRECT_CLOSED: user('ADAPTER'),
  ADAPTER_UPLOAD: user('ADAPTER'),
  ADAPTER_REFUSED: operator('ADAPTER'),
  ADAPTER_TOKEN: operator('ADAPTER'),
  ADAPTER_PERMISSION: user('ADAPTER'),
  ADAPTER_NO_ADDRESS: user('ADAPTER'),

  INTERNAL: operator('INTERNAL'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** Numbers and ids only: details are logged, and a log never holds what a person typed. */
export type ErrorDetails = Readonly<Record<string, number | string | boolean | readonly (number | string)[]>>;

export type AppErrorOptions = { readonly details?: ErrorDetails; readonly cause?: unknown };

/**
 * What went wrong, by code.
 *
 * Branch on `code`, never on `message`: the message is one plain English sentence or two that says what to do, and
 * adapters word the code again in the reader's language. The message may quote what the person typed and is for that
 * person, not for a log.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get area(): ErrorArea {
    return ERRORS[this.code].area;
  }

  get audience(): 'user' | 'operator' {
    return ERRORS[this.code].audience;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Whether a text, say one that came from another process, is a code of the table. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(ERRORS, text);
}

/**
 * Turns whatever was thrown into an `AppError` at a boundary; an `AppError` passes as it is.
 *
 * @param code what it is when nothing more is known
 */
export function toAppError(thrown: unknown, code: ErrorCode = 'INTERNAL'): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError(code, message, { cause: thrown });
}
