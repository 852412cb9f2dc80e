import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { filePath } from '../../../src/models/catalog.ts';
import { type CaptionTokenizer, loadCaptionTokenizer } from '../../../src/pipeline/caption-tokenizer.ts';
import { readReference } from '../../../src/pipeline/easel/self-test.ts';
import { tinyModel } from './tiny-model.ts';

let tokenize: CaptionTokenizer;
beforeAll(async () => {
  tokenize = await loadCaptionTokenizer(filePath(await tinyModel(), 'tokenizer'), 16);
});

test('captions become the ids that the training code gave them', async () => {
  const { cases } = await readReference(await tinyModel());
  for (const { caption, captionIds } of cases) expect(tokenize(caption).ids).toEqual(captionIds);
});

test('upper case and composed letters read as lower case and NFC', () => {
  expect(tokenize('A Red APPLE')).toEqual(tokenize('a red apple'));
  expect(tokenize('cafe\u0301')).toEqual(tokenize('caf\u00e9'));
});

test('what the model cannot read is cut and said', () => {
  const { ids, cut } = tokenize('a red apple '.repeat(20));
  expect(ids).toHaveLength(16);
  expect(cut).toBe(true);
  expect(tokenize('a red apple').cut).toBe(false);
});

test('any text has tokens: other scripts, emoji, control characters, lone surrogates', () => {
  for (const text of ['яблоко', '苹果', '🦊🌈', 'שלום', '\u0000\u0007', '\ud83e']) {
    expect(tokenize(text).ids.length, JSON.stringify(text)).toBeGreaterThan(0);
  }
});

test('a file that is no tokenizer is refused with its name', async () => {
  const path = join(tmpdir(), `easel-tokenizer-${process.pid}.json`);
  await writeFile(path, '{"model":');
  await expect(loadCaptionTokenizer(path, 16)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
});
