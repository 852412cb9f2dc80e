/** What the controls of a picture ask for, as wishes: pure, checked against what the picture is. */
import { AppError } from '../errors.ts';
import type { VariationStrength } from '../pipeline/pipeline.ts';
import type { ParsedPrompt } from '../prompt/types.ts';
import type { Generation } from '../store/records.ts';
import type { Wish } from './accept.ts';
import { captionOf, readOptions } from './options.ts';
import { notFound } from './rights.ts';

export type HeldModel = { name: string; hash: string };

export function imagineWishes(parsed: ParsedPrompt, model: HeldModel, locale: string, parentId: string | null): Wish[] {
  const notices = parsed.notices.filter(({ code }) => code !== 'PERMUTATIONS');
  return parsed.expansions.map(({ prompt, caption, sheetCaptions, unwantedCaption, options }) => ({
    kind: parentId === null ? 'imagine' : 'reroll',
    parent: parentId === null ? null : { generationId: parentId, pictureIndex: null },
    prompt,
    options: {
      caption,
      sheetCaptions: [...sheetCaptions],
      count: options.count,
      aspect: options.aspect,
      style: options.style,
      unwanted: options.unwanted,
      unwantedCaption,
      guidanceScale: options.guidanceScale,
      strength: null,
      notices,
      locale,
    },
    seed: options.seed,
    model,
    pictures: options.count,
    chargedPictures: options.count,
  }));
}

/** The same words with another seed; variations are varied from the same picture again. */
export function rerollWish(generation: Generation, model: HeldModel, locale: string, hasParentIds: boolean): Wish {
  const options = { ...readOptions(generation), locale };
  const isVariation = generation.kind === 'variation' && generation.parentId !== null && hasParentIds;
  // An upscale has one picture; what is rolled again are the words it came from.
  const pictures = generation.kind === 'upscale' ? options.count : generation.pictures.length;
  return {
    kind: isVariation ? 'variation' : 'reroll',
    parent:
      isVariation && generation.parentId !== null
        ? { generationId: generation.parentId, pictureIndex: generation.parentPictureIndex }
        : { generationId: generation.id, pictureIndex: null },
    prompt: generation.prompt,
    options: isVariation ? options : { ...options, strength: null },
    seed: null,
    model,
    pictures,
    chargedPictures: pictures,
  };
}

/** @throws {AppError} `INPUT_PICTURE_NUMBER`, `JOB_NOT_DRAWN` */
export function varyWish(
  generation: Generation,
  pictureIndex: number,
  strength: VariationStrength,
  count: number,
  model: HeldModel,
  locale: string,
): Wish {
  checkPicture(generation, pictureIndex);
  return {
    kind: 'variation',
    parent: { generationId: generation.id, pictureIndex },
    prompt: generation.prompt,
    // In the style of the picture it comes from.
    options: {
      ...readOptions(generation),
      caption: captionOf(generation, pictureIndex),
      sheetCaptions: [],
      ...{ count, strength, locale },
      notices: [],
    },
    seed: null,
    model,
    pictures: count,
    chargedPictures: count,
  };
}

/** @throws {AppError} `INPUT_PICTURE_NUMBER`, `JOB_NOT_DRAWN`, `INPUT_USAGE` for what is upscaled already */
export function upscaleWish(generation: Generation, pictureIndex: number, locale: string): Wish {
  checkPicture(generation, pictureIndex);
  if (generation.kind === 'upscale') {
    throw new AppError('INPUT_USAGE', 'This picture is at twice its size already: more would only blur it.');
  }
  return {
    kind: 'upscale',
    parent: { generationId: generation.id, pictureIndex },
    prompt: generation.prompt,
    options: { ...readOptions(generation), locale, notices: [] },
    seed: generation.seed,
    model: { name: generation.model, hash: generation.modelHash },
    pictures: 1,
    chargedPictures: 0,
  };
}

function checkPicture(generation: Generation, pictureIndex: number): void {
  if (generation.status === 'removed') throw notFound();
  const picture = generation.pictures.find(({ index }) => index === pictureIndex);
  if (picture === undefined) {
    const details = { picture: pictureIndex + 1, pictures: generation.pictures.length };
    throw new AppError(
      'INPUT_PICTURE_NUMBER',
      `There is no picture ${details.picture}: this message has ${details.pictures}.`,
      { details },
    );
  }
  if (picture.state !== 'drawn') {
    throw new AppError('JOB_NOT_DRAWN', 'This picture is not drawn yet. Wait until it is.');
  }
}
