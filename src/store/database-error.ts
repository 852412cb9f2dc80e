/** What a database's failure means: gone for now (try again), no room, no right, or simply broken. */
import { AppError, type ErrorCode } from '../errors.ts';

/** SQLSTATE classes and codes, and Node's own, by what they mean to Easel. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CODES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(53100|ENOSPC|EDQUOT)$/, 'STORE_NO_SPACE'],
  [/^(EACCES|EPERM|EROFS|28\w{3}|42501|25006)$/, 'STORE_NO_PERMISSION'],
  [
    /^(08\w{3}|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/,
    'STORE_UNAVAILABLE',
  ],
  // Two transactions met: one of them is to be run again.
  [/^(40001|40P01|55P03)$/, 'STORE_UNAVAILABLE'],
];

/** pg says these without a code when the connection goes away under a query or cannot be had in time. */
const GONE =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i;
const NO_SPACE = /no space left on device/i;

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  STORE_NO_SPACE: 'The disk that holds the database is full. Free some space; what was accepted is safe.',
  STORE_NO_PERMISSION: 'Easel may not write to its database. Check who owns it and whether it is read-only.',
  STORE_UNAVAILABLE: 'The database does not answer. Try again in a minute; what was accepted is safe.',
};

/**
 * An `AppError` whose cause is the driver's own message.
 *
 * Drizzle's message above it holds the query and its parameters, a prompt among them, and so may the driver's in SQLSTATE
 * class 22 (bad data): neither is passed on, since causes are logged.
 */
export function toStoreError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, message } = innermost(thrown);
  const known = CODES.find(([pattern]) => pattern.test(code))?.[1] ?? byMessage(message);
  const sentence =
    known === 'STORE_FAILED'
      ? `The database could not do that (${code || 'no code'}). The log has the reason.`
      : SENTENCES[known];
  const cause = new Error(code.startsWith('22') ? `SQLSTATE ${code}` : message);
  return new AppError(known, sentence ?? message, { cause, details: { sqlState: code } });
}

function byMessage(message: string): ErrorCode {
  if (GONE.test(message)) return 'STORE_UNAVAILABLE';
  return NO_SPACE.test(message) ? 'STORE_NO_SPACE' : 'STORE_FAILED';
}

/** Drizzle wraps the driver's error, and pg wraps several refused addresses in one. */
function innermost(thrown: unknown): { code: string; message: string } {
  let current = thrown;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    const inner: unknown = current instanceof AggregateError ? current.errors[0] : current.cause;
    const code = 'code' in current && typeof current.code === 'string' ? current.code : '';
    if (code !== '' || inner === undefined) return { code, message: current.message };
    current = inner;
  }
  return { code: '', message: String(current) };
}
