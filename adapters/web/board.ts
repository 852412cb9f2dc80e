// The channel as pages see it: each generation is one message, told anew whenever something about it changes.

import {
  type Asker,
  COUNT_DEFAULT,
  finalView,
  type Generation,
  type HistoryQuery,
  type JobStatus,
  printPrompt,
  readOptions,
  type Studio,
  type StudioEvent,
  statusView,
  toLocale,
  type View,
  wordsFor,
} from '../../src/index.ts';
import type { People } from './people.ts';
import { createPreviews } from './previews.ts';
import type { Reactions } from './reactions.ts';
import { CHANNEL, PLATFORM, scopeOf, TENANT } from './scope.ts';
import type { Streams } from './streams.ts';
import type { WireLineage, WireMessage, WireMessageKind, WirePage, WirePicture } from './wire.ts';

export type BoardParts = {
  readonly studio: Studio;
  readonly people: Pick<People, 'nameOf'>;
  readonly reactions: Reactions;
  readonly streams: Pick<Streams, 'send' | 'glimpse' | 'size'>;
};

export type Board = {
  /** Newest last. @param before id of the oldest message the page has */
  page(asker: Asker, query: { before?: string; limit: number; kept?: true }): Promise<WirePage>;
  message(asker: Asker, id: string): Promise<WireMessage | null>;
  lineage(asker: Asker, id: string): Promise<WireLineage | null>;
  /** Tells pages how this message is now. @param user its author, where nobody has told of it yet */
  touch(id: string, user?: string): Promise<void>;
  /** Words that only the deliverer knows, such as that a caption was cut. */
  note(id: string, lines: readonly string[]): void;
  gone(id: string): void;
  close(): void;
};

/** Time left and places move all the time; pages are told so often. */
const STATUS_EVERY_MS = 300;
const REMEMBERED_MAX = 500;

export function createBoard({ studio, people, reactions, streams }: BoardParts): Board {
  /** Unfinished ones, to know them when only their id is told. */
  const live = new Map<string, Generation>();
  const previews = createPreviews((id, pictureIndex, preview) => {
    const generation = live.get(id);
    if (generation === undefined) return;
    streams.glimpse('preview', { id, pictureIndex, ...preview }, generation.private ? generation.scope.user : null);
  });
  const moreLines = new Map<string, readonly string[]>();
  /** What pages were told last: the same again is not sent. */
  const told = new Map<string, { readonly version: number; readonly same: string }>();
  const waiting = new Map<string, NodeJS.Timeout>();
  const goneIds = new Set<string>();
  /** Being drawn for another platform. */
  const elsewhere = new Set<string>();
  let lastVersion = 0;

  const nextVersion = (): number => {
    // Also after a restart a later state has a larger number.
    lastVersion = Math.max(lastVersion + 1, Date.now() * 1_000);
    return lastVersion;
  };

  /** @param version taken before the generation was read: what was read earlier must not replace what was read later */
  function toMessage(generation: Generation, version: number): WireMessage {
    const { id, scope, parentId, parentPictureIndex } = generation;
    const view = viewOf(generation);
    const options = readOptions(generation);
    const author = { id: scope.user, name: people.nameOf(scope.user) };
    const command = printPrompt(generation.prompt, {
      ...(options.count === COUNT_DEFAULT ? {} : { count: options.count }),
      aspect: options.aspect,
      style: options.style,
      unwanted: options.unwanted,
      guidanceScale: options.guidanceScale,
    });
    const extra = (moreLines.get(id) ?? []).filter((line) => !view.lines.includes(line));
    return {
      id,
      version,
      kind: toKind(view),
      request: generation.kind,
      author,
      createdAtMs: generation.createdAtMs,
      prompt: generation.prompt,
      command,
      heading: view.heading,
      lines: [...view.lines, ...extra],
      notices: options.notices.map(wordsFor(toLocale(options.locale)).sayNotice),
      fields: view.fields,
      seed: generation.seed,
      progressShare: view.progressShare,
      pictures: generation.pictures.map((picture) => toPicture(generation, picture)),
      parent: parentId === null ? null : { id: parentId, pictureIndex: parentPictureIndex },
      private: generation.private,
      kept: generation.kept,
      controls: view.controls.map(
        ({ id: controlId, kind, emoji, label, pictureIndex, strength, form, ownersOnly }) => ({
          ...{ id: controlId, kind, emoji, label, pictureIndex, strength, form, ownersOnly },
        }),
      ),
      reactions: reactions.of(id).map(({ emoji, personIds }) => ({
        emoji,
        people: personIds.map((personId) => ({ id: personId, name: people.nameOf(personId) })),
      })),
    };
  }

  function toPicture(generation: Generation, picture: Generation['pictures'][number]): WirePicture {
    const { index, state, widthPx, heightPx } = picture;
    return {
      index,
      state,
      url: state === 'drawn' ? `/api/pictures/${generation.id}/${index}.png` : null,
      fileName: pictureName(generation, index),
      widthPx: widthPx ?? 0,
      heightPx: heightPx ?? 0,
      preview: state === 'drawn' ? null : previews.of(generation.id, index),
    };
  }

  function viewOf(generation: Generation): View {
    if (isFinished(generation)) return finalView(generation, null);
    const known = studio.status(generation.id);
    if (known !== null) return statusView(generation, known);
    const drawn = generation.pictures.filter(({ state }) => state === 'drawn').length;
    const guess: JobStatus = { kind: 'painting', doneShare: drawn / generation.pictures.length, secondsLeft: null };
    return statusView(generation, guess);
  }

  async function load(id: string, user?: string): Promise<Generation | null> {
    const author = user ?? live.get(id)?.scope.user;
    if (author === undefined) return studio.ofMessage(PLATFORM, CHANNEL, id);
    const answer = await studio.show({ scope: scopeOf(author) }, id);
    return answer.kind === 'found' ? answer.value : null;
  }

  async function touch(id: string, user?: string): Promise<void> {
    const version = nextVersion();
    const generation = await load(id, user);
    if (generation !== null) tell(generation, version);
  }

  function tell(generation: Generation, version: number): void {
    const { id } = generation;
    const before = told.get(id);
    if (goneIds.has(id) || (before !== undefined && before.version > version)) return;
    if (generation.status === 'removed') {
      gone(id);
      return;
    }
    if (isFinished(generation)) {
      live.delete(id);
      previews.forget(id);
    } else live.set(id, generation);
    const message = toMessage(generation, version);
    const same = JSON.stringify({ ...message, version: 0 });
    remember(told, id, { version, same });
    if (before?.same === same) return;
    streams.send('message', message, generation.private ? generation.scope.user : null);
  }

  function gone(id: string): void {
    if (goneIds.has(id)) return;
    goneIds.add(id);
    live.delete(id);
    previews.forget(id);
    told.delete(id);
    reactions.forget(id).catch(() => {});
    streams.send('gone', { id });
  }

  function soon(id: string): void {
    if (waiting.has(id)) return;
    const timer = setTimeout(() => {
      waiting.delete(id);
      touch(id).catch(() => {});
    }, STATUS_EVERY_MS);
    waiting.set(id, timer);
  }

  function onEvent(event: StudioEvent): void {
    switch (event.kind) {
      case 'accepted':
        if (event.generation.scope.platform === PLATFORM) tell(event.generation, nextVersion());
        else elsewhere.add(event.generation.id);
        return;
      case 'finished':
        elsewhere.delete(event.generation.id);
        if (event.generation.scope.platform === PLATFORM) tell(event.generation, nextVersion());
        return;
      case 'progress': {
        const { generationId: id, pictureIndex, rowsDone, rows, preview } = event;
        if (elsewhere.has(id)) return;
        // After a restart the generation is known once its message was touched.
        if (streams.size > 0 && live.has(id)) previews.show(id, pictureIndex, { preview, rowsDone, rows });
        soon(id);
        return;
      }
      case 'started':
      case 'picture':
        if (!elsewhere.has(event.generationId)) touch(event.generationId).catch(() => {});
        return;
      case 'queue':
      case 'device':
        for (const id of live.keys()) soon(id);
        return;
      case 'delivered':
        return;
    }
  }
  const stopListening = studio.subscribe(onEvent);

  return {
    async page(asker, { before, limit, kept }) {
      const common = {
        tenant: TENANT,
        limit,
        ...(before === undefined ? {} : { before }),
        ...(kept === undefined ? {} : { kept }),
      } satisfies Omit<HistoryQuery, 'platform'>;
      const version = nextVersion();
      // What everybody sees, and one's own, private ones among them.
      const [all, own] = await Promise.all([
        studio.history(asker, { ...common, channel: CHANNEL }),
        studio.history(asker, { ...common, user: asker.scope.user }),
      ]);
      const byId = new Map([...all.generations, ...own.generations].map((each) => [each.id, each]));
      const newestFirst = [...byId.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
      const taken = newestFirst.slice(0, limit);
      const isMore = newestFirst.length > limit || all.next !== null || own.next !== null;
      const messages = taken.map((generation) => toMessage(generation, version)).reverse();
      return { messages, next: isMore ? (taken.at(-1)?.id ?? null) : null };
    },
    async message(asker, id) {
      const version = nextVersion();
      const answer = await studio.show(asker, id);
      return answer.kind === 'found' ? toMessage(answer.value, version) : null;
    },
    async lineage(asker, id) {
      const version = nextVersion();
      const [self, family] = await Promise.all([studio.show(asker, id), studio.lineage(asker, id)]);
      if (self.kind !== 'found' || family.kind !== 'found') return null;
      const isThere = ({ status }: Generation) => status !== 'removed';
      return {
        ancestors: family.value.ancestors.filter(isThere).map((generation) => toMessage(generation, version)),
        message: toMessage(self.value, version),
        children: family.value.children.filter(isThere).map((generation) => toMessage(generation, version)),
      };
    },
    touch,
    note(id, lines) {
      if (lines.length > 0) remember(moreLines, id, lines);
    },
    gone,
    close() {
      stopListening();
      for (const timer of waiting.values()) clearTimeout(timer);
    },
  };
}

export function isFinished({ status }: Generation): boolean {
  return status !== 'queued' && status !== 'drawing';
}

/** Nothing of a prompt: a file name is shown, searched and logged. */
export function pictureName({ id, seed }: Pick<Generation, 'id' | 'seed'>, index: number | 'sheet'): string {
  return `easel-${seed}-${id.slice(-6)}-${index === 'sheet' ? 'sheet' : index + 1}.png`;
}

function toKind({ kind }: View): WireMessageKind {
  switch (kind) {
    case 'queued':
    case 'painting':
    case 'waiting':
    case 'failed':
    case 'cancelled':
      return kind;
    default:
      return 'result';
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > REMEMBERED_MAX && oldest !== undefined) map.delete(oldest);
}
