// App Home: what a member has drawn, has left and has set; for admins and owners of the workspace, the rest too.

import type { types } from '@slack/bolt';
import { type Asking, type View, type WordKey, wordsFor, writeDeskAction } from '../../src/index.ts';
import { answerBlocks, context as contextBlock, plain } from './blocks.ts';
import { askingOf, localeFor, type SlackContext } from './context.ts';
import { DRAW_ACTION } from './presses.ts';

/** @see https://docs.slack.dev/surfaces/app-home */
const BLOCKS_MAX = 100;
const BUTTON_MAX = 75;
const HEADER_MAX = 150;
export const REFRESH_ACTION = 'easel-refresh';

/** Shown as they are; what they offer is pressed there. */
const MINE = ['me', 'history', 'settings'] as const;
/** Each a button that opens its answer in a window. */
const PLACE = {
  limits: 'limits list',
  channels: 'channels list',
  words: 'words list',
  queue: 'queue show',
  stats: 'stats',
  audit: 'audit',
  gallery: 'gallery',
  doctor: 'doctor',
} as const;

/** Draws App Home of one person anew. */
export async function publishHome(context: SlackContext, user: string): Promise<void> {
  const view = await homeView(context, user);
  await context.api.run('views.publish', (client) => client.views.publish({ user_id: user, view }), {
    patienceMs: 5_000,
  });
}

async function homeView(context: SlackContext, user: string): Promise<types.HomeView> {
  const { desk, directory, clock } = context;
  const [asking, locale] = await Promise.all([
    askingOf(context, { user, channel: null, thread: null }, ''),
    localeFor(context, user),
  ]);
  const words = wordsFor(locale);
  const mine = await Promise.all(MINE.map((name) => desk.say(asking, name)));
  const isAdmin = await mayAdminister(asking, directory.isAdmin(user));
  const blocks: types.KnownBlock[] = [
    header(words.say('slack.homeMine')),
    {
      type: 'actions',
      elements: [
        button(DRAW_ACTION, words.say('slack.homeDraw'), 'primary'),
        button(writeDeskAction('help'), words.say('slack.home.help')),
        button(REFRESH_ACTION, words.say('slack.refresh')),
      ],
    },
    ...mine.flatMap(toSection),
    ...(isAdmin ? placeBlocks((key) => words.say(key)) : []),
    contextBlock(words.say('slack.homeUpdated', { time: words.sayTime(clock.nowMs()) })),
  ];
  return { type: 'home', blocks: blocks.slice(0, BLOCKS_MAX) };
}

/** A question to Slack that fails is a no. */
async function mayAdminister({ mayAdminister: asked }: Asking, first: Promise<boolean>): Promise<boolean> {
  try {
    return (await first) || (await asked?.()) === true;
  } catch {
    return false;
  }
}

/** What cannot be told now is left out: the rest of the page is worth having. */
function toSection(view: View): types.KnownBlock[] {
  if (view.kind === 'refused') return [];
  return [{ type: 'divider' }, ...answerBlocks({ ...view, image: null }, { fileId: null, author: null })];
}

function placeBlocks(say: (key: WordKey) => string): types.KnownBlock[] {
  const buttons = (Object.keys(PLACE) as (keyof typeof PLACE)[]).map((name) =>
    button(writeDeskAction(PLACE[name], name === 'gallery'), say(`slack.home.${name}`)),
  );
  return [
    { type: 'divider' },
    header(say('slack.homePlace')),
    contextBlock(say('slack.homePlaceAbout')),
    { type: 'actions', elements: buttons.slice(0, 4) },
    { type: 'actions', elements: buttons.slice(4) },
  ];
}

function header(text: string): types.HeaderBlock {
  return { type: 'header', text: plain(text, HEADER_MAX) };
}

function button(id: string, text: string, style?: 'primary'): types.Button {
  return {
    type: 'button',
    action_id: id,
    value: id,
    text: plain(text, BUTTON_MAX),
    ...(style === undefined ? {} : { style }),
  };
}
