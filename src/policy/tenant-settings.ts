/** Settings of a tenant or of the host, checked at the door. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { isTimeZone } from './calendar.ts';
import type { TenantSettings } from './limits.ts';

const WORDS_MAX = 2_000;
const WORD_CHARACTERS_MAX = 100;

const words = z
  .array(z.string().trim().min(1).max(WORD_CHARACTERS_MAX), {
    error: `must be a list of words and phrases of up to ${WORD_CHARACTERS_MAX} characters`,
  })
  .max(WORDS_MAX, `must be ${WORDS_MAX} words and phrases at most`);

const settingsSchema = z.strictObject({
  timeZone: z.string().refine(isTimeZone, 'must be the name of a time zone, such as Europe/Berlin').nullable(),
  galleryChannel: z.string().min(1).max(200).nullable(),
  blockedWords: z.strictObject({
    defaultList: z.boolean({ error: 'must be true or false' }).default(false),
    words: words.default([]),
    allowed: words.default([]),
  }),
});

export const SETTING_KEYS = Object.keys(settingsSchema.shape) as (keyof TenantSettings)[];

/** @throws {AppError} `LIMIT_RULE` naming the setting */
export function checkSettings(change: unknown): Partial<TenantSettings> {
  const read = settingsSchema.partial().safeParse(change);
  if (read.success) {
    return Object.fromEntries(Object.entries(read.data).filter(([, value]) => value !== undefined));
  }
  const [issue] = read.error.issues;
  const field = String(issue?.path[0] ?? '');
  const name = field === '' ? 'The settings' : issue?.path.join('.');
  throw new AppError('LIMIT_RULE', `${name}: ${issue?.message ?? 'not understood'}.`, { details: { field } });
}
