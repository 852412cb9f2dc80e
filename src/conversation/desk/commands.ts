/** Every `/easel …` there is, as data: platforms register it, the box of the web completes it, the parser reads by it, help lists it. */

import type { PlanName } from '../../policy/limits.ts';

export const LIMIT_KINDS = [
  'pictures-minute',
  'pictures-hour',
  'pictures-day',
  'pictures-week',
  'pictures-month',
  'gpu-day',
  'gpu-month',
  'cooldown',
  'running',
  'waiting',
  'request',
  'prompts',
  'weight',
] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

/** `each` person, or everybody in the channel or the server together. */
export const SHARED_BY = ['each', 'channel', 'everyone'] as const;
export type SharedBy = (typeof SHARED_BY)[number];

const PLANS = ['open', 'small', 'big', 'paid', 'event'] as const satisfies readonly PlanName[];
/** Until when a pause or a block lasts, in hours. */
const WHERE = ['here', 'channel', 'host'] as const;

/** Spaces and all, to the end of the line. */
const text = { kind: 'text' } as const;
const word = { kind: 'word' } as const;
const number = { kind: 'number' } as const;
const toggle = { kind: 'toggle' } as const;
const user = { kind: 'user' } as const;
const role = { kind: 'role' } as const;
const channel = { kind: 'channel' } as const;
const choice = <const Choices extends readonly string[]>(choices: Choices) => ({ kind: 'choice', choices }) as const;
const needed = <Spec extends object>(spec: Spec) => ({ ...spec, required: true }) as const;

export type OptionSpec = {
  readonly kind: 'text' | 'word' | 'number' | 'toggle' | 'user' | 'role' | 'channel' | 'choice';
  readonly choices?: readonly string[];
  readonly required?: true;
};

export type CommandSpec = {
  readonly audience: 'everyone' | 'admins';
  /** Which options its forms ask for, at most five each. Under `''`: opened instead of running it when no option is given. */
  readonly forms?: Readonly<Record<string, readonly string[]>>;
  /** In the order in which people type them. A text takes what no other option took. */
  readonly options: Readonly<Record<string, OptionSpec>>;
};

const rule = {
  amount: number,
  unlimited: toggle,
  what: choice(LIMIT_KINDS),
  user,
  role,
  channel,
  per: choice(SHARED_BY),
  where: choice(['here', 'host']),
} as const;

/** By name: one word, or a group and a word. Descriptions are in the words (`command.*`, `option.*`). */
export const COMMANDS = {
  me: { audience: 'everyone', options: {} },
  why: { audience: 'everyone', options: { user } },
  history: { audience: 'everyone', options: { before: word } },
  show: { audience: 'everyone', options: { id: needed(word) } },
  help: { audience: 'everyone', options: {} },
  settings: {
    audience: 'everyone',
    forms: { drawing: ['style', 'count', 'suffix', 'private'], answers: ['language', 'strength', 'ping'] },
    options: {
      style: word,
      count: number,
      suffix: text,
      private: toggle,
      language: choice(['en', 'zh', 'auto']),
      strength: choice(['subtle', 'strong']),
      ping: toggle,
    },
  },
  'forget-me': { audience: 'everyone', options: { sure: toggle } },

  stats: { audience: 'admins', options: {} },
  audit: { audience: 'admins', options: { before: word } },
  gallery: { audience: 'admins', forms: { '': ['channel'] }, options: { channel, off: toggle } },
  doctor: { audience: 'admins', options: {} },
  admin: { audience: 'admins', options: {} },

  'limits list': { audience: 'admins', options: {} },
  'limits show': { audience: 'admins', options: { rule: needed(word) } },
  'limits set': {
    audience: 'admins',
    forms: { '': ['amount', 'what', 'role', 'channel', 'per'] },
    options: { ...rule, shadow: toggle },
  },
  'limits preview': { audience: 'admins', forms: { '': ['amount', 'what', 'role', 'channel', 'per'] }, options: rule },
  'limits remove': { audience: 'admins', options: { rule: needed(word) } },
  'limits shadow': { audience: 'admins', options: { rule: needed(word), on: toggle } },
  'limits grant': {
    audience: 'admins',
    forms: { '': ['amount', 'what', 'user'] },
    options: { amount: number, what: choice(LIMIT_KINDS), user },
  },
  'limits reset': { audience: 'admins', options: { user: needed(user) } },
  'limits block': { audience: 'admins', options: { user: needed(user), hours: number } },
  'limits unblock': { audience: 'admins', options: { user: needed(user) } },
  'limits plans': { audience: 'admins', options: {} },
  'limits plan': {
    audience: 'admins',
    forms: { paid: ['role'] },
    options: { plan: needed(choice(PLANS)), role, sure: toggle },
  },
  'limits hours': { audience: 'admins', forms: { '': ['from', 'to'] }, options: { from: word, to: word, off: toggle } },
  'limits zone': { audience: 'admins', forms: { '': ['zone'] }, options: { zone: word } },
  'limits buttons': { audience: 'admins', options: { who: needed(choice(['everyone', 'moderators', 'author'])) } },
  'limits undo': { audience: 'admins', options: { entry: word } },
  'limits export': { audience: 'admins', options: {} },
  'limits import': { audience: 'admins', forms: { '': ['yaml', 'dry'] }, options: { yaml: text, dry: toggle } },

  'channels list': { audience: 'admins', options: {} },
  'channels allow': { audience: 'admins', options: { channel: needed(channel) } },
  'channels deny': { audience: 'admins', options: { channel: needed(channel) } },
  'channels clear': { audience: 'admins', options: {} },
  'roles list': { audience: 'admins', options: {} },
  'roles allow': { audience: 'admins', options: { role: needed(role) } },
  'roles deny': { audience: 'admins', options: { role: needed(role) } },
  'roles clear': { audience: 'admins', options: {} },
  'models list': { audience: 'admins', options: {} },
  'models allow': { audience: 'admins', options: { model: needed(word), role, channel } },
  'models styles': { audience: 'admins', options: { styles: needed(text), role, channel } },
  'models clear': { audience: 'admins', options: {} },

  'queue show': { audience: 'admins', options: {} },
  'queue pause': { audience: 'admins', options: { where: choice(WHERE), hours: number } },
  'queue resume': { audience: 'admins', options: { where: choice(WHERE) } },
  'queue clear': { audience: 'admins', options: { user: needed(user) } },

  'words list': { audience: 'admins', options: {} },
  'words add': { audience: 'admins', forms: { '': ['phrase'] }, options: { phrase: text } },
  'words remove': { audience: 'admins', options: { phrase: needed(text) } },
  'words defaults': { audience: 'admins', options: { on: needed(toggle) } },
  'words test': { audience: 'admins', options: { phrase: needed(text) } },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;

type ValueOf<Spec extends OptionSpec> = Spec extends { choices: readonly (infer Choice)[] }
  ? Choice
  : Spec['kind'] extends 'number'
    ? number
    : Spec['kind'] extends 'toggle'
      ? boolean
      : string;
type RequiredOf<Options> = {
  [Name in keyof Options]: Options[Name] extends { required: true } ? Name : never;
}[keyof Options];
type OptionsOf<Options extends Readonly<Record<string, OptionSpec>>> = {
  readonly [Name in RequiredOf<Options>]: ValueOf<Options[Name]>;
} & { readonly [Name in Exclude<keyof Options, RequiredOf<Options>>]?: ValueOf<Options[Name]> };

/** One command with its options: users, roles and channels by id. */
export type EaselCommand = {
  [Name in CommandName]: { readonly name: Name; readonly options: OptionsOf<(typeof COMMANDS)[Name]['options']> };
}[CommandName];

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

export function specOf(name: CommandName): CommandSpec {
  return COMMANDS[name];
}

/** Whether the first answer to it has to be its form. */
export function opensForm({ name, options }: EaselCommand): boolean {
  return specOf(name).forms?.[''] !== undefined && Object.keys(options).length === 0;
}
