/** Errors across the process boundary: code, sentence and details travel; stacks and causes stay. */
import { AppError, isErrorCode, toAppError } from '../errors.ts';
import type { ErrorMessage } from './protocol.ts';

export function toErrorMessage(thrown: unknown): ErrorMessage {
  const { code, message, details } = toAppError(thrown);
  return { code, message, details };
}

export function fromErrorMessage({ code, message, details }: ErrorMessage): AppError {
  return new AppError(isErrorCode(code) ? code : 'INTERNAL', message, { details });
}
