/** The studio over a store, a queue and a worker. */
import { AppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { Limits } from '../policy/limits.ts';
import type { Policy, Press } from '../policy/policy.ts';
import type { PromptContext, PromptModel } from '../prompt/types.ts';
import { pictureOf } from '../queue/draw-slot.ts';
import type { EventBus } from '../queue/events.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Delivery, Generation, Leftovers, Scope } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { WorkerSupervisor } from '../worker/supervisor.ts';
import { createAcceptor, refused, toRefusal, type Wish } from './accept.ts';
import { readOptions } from './options.ts';
import { readRequest } from './read-request.ts';
import { findOwned, findVisible, isAuthor } from './rights.ts';
import {
  checkPreset,
  checkSettings,
  type PersonalSettings,
  PRESETS_MAX,
  readPresets,
  readSettings,
} from './settings.ts';
import type { Asker, Asking, Outcome, Studio, SubmitRequest } from './studio.ts';
import { type HeldModel, imagineWishes, rerollWish, upscaleWish, varyWish } from './wishes.ts';

/** What the studio needs of the conversation, without knowing any platform. */
export type Courier = {
  /** No more edits of this generation's message. */
  leave(generationId: string): Promise<void>;
  takeDown(messages: readonly Delivery[]): Promise<void>;
  /** @throws {AppError} `ADAPTER_DIRECT_CLOSED` */
  sendDirect(scope: Scope, generation: Generation): Promise<void>;
  /** Posts the result where it was asked for, once. */
  share(generation: Generation): Promise<void>;
  /** A copy in the gallery is due, or has to go. */
  keptChanged(): void;
};

export type StudioParts = {
  store: Store;
  blobs: BlobStore;
  queue: JobQueue;
  supervisor: WorkerSupervisor;
  policy: Policy;
  events: EventBus;
  clock: Clock;
  limits: Limits;
  courier: Courier;
  /** The model that is drawn with. */
  model: PromptModel & HeldModel;
  promptsMax: number;
  /** The channel of a place where kept pictures are shown. */
  galleryOf(place: Pick<Scope, 'platform' | 'tenant'>): string | null;
  /** Off the queue, refunded, and told. @returns false when it was finished already */
  cancel(generationId: string): Promise<boolean>;
  onTrouble(thrown: unknown): void;
};

/** Pictures of a request in chat. */
export const COUNT_DEFAULT = 4;
/** Of a prompt as typed, in code points. */
export const PROMPT_CHARACTERS_MAX = 1_000;
const LIMITS = { charactersMax: PROMPT_CHARACTERS_MAX, countMax: 4, picturesMax: 32 } as const;

export type ClosableStudio = Studio & { close(): Promise<void> };

export function createStudio(parts: StudioParts): ClosableStudio {
  const { store, blobs, queue, supervisor, events, clock, courier, model } = parts;
  const acceptor = createAcceptor(parts);
  const held: HeldModel = { name: model.name, hash: model.hash };

  const settingsOf = async (asker: Asker): Promise<PersonalSettings> =>
    readSettings(await store.people.settings(personOf(asker.scope)));
  const localeFor = (asker: Asker, settings: PersonalSettings) => settings.language ?? asker.locale ?? 'en';
  const isHeld = (generation: Generation) => generation.model === held.name && generation.modelHash === held.hash;

  /** Expected refusals become outcomes wherever they come from. */
  async function answer(work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (thrown) {
      return toRefusal(thrown);
    }
  }

  async function submit(request: SubmitRequest, parent: Generation | null): Promise<Outcome> {
    const settings = await settingsOf(request);
    const presets =
      request.preset === undefined ? {} : readPresets(await store.people.presets(personOf(request.scope)));
    const context: PromptContext = {
      models: [model],
      defaultCount: settings.count ?? request.defaultCount ?? COUNT_DEFAULT,
      limits: { ...LIMITS, promptsMax: parts.promptsMax },
      canBePrivate: true,
    };
    const parsed = readRequest(request, context, settings, presets);
    if (parsed.expansions.length > 1 && request.confirmed !== true) {
      const prompts = parsed.expansions.map(({ prompt }) => prompt);
      return { kind: 'confirm', prompts, pictures: parsed.pictureCount };
    }
    const asksPrivate = parsed.expansions.some(({ options }) => options.private);
    const isPrivate = asksPrivate || (request.private ?? settings.private ?? false);
    const wishes = imagineWishes(parsed, held, localeFor(request, settings), parent?.id ?? null);
    const press = parent === null ? null : pressOn(parent, request);
    return acceptor.accept(request, wishes, isPrivate, parsed.notices, press);
  }

  /** Nothing private is shown, and nothing is shown a second time in its own channel. */
  function shownWhenKept(generation: Generation, { scope }: Asker) {
    const channel = parts.galleryOf(generation.scope);
    const isShown = channel !== null && !generation.private && channel !== generation.scope.channel;
    return isShown && generation.status === 'drawn' ? { channel, user: scope.user, nowMs: clock.nowMs() } : null;
  }

  /** A child is as private as what it was made from: a public answer would show a private prompt. */
  async function child(asking: Asking, parent: Generation, wish: Wish): Promise<Outcome> {
    const settings = await settingsOf(asking);
    return acceptor.accept(asking, [wish], parent.private || settings.private === true, [], pressOn(parent, asking));
  }

  const studio: ClosableStudio = {
    limits: parts.limits,
    submit: (request) => answer(() => submit(request, null)),
    reroll: (asking, generationId) =>
      answer(async () => {
        const generation = await findVisible(store, asking, generationId);
        const settings = await settingsOf(asking);
        const parent = { generationId: generation.parentId ?? '', pictureIndex: generation.parentPictureIndex ?? 0 };
        const isVariation = generation.kind === 'variation' && isHeld(generation);
        const hasIds = isVariation && (await store.pictures.ids(parent)) !== null;
        return child(asking, generation, rerollWish(generation, held, localeFor(asking, settings), hasIds));
      }),
    vary: (asking, generationId, pictureIndex, strength) =>
      answer(async () => {
        const generation = await findVisible(store, asking, generationId);
        const settings = await settingsOf(asking);
        const count = settings.count ?? COUNT_DEFAULT;
        const chosen = strength ?? settings.strength ?? 'strong';
        const wish = varyWish(generation, pictureIndex, chosen, count, held, localeFor(asking, settings));
        if (!isHeld(generation)) return refused(modelGone(), generation);
        return child(asking, generation, wish);
      }),
    upscale: (asking, generationId, pictureIndex) =>
      answer(async () => {
        const generation = await findVisible(store, asking, generationId);
        const settings = await settingsOf(asking);
        const wish = upscaleWish(generation, pictureIndex, localeFor(asking, settings));
        const { blobKey = null } = generation.pictures.find(({ index }) => index === pictureIndex) ?? {};
        const bytes = blobKey === null ? null : await blobs.get(blobKey);
        if (bytes === null && !isHeld(generation)) return refused(modelGone(), generation);
        return child(asking, generation, wish);
      }),
    edit: (request, generationId) =>
      answer(async () => {
        const generation = await findVisible(store, request, generationId);
        const isPrivate = request.private ?? (generation.private ? true : undefined);
        return submit({ ...request, ...(isPrivate === undefined ? {} : { private: isPrivate }) }, generation);
      }),
    cancel: (asker, generationId) =>
      answer(async () => {
        const { status } = await findOwned(store, asker, generationId);
        const isUnfinished = status === 'queued' || status === 'drawing';
        if (isUnfinished && (await parts.cancel(generationId))) return { kind: 'done', what: 'cancelled' };
        throw new AppError('JOB_FINISHED', 'This is finished already; there is nothing to cancel.');
      }),
    remove: (asker, generationId) =>
      answer(async () => {
        await findOwned(store, asker, generationId);
        await courier.leave(generationId);
        // The message first: after a crash in between, the picture is still there to be deleted again.
        const item = await store.outbox.get(generationId);
        const { platform, channel, messageId } = item ?? { messageId: null };
        if (messageId !== null && platform !== undefined)
          await courier.takeDown([{ platform, channel, messageId, generationId }]);
        const left = await step('remove', () => store.generations.remove(generationId, clock.nowMs()));
        if (left !== null) await clearAway(left);
        const removed = await store.generations.get(generationId);
        if (removed !== null) events.emit({ kind: 'finished', generation: removed });
        return { kind: 'done', what: 'removed' };
      }),
    keep: (asker, generationId, kept) =>
      answer(async () => {
        const generation = await findVisible(store, asker, generationId);
        await step('keep', () => store.generations.keep(generationId, kept, shownWhenKept(generation, asker)));
        courier.keptChanged();
        return { kind: 'done', what: kept ? 'kept' : 'unkept' };
      }),
    sendDirect: (asker, generationId) =>
      answer(async () => {
        const generation = await findVisible(store, asker, generationId);
        if (generation.status !== 'drawn')
          throw new AppError('JOB_NOT_DRAWN', 'This picture is not drawn yet. Wait until it is.');
        await courier.sendDirect(asker.scope, generation);
        return { kind: 'done', what: 'sent' };
      }),
    share: (asker, generationId) =>
      answer(async () => {
        // Private ones are visible to their author alone.
        const generation = await findVisible(store, asker, generationId);
        if (generation.status !== 'drawn')
          throw new AppError('JOB_NOT_DRAWN', 'This picture is not drawn yet. Wait until it is.');
        if (!isAuthor(generation, asker))
          throw new AppError('JOB_NOT_YOURS', 'Only its author or a moderator may do this.');
        if (!generation.private) return { kind: 'done', what: 'shared' };
        // The message first: after a crash in between it is found, and nobody has lost anything.
        await courier.share({ ...generation, private: false });
        await step('publish', () => store.generations.publish(generationId));
        return { kind: 'done', what: 'shared' };
      }),
    async press(asking, action, text) {
      const { kind, generationId, pictureIndex, strength } = action;
      const picture = pictureIndex ?? 0;
      switch (kind) {
        case 'reroll':
        case 'redraw':
          return studio.reroll(asking, generationId);
        case 'vary':
          return studio.vary(asking, generationId, picture, strength);
        case 'upscale':
          return studio.upscale(asking, generationId, picture);
        case 'edit':
          return studio.edit({ ...asking, text: text ?? '' }, generationId);
        case 'cancel':
          return studio.cancel(asking, generationId);
        case 'remove':
          return studio.remove(asking, generationId);
        case 'share':
          return studio.share(asking, generationId);
        case 'direct':
          return studio.sendDirect(asking, generationId);
        case 'keep': {
          const before = await store.generations.get(generationId);
          return studio.keep(asking, generationId, before?.kept !== true);
        }
      }
    },
    takeBack: (asker, requestKey) =>
      answer(async () => {
        const { platform } = asker.scope;
        const made = await store.generations.ofRequest(platform, requestKey);
        const outcomes = await Promise.all(
          made.map(async ({ id }) => {
            const cancelled = await studio.cancel(asker, id);
            const isDrawn = cancelled.kind === 'refused' && cancelled.error.code === 'JOB_FINISHED';
            return isDrawn ? studio.remove(asker, id) : cancelled;
          }),
        );
        return outcomes[0] ?? refused(new AppError('JOB_FINISHED', 'There is nothing to take back.'));
      }),

    async show(asker, generationId) {
      try {
        return { kind: 'found', value: await findVisible(store, asker, generationId) };
      } catch (thrown) {
        return toRefusal(thrown);
      }
    },
    async picture(asker, slot) {
      let generation: Generation | null = null;
      try {
        generation = await findVisible(store, asker, slot.generationId);
        return { kind: 'found', value: await pictureOf({ store, blobs, supervisor }, slot) };
      } catch (thrown) {
        return toRefusal(thrown, generation);
      }
    },
    history({ scope }, query) {
      // Somebody's private pictures are in their own history alone.
      const withPrivate = query.user === scope.user;
      return store.generations.history({ ...query, platform: scope.platform, withPrivate });
    },
    async lineage(asker, generationId) {
      try {
        await findVisible(store, asker, generationId);
        const { ancestors, children } = await store.generations.lineage(generationId);
        const visible = (all: readonly Generation[]) =>
          all.filter((each) => !each.private || each.scope.user === asker.scope.user);
        return { kind: 'found', value: { ancestors: visible(ancestors), children: visible(children) } };
      } catch (thrown) {
        return toRefusal(thrown);
      }
    },
    ofMessage: (platform, channel, messageId) => store.outbox.find(platform, channel, messageId),
    status: (generationId) => queue.status(generationId),

    settings: async (person) => readSettings(await store.people.settings(person)),
    async saveSettings(person, change) {
      try {
        const saved = await step('set', () => store.people.saveSettings(person, checkSettings(change)));
        return { kind: 'found', value: readSettings(saved) };
      } catch (thrown) {
        return toRefusal(thrown);
      }
    },
    presets: async (person) => readPresets(await store.people.presets(person)),
    async savePreset(person, name, preset) {
      try {
        if (preset !== null) checkPreset(name, preset);
        const before = readPresets(await store.people.presets(person));
        if (preset !== null && !Object.hasOwn(before, name) && Object.keys(before).length >= PRESETS_MAX) {
          throw new AppError(
            'INPUT_SETTING',
            `You have ${PRESETS_MAX} presets, the most there can be. Delete one first.`,
          );
        }
        await step('set', () => store.people.savePreset(person, name, preset));
        return { kind: 'found', value: await studio.presets(person) };
      } catch (thrown) {
        return toRefusal(thrown);
      }
    },
    async forgetMe(person) {
      const left = await step('forget', () => store.people.forget(person));
      await clearAway(left);
      return { generations: left.generationIds.length };
    },
    subscribe: (listener) => events.subscribe(listener),
    close: () => acceptor.close(),
  };

  async function clearAway({ generationIds, drawing, deliveries, blobKeys }: Leftovers): Promise<void> {
    for (const id of generationIds) {
      queue.drop(
        id,
        drawing.filter(({ generationId }) => generationId === id),
      );
      await courier.leave(id);
    }
    await courier.takeDown(deliveries);
    if (blobKeys.length > 0) await step('erase', () => blobs.remove(blobKeys));
  }

  return studio;
}

/** The caption as it was drawn, for who asks "what did you read?". */
export function captionOf(generation: Generation): string {
  return readOptions(generation).caption;
}

/** Whoever presses pays; whether they may is a rule of the place. */
function pressOn(generation: Generation, asker: Asker): Press {
  return { byAuthor: isAuthor(generation, asker), mayModerate: async () => (await asker.mayModerate?.()) === true };
}

function personOf({ platform, user }: Scope) {
  return { platform, user };
}

function modelGone(): AppError {
  return new AppError(
    'JOB_MODEL_GONE',
    'The model that drew this is no longer here. Draw the prompt again with the present one.',
  );
}
