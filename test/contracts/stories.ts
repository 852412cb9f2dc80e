/** What people do with Easel, told once: every adapter plays these stories through its real SDK or a real browser. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export type Button =
  | 'cancel'
  | 'reroll'
  | 'redraw'
  | 'edit'
  | 'keep'
  | 'direct'
  | 'remove'
  | `${'upscale' | 'vary' | 'subtle'} ${1 | 2 | 3 | 4}`;

/** A message of Easel as one person sees it. */
export type Shown = {
  id: string;
  state: 'queued' | 'painting' | 'waiting' | 'result' | 'failed' | 'cancelled';
  /** Who asked. */
  author: 'ada' | 'bob';
  prompt: string;
  /** What who cannot see the picture is told; null while there is none. */
  alt: string | null;
  /** Finished pictures in it. */
  pictures: number;
  /** Whether something unfinished is painted in it. */
  hasPreview: boolean;
  /** Those this person is offered. */
  buttons: readonly Button[];
  /** The words for what it was made from, such as "Varied from picture 2"; null: from nothing. */
  madeFrom: string | null;
  /** null where the platform does not show it. */
  isKept: boolean | null;
};

/** Somebody in the channel. */
export type Player = {
  /** `/imagine` with this. */
  imagine(text: string): Promise<void>;
  press(message: Shown, button: Exclude<Button, 'edit'>): Promise<void>;
  /** Presses "edit", writes this instead and sends it. */
  edit(message: Shown, text: string): Promise<void>;
  react(message: Shown, emoji: string): Promise<void>;
  takeBack(message: Shown, emoji: string): Promise<void>;
  /** Messages of Easel that this person sees, oldest first. */
  look(): Promise<readonly Shown[]>;
  /** Answers that only this person sees, as text, oldest first. */
  told(): Promise<readonly string[]>;
  /** `/easel` with this; `@ada` and `@bob` are mentions. The answer comes to `told`. */
  ask(command: string): Promise<void>;
  /** Says yes to the question told last. */
  confirm(): Promise<void>;
  /** How many pictures were sent to this person alone: by direct message, or as a download. */
  received(): Promise<number>;
};

export type Stage = {
  /** Two ordinary members. */
  ada: Player;
  bob: Player;
  /** May set limits here. */
  admin: Player;
  /** Pictures stay half painted until `release`. */
  hold(): Promise<void>;
  release(): Promise<void>;
  /** kill -9 of the whole program, and a new start on the same data. Pictures are no longer held. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

const PATIENCE_MS = 30_000;
const STORY_TIMEOUT_MS = 60_000;

type Story = { title: string; play(stage: Stage): Promise<void> };

export const STORIES: readonly Story[] = [
  {
    title: 'imagine: the prompt becomes a sheet of four, with the prompt as its text',
    async play({ ada, bob }) {
      await ada.imagine('a red apple');
      const mine = await shown(ada, 'a red apple', isDone);
      expect(mine).toMatchObject({ author: 'ada', pictures: 4, madeFrom: null });
      expect(mine.alt).toContain('a red apple');
      expect(mine.buttons).toEqual(expect.arrayContaining(['reroll', 'edit', 'keep', 'direct', 'remove', 'upscale 4']));
      expect(await shown(bob, 'a red apple', isDone)).toMatchObject({ author: 'ada', pictures: 4 });
    },
  },
  {
    title: 'preview: what is painted so far is shown before it is done',
    async play({ ada, bob, hold, release }) {
      await hold();
      await ada.imagine('a dog');
      await shown(bob, 'a dog', ({ state, hasPreview }) => state === 'painting' && hasPreview);
      await release();
      expect(await shown(ada, 'a dog', isDone)).toMatchObject({ hasPreview: false, pictures: 4 });
    },
  },
  {
    title: 'result: one message, however often it was told of',
    async play({ ada }) {
      await ada.imagine('a cat --n 1');
      expect(await shown(ada, 'a cat', isDone)).toMatchObject({ pictures: 1 });
      expect(await all(ada, 'a cat')).toHaveLength(1);
    },
  },
  {
    title: 're-roll by button: the same words, drawn again',
    async play({ ada, bob }) {
      const first = await drawn(ada, 'a star --n 1', 'a star');
      await bob.press(await shown(bob, 'a star', isDone), 'reroll');
      expect(await other(ada, 'a star', [first.id], isDone)).toMatchObject({ author: 'bob', pictures: 1 });
    },
  },
  {
    title: 're-roll by reaction: the same as the button',
    async play({ ada, bob }) {
      const first = await drawn(ada, 'a rainbow --n 1', 'a rainbow');
      await bob.react(await shown(bob, 'a rainbow', isDone), '🔁');
      expect(await other(ada, 'a rainbow', [first.id], isDone)).toMatchObject({ author: 'bob' });
    },
  },
  {
    title: 'vary: four of one picture, and from which it says',
    async play({ ada }) {
      const first = await drawn(ada, 'a fox', 'a fox');
      await ada.press(first, 'vary 2');
      const strong = await other(ada, 'a fox', [first.id], isDone);
      expect(strong).toMatchObject({ pictures: 4 });
      expect(strong.madeFrom).toContain('2');
      await ada.press(first, 'subtle 3');
      const subtle = await other(ada, 'a fox', [first.id, strong.id], isDone);
      expect(subtle.madeFrom).toContain('3');
    },
  },
  {
    title: 'upscale: one picture at twice its size',
    async play({ ada }) {
      const first = await drawn(ada, 'a blue fox', 'a blue fox');
      await ada.press(first, 'upscale 1');
      const large = await other(ada, 'a blue fox', [first.id], isDone);
      expect(large).toMatchObject({ pictures: 1 });
      expect(large.buttons).not.toContain('upscale 1');
    },
  },
  {
    title: 'cancel: what is being painted stops, and says so',
    async play({ ada, bob, hold, release }) {
      await hold();
      await ada.imagine('a green dog');
      const painting = await shown(ada, 'a green dog', ({ state }) => state === 'painting');
      await ada.press(painting, 'cancel');
      await shown(bob, 'a green dog', ({ state }) => state === 'cancelled');
      await release();
    },
  },
  {
    title: 'delete: gone for everyone, by its author alone',
    async play({ ada, bob }) {
      const mine = await drawn(ada, 'a green cat --n 1', 'a green cat');
      const seen = await shown(bob, 'a green cat', isDone);
      if (seen.buttons.includes('remove')) await bob.press(seen, 'remove');
      expect(await all(bob, 'a green cat')).toHaveLength(1);
      await ada.press(mine, 'remove');
      await eventually('gone', async () => (await all(bob, 'a green cat')).length === 0);
      expect(await all(ada, 'a green cat')).toEqual([]);
    },
  },
  {
    title: 'refused with reason: only the person is told, and what to do',
    async play({ ada, bob }) {
      await ada.imagine('an apple --seed banana');
      await eventually('a refusal', async () => (await ada.told()).some((text) => /--seed/u.test(text)));
      expect((await bob.told()).filter((text) => /--seed/u.test(text))).toEqual([]);
      expect((await bob.look()).some(({ prompt }) => prompt.includes('banana'))).toBe(false);
    },
  },
  {
    title: 'refused with reason by a limit: told in private, with the rule and when it passes',
    async play({ ada, bob, admin }) {
      await limit(admin, 2);
      await drawn(bob, 'a silver fox --n 2', 'a silver fox');
      await bob.imagine('a copper fox --n 1');
      const refusal = await answered(bob, /2 pictures a day/u);
      expect(refusal).toMatch(/passes/u);
      expect((await ada.told()).filter((text) => /2 pictures a day/u.test(text))).toEqual([]);
      expect(await all(bob, 'a copper fox')).toEqual([]);
    },
  },
  {
    title: 'why: the last refusal, and the rule behind it',
    async play({ bob, admin }) {
      await limit(admin, 0);
      await bob.imagine('a tin fox --n 1');
      await answered(bob, /0 pictures a day/u);
      await bob.ask('why');
      expect(await answered(bob, /Last refused/u)).toMatch(/0 pictures a day/u);
    },
  },
  {
    title: 'admin raises the limit, it passes now',
    async play({ bob, admin }) {
      await limit(admin, 0);
      await bob.imagine('an iron fox --n 1');
      await answered(bob, /0 pictures a day/u);
      await limit(admin, 500);
      expect(await drawn(bob, 'an iron fox --n 1', 'an iron fox')).toMatchObject({ author: 'bob', pictures: 1 });
    },
  },
  {
    title: 'me: what is left, and when it comes back',
    async play({ bob, admin }) {
      await limit(admin, 500);
      await drawn(bob, 'a bronze fox --n 1', 'a bronze fox');
      await bob.ask('me');
      expect(await answered(bob, /of 500 left/u)).toMatch(/back/u);
    },
  },
  {
    title: 'why @somebody: for admins, and who is none is told so',
    async play({ bob, admin }) {
      await bob.ask('why @ada');
      await answered(bob, /Only admins/iu);
      await admin.ask('why @bob');
      await answered(admin, /bob.* may draw now/iu);
    },
  },
  {
    title: 'settings: a default of one’s own is used from then on',
    async play({ ada }) {
      await ada.ask('settings count 2');
      await answered(ada, /Saved/u);
      expect(await drawn(ada, 'a paper boat', 'a paper boat')).toMatchObject({ pictures: 2 });
      await ada.ask('settings count 4');
      await eventually('saved again', async () => (await ada.told()).filter((text) => /Saved/u.test(text)).length > 1);
    },
  },
  {
    title: 'edit and re-roll: other words, as a child of the first',
    async play({ ada }) {
      const first = await drawn(ada, 'a yellow star --n 1', 'a yellow star');
      await ada.edit(first, 'a purple star --n 1');
      const child = await shown(ada, 'a purple star', isDone);
      expect(child.madeFrom).not.toBeNull();
    },
  },
  {
    title: 'keep: a picture is kept, and no longer when it is pressed again',
    async play({ ada, bob }) {
      const first = await drawn(ada, 'a black cat --n 1', 'a black cat');
      if (first.isKept === null) {
        await ada.press(first, 'keep');
        return;
      }
      await ada.press(first, 'keep');
      const kept = await shown(bob, 'a black cat', ({ isKept }) => isKept === true);
      await bob.press(kept, 'keep');
      await shown(ada, 'a black cat', ({ isKept }) => isKept === false);
    },
  },
  {
    title: 'send to me: the picture comes to whoever asked for it',
    async play({ ada, bob }) {
      await drawn(ada, 'a white dog', 'a white dog');
      const before = await bob.received();
      await bob.press(await shown(bob, 'a white dog', isDone), 'direct');
      await eventually('a picture for bob', async () => (await bob.received()) === before + 1);
    },
  },
  {
    title: 'private: nobody else sees it',
    async play({ ada, bob }) {
      await ada.imagine('a brown dog --n 1 --private');
      await shown(ada, 'a brown dog', isDone);
      await drawn(bob, 'a pink dog --n 1', 'a pink dog');
      expect(await all(bob, 'a brown dog')).toEqual([]);
    },
  },
  {
    title: 'permutations confirmed: drawn once the person has seen how many they are',
    async play({ ada }) {
      await ada.imagine('a {red,blue} star --n 1');
      await eventually('a question', async () => /\b2\b/u.test((await ada.told()).at(-1) ?? ''));
      expect(await all(ada, 'a red star')).toEqual([]);
      await ada.confirm();
      await shown(ada, 'a red star', isDone);
      await shown(ada, 'a blue star', isDone);
    },
  },
  {
    title: 'a reaction taken back: what it asked for is cancelled',
    async play({ ada, bob, hold, release }) {
      const first = await drawn(ada, 'an orange fox --n 1', 'an orange fox');
      await hold();
      const seen = await shown(bob, 'an orange fox', isDone);
      await bob.react(seen, '🔁');
      await other(bob, 'an orange fox', [first.id], ({ state }) => state !== 'result');
      await bob.takeBack(seen, '🔁');
      await other(bob, 'an orange fox', [first.id], ({ state }) => state === 'cancelled');
      await release();
    },
  },
  {
    title: 'bot killed and restarted in between: drawn and told once, and old buttons work',
    async play({ ada, bob, hold, restart }) {
      const old = await drawn(ada, 'a grey cat --n 1', 'a grey cat');
      await hold();
      await ada.imagine('a golden star --n 2');
      await shown(ada, 'a golden star', ({ state }) => state === 'painting');
      await restart();
      expect(await shown(ada, 'a golden star', isDone)).toMatchObject({ author: 'ada', pictures: 2 });
      expect(await all(bob, 'a golden star')).toHaveLength(1);
      await bob.press(await shown(bob, 'a grey cat', isDone), 'reroll');
      await other(ada, 'a grey cat', [old.id], isDone);
    },
  },
];

/** @param skipped why a platform cannot play a story, by the start of its title */
export function playStories(
  platform: string,
  open: () => Promise<Stage>,
  skipped: Readonly<Record<string, string>> = {},
): void {
  describe(`stories on ${platform}`, () => {
    let stage: Stage | undefined;
    beforeAll(async () => {
      stage = await open();
    }, 120_000);
    afterAll(() => stage?.close(), 60_000);
    for (const { title, play } of STORIES) {
      const reason = Object.entries(skipped).find(([start]) => title.startsWith(start))?.[1];
      const named = reason === undefined ? title : `${title} (skipped: ${reason})`;
      test.skipIf(reason !== undefined)(named, { timeout: STORY_TIMEOUT_MS }, () => {
        if (stage === undefined) throw new Error('The stage is not open.');
        return play(stage);
      });
    }
  });
}

/** Of bob, who has drawn nothing that counts so far. */
async function limit(admin: Player, pictures: number): Promise<void> {
  const told = async () => (await admin.told()).length;
  for (const command of ['limits reset @bob', `limits set ${pictures} pictures per day for @bob`]) {
    const before = await told();
    await admin.ask(command);
    await eventually(`an answer to “${command}”`, async () => (await told()) > before);
  }
}

/** What was told to this person and reads so, the latest. */
async function answered(player: Player, pattern: RegExp): Promise<string> {
  let found: string | undefined;
  let told: readonly string[] = [];
  const isTold = async () => {
    told = await player.told();
    found = told.findLast((text) => pattern.test(text));
    return found !== undefined;
  };
  await eventually(`words like ${pattern}`, isTold, () => told.slice(-3).join(' | '));
  return found ?? '';
}

const isDone = ({ state }: Shown): boolean => state === 'result';

async function all(player: Player, prompt: string): Promise<readonly Shown[]> {
  return (await player.look()).filter((message) => message.prompt === prompt);
}

/** The first message of this prompt, once it is as asked. */
function shown(player: Player, prompt: string, isSo: (message: Shown) => boolean): Promise<Shown> {
  return other(player, prompt, [], isSo);
}

/** One of this prompt that is none of these, once it is as asked. */
async function other(
  player: Player,
  prompt: string,
  known: readonly string[],
  isSo: (message: Shown) => boolean,
): Promise<Shown> {
  let last: readonly Shown[] = [];
  const isThere = async () => {
    last = (await all(player, prompt)).filter(({ id }) => !known.includes(id));
    return last.some(isSo);
  };
  await eventually(`“${prompt}”`, isThere, () => JSON.stringify(last));
  const found = last.find(isSo);
  if (found === undefined) throw new Error('unreachable');
  return found;
}

async function drawn(player: Player, text: string, prompt: string): Promise<Shown> {
  await player.imagine(text);
  return shown(player, prompt, isDone);
}

async function eventually(what: string, isSo: () => Promise<boolean>, seen: () => string = () => ''): Promise<void> {
  const untilMs = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > untilMs) throw new Error(`Waited ${PATIENCE_MS / 1_000} s for ${what}. ${seen()}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}
