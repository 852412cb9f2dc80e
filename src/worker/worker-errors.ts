/** What a supervisor refuses with, in sentences that say what to do. */
import { AppError } from '../errors.ts';

export function cancelledError(): AppError {
  return new AppError('CANCELLED', 'Cancelled.');
}

export function closedError(): AppError {
  return new AppError('WORKER_CLOSED', 'Easel is shutting down: ask again once it runs.');
}

export function diedError(): AppError {
  const message = 'The drawing process ended twice on this picture, so it was given up. Try again, or ask the host.';
  return new AppError('WORKER_DIED', message);
}

export function neverReadyError(deaths: number): AppError {
  const message = `The drawing process ended ${deaths} times before it was ready: run npx easel doctor, or use EASEL_DEVICE=cpu.`;
  return new AppError('WORKER_DIED', message, { details: { deaths } });
}

export function unknownModel(asked: string, held: string): AppError {
  return new AppError('MODEL_UNKNOWN', `This worker draws with ${held}, not with ${asked.slice(0, 40)}.`);
}
