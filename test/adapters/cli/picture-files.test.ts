import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planPictureFiles, slugOf, toFileError, writeWhole } from '../../../adapters/cli/picture-files.ts';

const folder = await mkdtemp(join(tmpdir(), 'easel-files-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('names', () => {
  it.each([
    ['a red apple', 'a-red-apple'],
    ['A Fox, under: the/../RAINBOW', 'a-fox-under-the-rainbow'],
    ['one two three four five six seven', 'one-two-three-four-five-six'],
    ['Crème brûlée', 'creme-brulee'],
    ['一只狐狸', 'picture'],
    ['x'.repeat(200), 'x'.repeat(40)],
  ])('%s -> %s', (caption, slug) => {
    expect(slugOf(caption)).toBe(slug);
  });

  it('FILE is taken as it is for one picture and numbered for several', async () => {
    const file = join(folder, 'fox.webp');
    expect(await planPictureFiles(file, 'x', 1, 1)).toEqual({ paths: [file], format: 'webp' });
    expect((await planPictureFiles(file, 'x', 1, 2)).paths).toEqual([
      join(folder, 'fox-1.webp'),
      join(folder, 'fox-2.webp'),
    ]);
  });

  it('a FILE without an ending is a PNG of that name', async () => {
    const file = join(folder, 'fox');
    expect(await planPictureFiles(file, 'x', 1, 1)).toEqual({ paths: [file], format: 'png' });
  });

  it('a made name that is taken, even in part, gets a number', async () => {
    await writeFile(join(folder, 'bear-1-2.png'), '');
    expect((await planPictureFiles(folder, 'bear', 1, 2)).paths).toEqual([
      join(folder, 'bear-1_2-1.png'),
      join(folder, 'bear-1_2-2.png'),
    ]);
  });

  it('an ending that is no picture is refused', async () => {
    await expect(planPictureFiles(join(folder, 'fox.gif'), 'x', 1, 1)).rejects.toMatchObject({ code: 'INPUT_USAGE' });
  });
});

describe('writes', () => {
  it('replace a file whole and leave nothing beside it', async () => {
    const place = await mkdtemp(join(folder, 'whole-'));
    const path = join(place, 'fox.png');
    await writeFile(path, 'before');
    await writeWhole(path, Buffer.from('after'));
    expect(await readFile(path, 'utf8')).toBe('after');
    expect(await readdir(place)).toEqual(['fox.png']);
  });

  it('that fail keep the file as it was and leave nothing beside it', async () => {
    const place = await mkdtemp(join(folder, 'failed-'));
    const path = join(place, 'fox.png');
    await mkdir(path);
    await expect(writeWhole(path, Buffer.from('after'))).rejects.toMatchObject({
      code: 'STORE_NO_PERMISSION',
      message: `${path} is a folder. Name a file with --out.`,
    });
    expect(await readdir(place)).toEqual(['fox.png']);
  });

  it.each([
    ['ENOSPC', 'STORE_NO_SPACE', 'There is no space left to write /x/fox.png. Free some space'],
    ['EDQUOT', 'STORE_NO_SPACE', 'There is no space left'],
    ['ENOENT', 'STORE_NO_FOLDER', 'The folder /x does not exist. Create it'],
    ['EACCES', 'STORE_NO_PERMISSION', '/x/fox.png may not be written by you. Change its permissions'],
    ['EROFS', 'STORE_NO_PERMISSION', 'may not be written'],
    ['ENAMETOOLONG', 'INPUT_USAGE', 'too long'],
    ['EIO', 'STORE_FAILED', '/x/fox.png could not be written (EIO). Try again'],
  ])('%s is told as %s', (system, code, sentence) => {
    const error = toFileError('/x/fox.png', Object.assign(new Error(system), { code: system }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(sentence);
  });
});
