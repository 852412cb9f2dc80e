/** `/easel queue`, `words` and `gallery`: what admins do about people and pictures. */
import { cleanBlockedWord, findBlocked } from '../../policy/blocked-words.ts';
import type { TenantSettings } from '../../policy/limits.ts';
import type { View } from '../view.ts';
import { emptyView } from '../views.ts';
import type { DeskContext, Handlers } from './context.ts';
import { isAdmin, placeOf, requireAdmin, value } from './context.ts';
import { untilMs } from './limit-admin.ts';
import { action, savedView } from './limits.ts';

const QUEUE_SHOWN = 15;
const WORDS_SHOWN = 60;

export const moderationHandlers: Handlers<
  | `queue ${'show' | 'pause' | 'resume' | 'clear'}`
  | `words ${'list' | 'add' | 'remove' | 'defaults' | 'test'}`
  | 'gallery'
> = {
  async 'queue show'(context) {
    const { parts, asker, words, locale } = context;
    const { counts } = parts.queue;
    const waiting = parts.queue.waiting();
    const here = waiting.filter(({ tenant }) => tenant === `${asker.scope.platform}:${asker.scope.tenant}`);
    const lines = await Promise.all(
      waiting.slice(0, QUEUE_SHOWN).map(async ({ tenant, user, pictures }, index) => {
        const isHere = here.some((job) => job.tenant === tenant);
        // Who waits in another place is nobody's business here.
        const who = isHere
          ? await context.nameOf('user', user.slice(user.indexOf(':') + 1))
          : words.say('desk.somebody');
        const said = words.say('desk.pictures', { count: pictures });
        return words.say('desk.queueLine', { place: index + 1, who, pictures: said });
      }),
    );
    const isEmpty = counts.waiting + counts.drawing === 0;
    return {
      ...emptyView('settings', locale),
      heading: words.say('desk.queue'),
      lines: isEmpty
        ? [words.say('desk.queueEmpty')]
        : [words.say('desk.queueCounts', counts), words.say('desk.queueHere', { count: here.length }), ...lines],
      actions: [
        action('queue show', words.say('desk.refresh')),
        action('queue pause', words.say('desk.pause'), { style: 'danger' }),
        action('queue resume', words.say('desk.resume')),
      ],
    };
  },
  async 'queue pause'(context, { where, hours }) {
    const { parts, asker, words } = context;
    const entry = value(await parts.limits.pause(asker, whereOf(context, where), untilMs(context, hours)));
    return savedView(context, entry, words.say('limits.pausedHere'));
  },
  async 'queue resume'(context, { where }) {
    const { parts, asker, words } = context;
    return savedView(
      context,
      value(await parts.limits.resume(asker, whereOf(context, where))),
      words.say('limits.resumed'),
    );
  },
  async 'queue clear'(context, { user }) {
    const { parts, asker, words, locale } = context;
    const { jobs } = value(await parts.limits.clear(asker, user));
    const who = await context.nameOf('user', user);
    return { ...emptyView('answer', locale), heading: words.say('desk.queueCleared', { count: jobs, who }) };
  },

  'words list': async (context) => wordsView(context, ownSettings(context), []),
  async 'words add'(context, { phrase = '' }) {
    const word = cleanBlockedWord(phrase);
    const { blockedWords } = ownSettings(context);
    const words = [...blockedWords.words.filter((each) => !isSame(each, word)), word];
    const allowed = blockedWords.allowed.filter((each) => !isSame(each, word));
    return saveWords(context, { ...blockedWords, words, allowed }, context.words.say('words.added', { word }));
  },
  async 'words remove'(context, { phrase }) {
    const word = cleanBlockedWord(phrase);
    const { blockedWords } = ownSettings(context);
    const words = blockedWords.words.filter((each) => !isSame(each, word));
    const isListed = words.length < blockedWords.words.length;
    const found = findBlocked(word, [ownSettings(context)]);
    // A word of the maintained list is not taken out of it but allowed here.
    const allowed = !isListed && found?.list === 'default' ? [...blockedWords.allowed, word] : blockedWords.allowed;
    if (!isListed && allowed === blockedWords.allowed) {
      return wordsView(context, ownSettings(context), [context.words.say('words.absent', { word })]);
    }
    return saveWords(context, { ...blockedWords, words, allowed }, context.words.say('words.removed', { word }));
  },
  async 'words defaults'(context, { on }) {
    const { blockedWords } = ownSettings(context);
    return saveWords(
      context,
      { ...blockedWords, defaultList: on },
      context.words.say(on ? 'words.defaultsOn' : 'words.defaultsOff'),
    );
  },
  async 'words test'(context, { phrase }) {
    const { parts, words, locale } = context;
    const place = placeOf(context);
    const settings = [parts.limits.settings(null), ...(place === null ? [] : [parts.limits.settings(place)])];
    const found = findBlocked(phrase, settings);
    const heading =
      found === null
        ? words.say('words.passes')
        : words.say('words.found', { word: found.word, list: words.say(`words.listName.${found.list}`) });
    return { ...emptyView('answer', locale), heading };
  },

  async gallery(context, { channel, off }) {
    const { parts, asker, words } = context;
    const galleryChannel = off === true ? null : (channel ?? null);
    const entry = value(await parts.limits.saveSettings(asker, { galleryChannel }, placeOf(context)));
    const said =
      galleryChannel === null
        ? words.say('gallery.none')
        : words.say('gallery.set', { channel: await context.nameOf('channel', galleryChannel) });
    return savedView(context, entry, said);
  },
};

const WHERE = { here: 'tenant', channel: 'channel', host: 'host' } as const;

function whereOf(context: DeskContext, where: keyof typeof WHERE | undefined) {
  return WHERE[where ?? (placeOf(context) === null ? 'host' : 'here')];
}

function ownSettings(context: DeskContext): TenantSettings {
  return context.parts.limits.settings(placeOf(context));
}

async function saveWords(
  context: DeskContext,
  blockedWords: TenantSettings['blockedWords'],
  said: string,
): Promise<View> {
  const { parts, asker } = context;
  await requireAdmin(asker);
  const entry = value(await parts.limits.saveSettings(asker, { blockedWords }, placeOf(context)));
  const undo = action(`limits undo ${entry.id}`, context.words.say('limits.undo'));
  const view = await wordsView(context, { ...ownSettings(context), blockedWords }, [said]);
  return { ...view, actions: [undo, ...view.actions] };
}

async function wordsView(
  { words, locale, asker }: DeskContext,
  { blockedWords }: TenantSettings,
  said: readonly string[],
): Promise<View> {
  const { words: list, defaultList } = blockedWords;
  const shown = list.slice(0, WORDS_SHOWN).join(', ');
  return {
    ...emptyView('settings', locale),
    heading: words.say('words.list'),
    lines: [
      ...said,
      list.length === 0 ? words.say('words.none') : `${shown}${list.length > WORDS_SHOWN ? ', …' : ''}`,
      words.say(defaultList ? 'words.defaultsOn' : 'words.defaultsOff'),
    ],
    actions: (await isAdmin(asker))
      ? [
          action('words add', words.say('words.add'), { opensForm: true, style: 'main' }),
          action(
            `words defaults ${defaultList ? 'off' : 'on'}`,
            words.say(defaultList ? 'words.turnOff' : 'words.turnOn'),
          ),
        ]
      : [],
  };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
