/** The messages between the store and the thread that owns PGlite: plain data, one answer per call. */
import type { ErrorCode, ErrorDetails } from '../../errors.ts';

export type ThreadOptions = { readonly folder: string };

/** `path` names a method of the store: `accept`, `jobs.begin`, `describe`, … */
export type ThreadCall = { readonly id: number; readonly path: string; readonly args: readonly unknown[] };

/** An `AppError` by its parts: a class does not cross threads. `reason` is the driver's own message, for the operator. */
export type ThreadError = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly reason: string | null;
};

export type ThreadAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ThreadError };

/** The first message of a thread: it is open, or why it could not. */
export type ThreadGreeting =
  | { readonly ready: true; readonly recoveredSlots: number }
  | { readonly ready: false; readonly error: ThreadError };

/** The methods that cross, by area; `satisfies` in `pglite-store.ts` keeps this equal to the seam. */
export const STORE_AREAS = {
  generations: ['get', 'ofRequest', 'history', 'lineage', 'keep', 'publish', 'cancel', 'remove'],
  jobs: ['snapshot', 'begin', 'drawn', 'failed', 'release'],
  outbox: ['next', 'get', 'placeholder', 'posting', 'told', 'later', 'giveUp', 'link', 'find'],
  pictures: ['ids', 'totalBytes', 'oldest', 'expire', 'restore', 'referenced'],
  limits: [
    'load',
    'apply',
    'audit',
    'auditEntry',
    'count',
    'refused',
    'shadowed',
    'lastRefusal',
    'engineMs',
    'unfinishedOf',
    'totals',
    'refusals',
    'waits',
    'preview',
    'rollUp',
  ],
  people: ['settings', 'saveSettings', 'presets', 'savePreset', 'forget'],
  reactions: ['add', 'done', 'atMs', 'remove', 'count'],
  gallery: ['next', 'posted', 'later', 'gone'],
  claims: ['begin', 'end', 'forget'],
  signIns: ['link', 'redeem', 'open', 'get', 'list', 'end', 'forget'],
} as const;
