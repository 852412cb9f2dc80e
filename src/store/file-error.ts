/** What a failure of the file system under the data folder means, in a sentence that names the folder. */
import { AppError, type ErrorCode } from '../errors.ts';

const SENTENCES: Record<string, readonly [ErrorCode, string]> = {
  ENOSPC: ['STORE_NO_SPACE', 'The disk is full: free some space below'],
  EDQUOT: ['STORE_NO_SPACE', 'The disk quota is used up: free some space below'],
  EACCES: ['STORE_NO_PERMISSION', 'Easel may not write here. Check who owns'],
  EPERM: ['STORE_NO_PERMISSION', 'Easel may not write here. Check who owns'],
  EROFS: [
    'STORE_NO_PERMISSION',
    'The disk is read-only: make it writable, or set EASEL_DATA_DIR to a folder elsewhere instead of',
  ],
  ENOTDIR: [
    'STORE_NO_FOLDER',
    'A file is where a folder should be: move it away or set EASEL_DATA_DIR to another folder instead of',
  ],
  EEXIST: [
    'STORE_NO_FOLDER',
    'A file is where a folder should be: move it away or set EASEL_DATA_DIR to another folder instead of',
  ],
  ENOENT: ['STORE_NO_FOLDER', 'The folder cannot be made: check its path'],
};

export function toFileError(thrown: unknown, path: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const [code, sentence] =
    SENTENCES[errno] ?? (['STORE_FAILED', `The disk answered ${errno || 'with an error'} at`] as const);
  return new AppError(code, `${sentence} ${path}.`, { cause: thrown, details: { errno } });
}
