/** What a database's failure means: gone for now (try again), no room, no right, or simply broken. */
import { AppError, type ErrorCode, toAppError } from '../errors.ts';

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

/** Details never hold SQL or its parameters: a prompt could be among them. */
export function toStoreError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, message } = innermost(thrown);
  const known =
    CODES.find(([pattern]) => pattern.test(code))?.[1] ??
    (GONE.test(message) ? 'STORE_UNAVAILABLE' : NO_SPACE.test(message) ? 'STORE_NO_SPACE' : null);
  if (known === null) {
    const reason = code === '' ? '' : ` (${code})`;
    return new AppError(
      'STORE_FAILED',
      `The database could not do that${reason}. The log of the host has the reason.`,
      { cause: thrown, details: { sqlState: code } },
    );
  }
  return new AppError(known, SENTENCES[known] ?? toAppError(thrown).message, {
    cause: thrown,
    details: { sqlState: code },
  });
}

/** Drizzle wraps the driver's error, and pg wraps several refused addresses in one. */
function innermost(thrown: unknown): { code: string; message: string } {
  let current = thrown;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ('code' in current && typeof current.code === 'string') return { code: current.code, message: current.message };
    const [first] = current instanceof AggregateError ? (current.errors as unknown[]) : [current.cause];
    if (first === undefined) return { code: '', message: current.message };
    current = first;
  }
  return { code: '', message: String(current) };
}
