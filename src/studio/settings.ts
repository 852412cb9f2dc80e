/** What a person has set for themselves. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { JsonObject } from '../store/records.ts';

export const COUNT_MAX = 4;
export const SUFFIX_CHARACTERS_MAX = 200;
const PRESET_NAME = /^[\p{L}\p{N}_-]{1,32}$/u;
export const PRESETS_MAX = 25;

const settingsSchema = z.object({
  style: z.string().max(40).nullable().default(null),
  count: z.int().min(1).max(COUNT_MAX).nullable().default(null),
  /** Words only: options in it would clash with typed ones. */
  suffix: z
    .string()
    .max(SUFFIX_CHARACTERS_MAX)
    .regex(/^(?!.*(?:--|[\u2012-\u2015\u2212{}]))[^\p{Cc}]*$/u)
    .nullable()
    .default(null),
  private: z.boolean().nullable().default(null),
  language: z.enum(['en', 'zh']).nullable().default(null),
  /** Of `V` by a reaction or where a platform has room for one only. */
  strength: z.enum(['subtle', 'strong']).nullable().default(null),
  /** Named in a message of its own when a long wait ends. */
  ping: z.boolean().nullable().default(null),
});
export type PersonalSettings = z.infer<typeof settingsSchema>;

/** Options with a name, as they are typed: `--style noto --n 2`. */
export type Preset = { flags: string };
const presetSchema = z.object({ flags: z.string().min(1).max(SUFFIX_CHARACTERS_MAX).startsWith('--') });

/** Stored settings, defaults for what an older version did not know or stored otherwise. */
export function readSettings(stored: JsonObject): PersonalSettings {
  const whole = settingsSchema.safeParse(stored);
  if (whole.success) return whole.data;
  const good = Object.entries(stored).filter(([name, value]) => settingsSchema.safeParse({ [name]: value }).success);
  return settingsSchema.parse(Object.fromEntries(good));
}

/** @throws {AppError} `INPUT_SETTING` naming the settings that are unknown or take no such value */
export function checkSettings(change: JsonObject): JsonObject {
  const names = Object.keys(change).filter((name) => !Object.hasOwn(settingsSchema.shape, name));
  const read = settingsSchema.partial().safeParse(change);
  const wrong = [...names, ...(read.error?.issues.map(({ path }) => path.join('.')) ?? [])];
  if (wrong.length > 0) {
    throw new AppError('INPUT_SETTING', `These settings are unknown or take no such value: ${wrong.join(', ')}.`, {
      details: { settings: wrong.map((name) => name.slice(0, 40)) },
    });
  }
  return change;
}

/** @throws {AppError} `INPUT_SETTING` */
export function checkPreset(name: string, preset: Preset): void {
  if (PRESET_NAME.test(name) && presetSchema.safeParse(preset).success) return;
  throw new AppError(
    'INPUT_SETTING',
    'A preset has a name of up to 32 letters and digits, and options such as --style noto --n 2.',
  );
}

export function readPresets(stored: Record<string, JsonObject>): Record<string, Preset> {
  return Object.fromEntries(
    Object.entries(stored).flatMap(([name, value]) => {
      const read = presetSchema.safeParse(value);
      return read.success ? [[name, read.data]] : [];
    }),
  );
}
