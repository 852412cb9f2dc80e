// Raw flags -> options, each value checked; what the model cannot honour becomes a notice.

import { AppError } from '../errors.ts';
import { type FlagName, nearestOf, type RawFlag, tidy } from './scan.ts';
import type { Notice, PromptContext, PromptModel, PromptOptions } from './types.ts';

export const SEED_MAX = 2 ** 32 - 1;
export const GUIDANCE_SCALE_MAX = 20;
const ASPECT_SIDE_MAX = 100;

export type ReadFlags = { readonly options: PromptOptions; readonly model: PromptModel; readonly notices: Notice[] };

/** @throws {AppError} `INPUT_FLAG_VALUE`, `INPUT_FLAG_REPEATED`, `INPUT_TOO_MANY_PICTURES`, `MODEL_UNKNOWN` */
export function readFlags(flags: readonly RawFlag[], context: PromptContext): ReadFlags {
  const values = new Map<FlagName, string>();
  const unwanted: string[] = [];
  for (const { name, value } of flags) {
    if (name === 'no') unwanted.push(...readUnwanted(value));
    else if (!values.has(name)) values.set(name, tidy(value));
    else if (values.get(name) !== tidy(value)) throw repeated(name);
  }
  const read = <Value>(name: FlagName, reader: (value: string) => Value): Value | null => {
    const value = values.get(name);
    return value === undefined ? null : reader(value);
  };

  const notices: Notice[] = [];
  const model = read('model', (value) => readModel(value, context)) ?? context.models[0];
  const options: PromptOptions = {
    seed: read('seed', readSeed),
    count: read('n', (value) => readCount(value, context.limits.countMax)) ?? context.defaultCount,
    aspect: read('ar', (value) => honourAspect(readAspect(value), model, notices)),
    style: read('style', (value) => honourStyle(value, model, notices)),
    unwanted: unwanted.length === 0 ? null : honourUnwanted(unwanted.join(', '), model, notices),
    guidanceScale: read('guidance', (value) => honourGuidance(readGuidance(value), model, notices)),
    model: model.name,
    private: honourPrivate(read('private', readPrivate) ?? false, context, notices),
  };
  return { options, model, notices };
}

function readUnwanted(value: string): readonly string[] {
  const things = value
    .split(/[,\u3001\uFF0C]/u)
    .map(tidy)
    .filter((thing) => thing !== '');
  if (things.length === 0) throw wrongValue('no', value, 'the things to leave out, like --no red, stripes');
  return things;
}

function readSeed(value: string): number {
  const seed = readWhole(value);
  if (seed === null || seed > SEED_MAX)
    throw wrongValue('seed', value, `a whole number from 0 to ${SEED_MAX}, like --seed 7`);
  return seed;
}

function readCount(value: string, countMax: number): number {
  const count = readWhole(value);
  if (count === null || count === 0)
    throw wrongValue('n', value, `a whole number from 1 to ${countMax}, like --n ${Math.min(4, countMax)}`);
  if (count > countMax) {
    throw new AppError(
      'INPUT_TOO_MANY_PICTURES',
      `--n ${value} is too many pictures: ${countMax} is the most at a time. Ask for --n ${countMax} or fewer.`,
      { details: { countMax } },
    );
  }
  return count;
}

function readAspect(value: string): string {
  const sides = /^(?<width>\d{1,3})[:x/](?<height>\d{1,3})$/u.exec(value)?.groups;
  const width = Number(sides?.['width'] ?? 0);
  const height = Number(sides?.['height'] ?? 0);
  if (width < 1 || height < 1 || width > ASPECT_SIDE_MAX || height > ASPECT_SIDE_MAX) {
    throw wrongValue('ar', value, 'width:height in whole numbers, like --ar 1:1');
  }
  return `${width}:${height}`;
}

function readGuidance(value: string): number {
  const scale = /^\d{1,3}(?:\.\d{1,6})?$/u.test(value) ? Number(value) : Number.NaN;
  if (!(scale >= 1 && scale <= GUIDANCE_SCALE_MAX)) {
    throw wrongValue(
      'guidance',
      value,
      `a number from 1 (free) to ${GUIDANCE_SCALE_MAX} (strict), like --guidance 2.5`,
    );
  }
  return scale;
}

function readModel(value: string, context: PromptContext): PromptModel {
  const names = context.models.map((model) => model.name);
  if (value === '') throw wrongValue('model', value, `the name of a model: ${names.join(', ')}`);
  const model = context.models.find(({ name }) => name.toLowerCase() === value.toLowerCase());
  if (model !== undefined) return model;
  const nearest = nearestOf(value, names) ?? context.models[0].name;
  throw new AppError(
    'MODEL_UNKNOWN',
    `There is no model "${value}" here. Did you mean ${nearest}? The models are: ${names.join(', ')}.`,
    { details: { nearest } },
  );
}

function readPrivate(value: string): boolean {
  if (/^(?:|true|yes|on|1)$/iu.test(value)) return true;
  if (/^(?:false|no|off|0)$/iu.test(value)) return false;
  throw wrongValue('private', value, 'no value, or --private=no');
}

function honourAspect(aspect: string, model: PromptModel, notices: Notice[]): string | null {
  const [width = 1, height = 1] = aspect.split(':').map(Number);
  const { widthPx, heightPx } = model.picture;
  if (width * heightPx === height * widthPx) return aspect;
  const shape = widthPx === heightPx ? 'square pictures' : `pictures of ${widthPx} x ${heightPx} pixels`;
  notices.push({
    code: 'ASPECT_NOT_HONOURED',
    message: `${model.name} draws ${shape} only, so --ar ${aspect} has no effect.`,
    details: { model: model.name, aspect, widthPx, heightPx },
  });
  return null;
}

function honourStyle(value: string, model: PromptModel, notices: Notice[]): string | null {
  const names = model.styles.map((style) => style.name);
  if (value === '')
    throw wrongValue(
      'style',
      value,
      names.length === 0 ? 'the name of a style' : `the name of a style: ${names.join(', ')}`,
    );
  const wanted = value.toLowerCase();
  const aliased = model.vocabulary?.styles.find(({ aliases }) =>
    aliases.some((alias) => alias.toLowerCase() === wanted),
  );
  const style = names.find((name) => name.toLowerCase() === wanted) ?? names.find((name) => name === aliased?.name);
  if (style !== undefined) return style;
  const nearest = nearestOf(value, names);
  const choices =
    nearest === null ? 'It has no styles.' : `Its styles are ${names.join(', ')}; the nearest is ${nearest}.`;
  notices.push({
    code: 'STYLE_NOT_HONOURED',
    message: `${model.name} has no style "${value}", so --style has no effect. ${choices}`,
    details: { model: model.name, wanted: value, styles: names },
  });
  return null;
}

function honourUnwanted(unwanted: string, model: PromptModel, notices: Notice[]): string | null {
  if (model.guided) return unwanted;
  notices.push({
    code: 'GUIDANCE_NOT_HONOURED',
    message: `${model.name} draws without guidance, so --no has no effect.`,
    details: { model: model.name, flag: 'no' },
  });
  return null;
}

function honourGuidance(scale: number, model: PromptModel, notices: Notice[]): number | null {
  if (model.guided) return scale;
  notices.push({
    code: 'GUIDANCE_NOT_HONOURED',
    message: `${model.name} draws without guidance, so --guidance has no effect.`,
    details: { model: model.name, flag: 'guidance' },
  });
  return null;
}

function honourPrivate(wanted: boolean, context: PromptContext, notices: Notice[]): boolean {
  if (!wanted || context.canBePrivate) return wanted;
  notices.push({
    code: 'PRIVATE_NOT_HONOURED',
    message: 'Nobody else sees pictures made here, so --private has no effect.',
    details: {},
  });
  return false;
}

function readWhole(value: string): number | null {
  return /^\d{1,15}$/u.test(value) ? Number(value) : null;
}

function wrongValue(flag: FlagName, value: string, takes: string): AppError {
  const problem = value === '' ? `--${flag} has no value.` : `--${flag} cannot be "${value}".`;
  return new AppError('INPUT_FLAG_VALUE', `${problem} It takes ${takes}.`, { details: { flag } });
}

function repeated(flag: FlagName): AppError {
  return new AppError('INPUT_FLAG_REPEATED', `--${flag} is there twice with different values. Keep one of them.`, {
    details: { flag },
  });
}
