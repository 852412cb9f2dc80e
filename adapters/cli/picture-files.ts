// Where the pictures of `easel imagine` go: names that overwrite nothing unasked, and writes that are whole or not at all.

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, sep } from 'node:path';
import { AppError, type ImageFormat } from '../../src/index.ts';

const FORMATS: ReadonlyMap<string, ImageFormat> = new Map([
  ['', 'png'],
  ['.png', 'png'],
  ['.webp', 'webp'],
  ['.jpg', 'jpeg'],
  ['.jpeg', 'jpeg'],
]);
const SLUG_WORDS_MAX = 6;
const SLUG_CHARACTERS_MAX = 40;

export type PictureFiles = { readonly paths: readonly string[]; readonly format: ImageFormat };

/**
 * Chooses the file of each picture and checks that its folder can be written, before anything is drawn.
 *
 * One picture goes to FILE itself, several to FILE-1, FILE-2, …; without FILE the name is made of the caption and the
 * seed, and a name that is taken gets a number. A FILE that was named is overwritten: it was asked for.
 *
 * @param out FILE, a folder, or null
 * @throws {AppError} `INPUT_USAGE` for an ending that is no picture's, `STORE_NO_FOLDER`, `STORE_NO_PERMISSION`
 */
export async function planPictureFiles(
  out: string | null,
  caption: string,
  seed: number,
  count: number,
): Promise<PictureFiles> {
  const folder = out === null ? '.' : (await isFolder(out)) ? out : null;
  const file =
    folder === null && out !== null
      ? out
      : join(folder ?? '.', await freeName(folder ?? '.', `${slugOf(caption)}-${seed}`, count));
  const ending = extname(file);
  const format = FORMATS.get(ending.toLowerCase());
  if (format === undefined) {
    throw new AppError('INPUT_USAGE', `--out cannot end in ${ending}. Pictures are written as .png, .webp or .jpg.`);
  }
  await checkWritable(file);
  return { paths: numbered(file, count), format };
}

/**
 * Writes bytes beside the target and renames: a reader never sees half a picture, and a failed write leaves no trace.
 *
 * A target that is a device or a pipe is written directly.
 *
 * @throws {AppError} `STORE_NO_SPACE`, `STORE_NO_FOLDER`, `STORE_NO_PERMISSION`, `STORE_FAILED`
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const found = await stat(path).catch(() => null);
  try {
    if (found !== null && !found.isFile() && !found.isDirectory()) {
      await writeFile(path, bytes);
      return;
    }
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
    try {
      const handle = await open(temporary, 'wx');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (thrown) {
      await unlink(temporary).catch(() => {});
      throw thrown;
    }
  } catch (thrown) {
    throw toFileError(path, thrown);
  }
}

/** What the system said, as a sentence that says what to do. */
export function toFileError(path: string, thrown: unknown): AppError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const options = { cause: thrown, details: { system: code } };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError(
        'STORE_NO_SPACE',
        `There is no space left to write ${path}. Free some space, or name another place with --out.`,
        options,
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new AppError(
        'STORE_NO_FOLDER',
        `The folder ${dirname(path)} does not exist. Create it, or name another place with --out.`,
        options,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AppError(
        'STORE_NO_PERMISSION',
        `${path} may not be written by you. Change its permissions, or name another place with --out.`,
        options,
      );
    case 'EISDIR':
      return new AppError('STORE_NO_PERMISSION', `${path} is a folder. Name a file with --out.`, options);
    case 'ENAMETOOLONG':
      return new AppError('INPUT_USAGE', 'The name after --out is too long. Choose a shorter one.', options);
    default:
      return new AppError(
        'STORE_FAILED',
        `${path} could not be written${code === '' ? '' : ` (${code})`}. Try again, or name another place with --out.`,
        options,
      );
  }
}

/** A file name made of words: letters and digits of ASCII only, since a name may travel to any file system. */
export function slugOf(caption: string): string {
  const words =
    caption
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[a-z0-9]+/gu) ?? [];
  const slug = words.slice(0, SLUG_WORDS_MAX).join('-').slice(0, SLUG_CHARACTERS_MAX).replace(/-$/u, '');
  return slug === '' ? 'picture' : slug;
}

function numbered(file: string, count: number): readonly string[] {
  if (count === 1) return [file];
  const ending = extname(file);
  const stem = file.slice(0, file.length - ending.length);
  return Array.from({ length: count }, (_, index) => `${stem}-${index + 1}${ending}`);
}

async function freeName(folder: string, stem: string, count: number): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const name = `${stem}${attempt === 1 ? '' : `_${attempt}`}.png`;
    const taken = await Promise.all(numbered(join(folder, name), count).map(exists));
    if (!taken.includes(true)) return name;
  }
}

async function isFolder(path: string): Promise<boolean> {
  if (path.endsWith('/') || path.endsWith(sep)) return true;
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function checkWritable(file: string): Promise<void> {
  try {
    const folder = dirname(file);
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    await access(folder, constants.W_OK);
  } catch (thrown) {
    throw toFileError(file, thrown);
  }
}
