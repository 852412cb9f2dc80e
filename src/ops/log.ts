/** The log: JSON lines with ids and codes. What a person typed, tokens and addresses stay out unless the host opts in. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino } from 'pino';
import { type AppError, toAppError } from '../errors.ts';

export type LogOptions = {
  level: string;
  /** The host opted in: prompts and addresses appear. Tokens never do. */
  withPrompts?: boolean;
  /** Default: standard error, since standard output is for data. */
  destination?: DestinationStream;
};

export type Log = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** Code, area and details of the error; its message only with its stack, and only for what is our own fault. */
  error(message: string, thrown: unknown, fields?: LogFields): void;
  /** Everything logged meanwhile, also by what it starts, carries the id. */
  withRequest<T>(requestId: string, work: () => T): T;
};

/** Ids, counts, codes, durations. A field named like something a person typed is taken out. */
export type LogFields = Readonly<Record<string, unknown>>;

const TYPED = ['prompt', 'text', 'caption', 'unwanted', 'alt', 'lines', 'name', 'url', 'href', 'address'] as const;
const SECRET = ['token', 'authorization', 'password', 'secret', 'cookie', 'signingSecret', 'databaseUrl'] as const;
const REMOVED = '[removed]';
/** Tokens and addresses inside other texts, say an error message of a library. */
const SECRET_TEXT =
  /\b(?:xox[a-z]-[\w-]+|xapp-[\w-]+|[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}|Bearer\s+\S+|Bot\s+\S{20,})/gu;
const URL_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/giu;
const DEPTH_MAX = 6;

export function createLog({ level, withPrompts = false, destination = pino.destination(2) }: LogOptions): Log {
  const requests = new AsyncLocalStorage<string>();
  const logger: Logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const clean = (value: unknown, depth = 0): unknown => {
    if (typeof value === 'string') {
      const text = value.replace(SECRET_TEXT, REMOVED);
      return withPrompts ? text : text.replace(URL_TEXT, REMOVED);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
    if (depth >= DEPTH_MAX) return REMOVED;
    if (Array.isArray(value)) return value.map((each) => clean(each, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, isHidden(key, withPrompts) ? REMOVED : clean(each, depth + 1)]),
    );
  };
  const write = (how: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields = {}): void => {
    const requestId = requests.getStore();
    const cleaned = clean(fields) as object;
    logger[how](requestId === undefined ? cleaned : { requestId, ...cleaned }, message);
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, thrown, fields) =>
      write('error', message, { ...fields, error: describeError(toAppError(thrown)) }),
    withRequest: (requestId, work) => requests.run(requestId, work),
  };
}

function describeError(error: AppError): LogFields {
  const { code, area, retryable, details } = error;
  const cause = error.cause instanceof Error ? error.cause : error;
  const said = cause === error ? {} : { message: error.message };
  // A refusal quotes what the person typed; what is ours, and its stack, are needed to mend it.
  const more = error.audience === 'operator' ? { ...said, reason: cause.message, stack: cause.stack } : {};
  return { code, area, retryable, details, ...more };
}

function isHidden(key: string, withPrompts: boolean): boolean {
  const name = key.toLowerCase();
  if (SECRET.some((secret) => name.endsWith(secret.toLowerCase()))) return true;
  return !withPrompts && TYPED.some((typed) => name === typed);
}
