import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { toStoreError } from '../../../src/store/database-error.ts';
import { toFileError } from '../../../src/store/file-error.ts';
import { withRetry } from '../../../src/store/retry.ts';

function driverError(code: string, message = 'the driver says why'): Error {
  const driver = Object.assign(new Error(message), { code });
  return new Error('Failed query: insert into "generations" … params: a secret prompt', { cause: driver });
}

describe('an error of the database', () => {
  test.each([
    ['53100', 'STORE_NO_SPACE'],
    ['ENOSPC', 'STORE_NO_SPACE'],
    ['25006', 'STORE_NO_PERMISSION'],
    ['28P01', 'STORE_NO_PERMISSION'],
    ['ECONNREFUSED', 'STORE_UNAVAILABLE'],
    ['57P03', 'STORE_UNAVAILABLE'],
    ['08006', 'STORE_UNAVAILABLE'],
    ['40P01', 'STORE_UNAVAILABLE'],
    ['23505', 'STORE_FAILED'],
    ['42703', 'STORE_FAILED'],
  ])('%s is %s', (sqlState, code) => {
    expect(toStoreError(driverError(sqlState))).toMatchObject({ code, details: { sqlState } });
  });

  test.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])(
    '"%s" has no code and may be tried again',
    (message) => {
      expect(toStoreError(new Error(message))).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    },
  );

  test('several refused addresses are one database that does not answer', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' });
    expect(toStoreError(new AggregateError([refused, refused])).code).toBe('STORE_UNAVAILABLE');
  });

  test('never carries what was in the query, also where bad data is quoted', () => {
    for (const error of [driverError('23505'), driverError('22P02', 'invalid input syntax: "a secret prompt"')]) {
      const { message, details, cause } = toStoreError(error);
      expect(
        [message, JSON.stringify(details), String(cause), cause instanceof Error ? String(cause.stack) : ''].join(),
      ).not.toContain('secret');
    }
  });

  test('one of our own passes as it is', () => {
    const own = new AppError('QUEUE_FULL', 'The queue is full.');
    expect(toStoreError(own)).toBe(own);
  });
});

describe('an error of the disk', () => {
  test.each([
    ['ENOSPC', 'STORE_NO_SPACE'],
    ['EROFS', 'STORE_NO_PERMISSION'],
    ['EACCES', 'STORE_NO_PERMISSION'],
    ['ENOTDIR', 'STORE_NO_FOLDER'],
    ['EIO', 'STORE_FAILED'],
  ])('%s is %s and names the folder', (errno, code) => {
    const error = toFileError(Object.assign(new Error('no'), { code: errno }), '/srv/easel');
    expect(error).toMatchObject({ code, details: { errno } });
    expect(error.message).toContain('/srv/easel');
  });
});

describe('a call that is repeated', () => {
  const away = () => Object.assign(new Error('away'), { code: 'ECONNREFUSED' });

  test('succeeds at the third try', async () => {
    let tries = 0;
    expect(await withRetry(async () => (++tries < 3 ? Promise.reject(away()) : tries), 10_000)).toBe(3);
  });

  test('is not repeated when that cannot help', async () => {
    let tries = 0;
    const call = () => Promise.reject(Object.assign(new Error(`try ${++tries}`), { code: '42703' }));
    await expect(withRetry(call, 10_000)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(tries).toBe(1);
  });

  test('ends with the error when patience does', async () => {
    await expect(withRetry(() => Promise.reject(away()), 0)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('ends at once when Easel closes while it waits, and does not begin to wait after that', async () => {
    const stop = new AbortController();
    const waiting = withRetry(() => Promise.reject(away()), 60_000, stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(waiting).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(withRetry(() => Promise.reject(away()), 60_000, stop.signal)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
