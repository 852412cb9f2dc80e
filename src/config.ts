// The environment, read once: every setting of Easel, its default and what is wrong with it.

import { resolve } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { AppError } from './errors.ts';
import { DEVICE_CHOICES, type DeviceSetting, readDevice } from './pipeline/device.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Config = {
  readonly web: {
    readonly host: string;
    readonly port: number;
    readonly hostToken: string | null;
    /** Without a slash at its end. */
    readonly publicUrl: string | null;
  };
  /** Absolute. */
  readonly dataDir: string;
  /** null: the default of the catalog. */
  readonly model: string | null;
  /** A worker each. */
  readonly devices: readonly DeviceSetting[];
  readonly logLevel: LogLevel;
  /** Prompts that `{a,b}` may make of one request. */
  readonly promptsMax: number;
  readonly discord: { readonly token: string; readonly apiUrl: string | null } | null;
  readonly slack: {
    readonly botToken: string;
    readonly appToken: string | null;
    readonly signingSecret: string | null;
    readonly apiUrl: string | null;
  } | null;
  /** PostgreSQL; null: PGlite in `dataDir`. */
  readonly databaseUrl: string | null;
  /** null: the queue is in this process. */
  readonly redisUrl: string | null;
};

export type Environment = Readonly<Record<string, string | undefined>>;

const OWN_PREFIX = 'EASEL_';
const MISSPELLED_EDITS_MAX = 2;

const text = z.string().optional();
const url = (protocols: RegExp, example: string) =>
  z.url({ protocol: protocols, error: `must be an address like ${example}` }).optional();
const webUrl = url(/^https?$/u, 'https://easel.example.org');

const SETTINGS = z.object({
  EASEL_HOST: z.string().default('127.0.0.1'),
  EASEL_PORT: whole('EASEL_PORT', 0, 65_535).default(3000),
  EASEL_DATA_DIR: z.string().default('data'),
  EASEL_MODEL: text,
  EASEL_DEVICE: z
    .string()
    .transform((list) => [...new Set(list.split(',').map((one) => one.trim()))])
    .refine((list) => list.every((one) => readDevice(one) !== null), {
      error: `must be one of ${DEVICE_CHOICES.join(', ')}, or several with commas between (cuda:0,cuda:1)`,
    })
    .transform((list) => list as readonly DeviceSetting[])
    .default(['auto']),
  EASEL_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  EASEL_PROMPTS_MAX: whole('EASEL_PROMPTS_MAX', 1, 64).default(8),
  EASEL_HOST_TOKEN: z.string().min(16, 'must have 16 characters or more').optional(),
  EASEL_PUBLIC_URL: webUrl,
  DISCORD_TOKEN: text,
  DISCORD_API_URL: webUrl,
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', 'must start with xoxb-').optional(),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', 'must start with xapp-').optional(),
  SLACK_SIGNING_SECRET: text,
  SLACK_API_URL: webUrl,
  DATABASE_URL: url(/^postgres(?:ql)?$/u, 'postgres://user@host:5432/easel'),
  REDIS_URL: url(/^rediss?$/u, 'redis://host:6379'),
});

/** Every name that `readConfig` reads, as `.env.example` lists them. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS.shape);

/**
 * Reads the environment into a frozen `Config`. An empty value means: not set.
 *
 * @throws {AppError} `CONFIG_INVALID` with all problems in one message, by name and never by value
 */
export function readConfig(environment: Environment): Config {
  const given = Object.fromEntries(
    SETTING_NAMES.flatMap((name) => {
      const value = environment[name]?.trim();
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const read = SETTINGS.safeParse(given);
  const problems = [
    ...(read.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`) ?? []),
    ...slackProblems(given),
    ...misspelled(environment),
  ];
  if (!read.success || problems.length > 0) {
    throw new AppError(
      'CONFIG_INVALID',
      `The configuration has a problem:\n${problems.map((line) => `  ${line}`).join('\n')}`,
      {
        details: { problems: problems.length },
      },
    );
  }
  return freeze(toConfig(read.data));
}

function toConfig(settings: z.output<typeof SETTINGS>): Config {
  return {
    web: {
      host: settings.EASEL_HOST,
      port: settings.EASEL_PORT,
      hostToken: settings.EASEL_HOST_TOKEN ?? null,
      publicUrl: withoutSlash(settings.EASEL_PUBLIC_URL),
    },
    dataDir: resolve(settings.EASEL_DATA_DIR),
    model: settings.EASEL_MODEL ?? null,
    devices: settings.EASEL_DEVICE,
    logLevel: settings.EASEL_LOG_LEVEL,
    promptsMax: settings.EASEL_PROMPTS_MAX,
    discord:
      settings.DISCORD_TOKEN === undefined
        ? null
        : { token: settings.DISCORD_TOKEN, apiUrl: withoutSlash(settings.DISCORD_API_URL) },
    slack:
      settings.SLACK_BOT_TOKEN === undefined
        ? null
        : {
            botToken: settings.SLACK_BOT_TOKEN,
            appToken: settings.SLACK_APP_TOKEN ?? null,
            signingSecret: settings.SLACK_SIGNING_SECRET ?? null,
            apiUrl: withoutSlash(settings.SLACK_API_URL),
          },
    databaseUrl: settings.DATABASE_URL ?? null,
    redisUrl: settings.REDIS_URL ?? null,
  };
}

/** Slack needs two tokens: the bot's, and one of the two ways in which events arrive. */
function slackProblems(given: Environment): readonly string[] {
  const hasWayIn = given['SLACK_APP_TOKEN'] !== undefined || given['SLACK_SIGNING_SECRET'] !== undefined;
  const hasBot = given['SLACK_BOT_TOKEN'] !== undefined;
  if (hasBot && !hasWayIn) {
    return ['SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (socket mode) or SLACK_SIGNING_SECRET (requests to this machine).'];
  }
  return hasWayIn && !hasBot ? ['SLACK_BOT_TOKEN is missing, and the other Slack settings need it.'] : [];
}

/** A misspelled setting would be ignored in silence; names that start with EASEL_ and are far from ours are others'. */
function misspelled(environment: Environment): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith(OWN_PREFIX) && !SETTING_NAMES.includes(name))
    .flatMap((name) => {
      const meant = SETTING_NAMES.find((setting) => distance(name, setting) <= MISSPELLED_EDITS_MAX);
      return meant === undefined ? [] : [`${name} is not a setting of Easel; did you mean ${meant}?`];
    });
}

function whole(name: string, min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+$/u, error)
    .transform(Number)
    .refine((value) => value >= min && value <= max, error)
    .describe(name);
}

function withoutSlash(address: string | undefined): string | null {
  return address?.replace(/\/+$/u, '') ?? null;
}

function freeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part);
  return Object.freeze(value);
}
