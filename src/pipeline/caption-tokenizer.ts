/** Captions to token ids: byte-level BPE of the model's own `tokenizer.json`, lower case, cut at what the model reads. */
import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { AppError } from '../errors.ts';

export type CaptionTokens = { ids: number[]; cut: boolean };
export type CaptionTokenizer = (caption: string) => CaptionTokens;

/**
 * @param path `tokenizer.json`
 * @param maxTokens what the model reads; the rest is cut and said
 * @throws {AppError} `MODEL_INVALID` when the file is no tokenizer
 */
export async function loadCaptionTokenizer(path: string, maxTokens: number): Promise<CaptionTokenizer> {
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(JSON.parse(await readFile(path, 'utf8')) as object, {});
  } catch (cause) {
    throw new AppError('MODEL_INVALID', `${path} is not a tokenizer: restore it from the repository.`, { cause });
  }
  return (caption) => {
    const { ids } = tokenizer.encode(caption.normalize('NFC').toLowerCase());
    return { ids: ids.slice(0, maxTokens), cut: ids.length > maxTokens };
  };
}
