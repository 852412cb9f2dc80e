import { describe, expect, it } from 'vitest';
import { AppError, ERRORS, type ErrorCode, isErrorCode, toAppError } from '../src/errors.ts';

const AREAS = ['CONFIG', 'INPUT', 'LIMIT', 'FILTER', 'JOB', 'MODEL', 'DEVICE', 'STORE', 'ADAPTER', 'INTERNAL'];

describe('errors', () => {
  it('the table is sorted by area, in the order of the design', () => {
    const areas = Object.values(ERRORS).map(({ area }) => AREAS.indexOf(area));
    expect(areas).not.toContain(-1);
    expect(areas).toEqual(areas.toSorted((one, other) => one - other));
  });

  it('an error knows its area, its audience and whether trying again helps', () => {
    const error = new AppError('QUEUE_FULL', 'The queue is full. Try again in a minute.', { details: { waiting: 50 } });
    expect(error).toMatchObject({ area: 'JOB', audience: 'user', retryable: true, details: { waiting: 50 } });
  });

  it('an AppError passes the boundary as it is', () => {
    const error = new AppError('CANCELLED', 'Cancelled.');
    expect(toAppError(error, 'INTERNAL')).toBe(error);
  });

  it('anything else gets the code of the boundary and stays as the cause', () => {
    const cause = new RangeError('out of range');
    expect(toAppError(cause, 'STORE_FAILED')).toMatchObject({ code: 'STORE_FAILED', message: 'out of range', cause });
    expect(toAppError('a text')).toMatchObject({ code: 'INTERNAL', message: 'a text', cause: 'a text' });
  });

  it('knows its codes by name, and no property of objects', () => {
    const code: ErrorCode = 'MODEL_ALTERED';
    expect(isErrorCode(code)).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
    expect(isErrorCode(7)).toBe(false);
  });
});
