/** From what was typed, and what the person has set, to prompts to draw. */
import { AppError } from '../errors.ts';
import { parsePrompt } from '../prompt/parse-prompt.ts';
import { DASHES } from '../prompt/scan.ts';
import type { ParsedPrompt, PromptContext } from '../prompt/types.ts';
import type { PersonalSettings, Preset } from './settings.ts';
import type { SubmitRequest } from './studio.ts';

const FIRST_FLAG = new RegExp(`(?:^|\\s)${DASHES}[a-z]`, 'iu');

/** @throws {AppError} of the areas INPUT and MODEL: a refusal */
export function readRequest(
  request: Pick<SubmitRequest, 'text' | 'given' | 'preset'>,
  context: PromptContext,
  settings: PersonalSettings,
  presets: Record<string, Preset>,
): ParsedPrompt {
  const given = request.given ?? [];
  const text = withSuffix(withPreset(request.text, request.preset, presets), settings.suffix);
  const parsed = read(text, context, given);
  const hasStyle =
    parsed.expansions.some(({ options }) => options.style !== null) ||
    parsed.notices.some(({ code }) => code === 'STYLE_NOT_HONOURED');
  if (settings.style === null || hasStyle) return parsed;
  return read(text, context, [...given, { name: 'style', value: settings.style }]);
}

function read(text: string, context: PromptContext, given: NonNullable<SubmitRequest['given']>): ParsedPrompt {
  const result = parsePrompt(text, context, given);
  if (!result.ok) throw result.refusal;
  return result.parsed;
}

/** Before the first option: a word after `--no` would belong to it. */
function withSuffix(text: string, suffix: string | null): string {
  if (suffix === null || suffix.trim() === '' || text.trim() === '') return text;
  const at = FIRST_FLAG.exec(text)?.index ?? text.length;
  return `${text.slice(0, at)} ${suffix} ${text.slice(at)}`;
}

function withPreset(text: string, name: string | undefined, presets: Record<string, Preset>): string {
  if (name === undefined) return text;
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) {
    throw new AppError(
      'INPUT_SETTING',
      'You have no preset of this name. Look at your settings for the ones you have.',
    );
  }
  return `${text} ${preset.flags}`;
}
