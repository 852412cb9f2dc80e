/** What happens to jobs, as data: the conversation, the web pages and the admin socket listen, none of them is waited for. */
import type { Pixels } from '../image/png.ts';
import type { Generation } from '../store/records.ts';

/** What is painted so far, small. */
export type Preview = Pixels;

export type StudioEvent =
  | { kind: 'accepted'; generation: Generation }
  | { kind: 'started'; generationId: string }
  | {
      kind: 'progress';
      generationId: string;
      pictureIndex: number;
      rowsDone: number;
      rows: number;
      preview: Preview | null;
    }
  | { kind: 'picture'; generationId: string; pictureIndex: number; blobKey: string; notices: readonly string[] }
  /** Drawn, failed, cancelled or removed; nothing more is drawn of it. */
  | { kind: 'finished'; generation: Generation }
  /** Its message shows the end. */
  | { kind: 'delivered'; generationId: string }
  /** Places have changed. */
  | { kind: 'queue' }
  /** The device went (jobs are kept) or came back. */
  | { kind: 'device'; downSinceMs: number | null };

export type EventBus = {
  emit(event: StudioEvent): void;
  /** @returns stops it */
  subscribe(listener: (event: StudioEvent) => void): () => void;
};

/** @param onFailure hears of a listener that threw: it must not stop the others */
export function createEventBus(onFailure: (thrown: unknown) => void): EventBus {
  const listeners = new Set<(event: StudioEvent) => void>();
  return {
    emit(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (thrown) {
          onFailure(thrown);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
