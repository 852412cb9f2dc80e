/** What the running Easel answers on its admin socket: `imagine`, `desk`, `sign-in` and `status`. */
import { z } from 'zod';
import type { Desk } from '../conversation/desk/desk.ts';
import { AppError } from '../errors.ts';
import type { StudioEvent } from '../queue/events.ts';
import type { AdminHandler } from '../store/admin-socket.ts';
import type { Generation, Json } from '../store/records.ts';
import { answerHost } from './host-desk.ts';
import { TERMINAL_PLATFORM, TERMINAL_TENANT } from './platforms.ts';
import type { SignIns } from './sign-ins.ts';
import type { Studio } from './studio.ts';

const imagineSchema = z.object({
  text: z.string(),
  given: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  requestKey: z.string().min(8).max(100),
  /** Name of the account on this machine. */
  user: z.string().min(1).max(100),
});

export type ImagineArgs = z.input<typeof imagineSchema>;
/** Told while it waits and is drawn. */
export type ImagineEvent =
  | { kind: 'accepted'; pictures: number; notices: string[] }
  | { kind: 'queued'; place: number | null; secondsLeft: number | null }
  | { kind: 'progress'; rowsDone: number; rows: number; picture: number };
export type ImagineResult = {
  pictures: { pngBase64: string; prompt: string; seed: number; index: number; drawMs: number }[];
  model: string;
  modelHash: string;
};

export type AdminStatus = { [name: string]: Json };

export type AdminParts = {
  studio: Studio;
  desk: Desk;
  signIns: Pick<SignIns, 'hostSecret'>;
  status(): AdminStatus;
  /** Aborted when Easel closes: who waits is told, what was accepted is drawn the next time. */
  closing: AbortSignal;
};

export function createAdminHandler({ studio, desk, signIns, status, closing }: AdminParts): AdminHandler {
  return async ({ command, args }, { emit, signal }) => {
    switch (command) {
      case 'status':
        return status();
      case 'sign-in':
        return signIns.hostSecret();
      case 'desk':
        return (await answerHost(desk, args)) as unknown as Json;
      case 'imagine': {
        const read = imagineSchema.safeParse(args);
        if (!read.success) throw new AppError('INPUT_USAGE', 'imagine takes {text, given, requestKey, user}.');
        const result = await imagine(studio, read.data, emit, AbortSignal.any([signal, closing]), closing);
        return result as unknown as Json;
      }
      default:
        throw new AppError(
          'INPUT_USAGE',
          `The running Easel knows no command ${command.slice(0, 40)}: it may be an older version.`,
        );
    }
  };
}

async function imagine(
  studio: Studio,
  { text, given, requestKey, user }: z.output<typeof imagineSchema>,
  emit: (event: Json) => void,
  signal: AbortSignal,
  closing: AbortSignal,
): Promise<ImagineResult> {
  const asker = {
    scope: { platform: TERMINAL_PLATFORM, tenant: TERMINAL_TENANT, channel: 'terminal', user, roles: [] },
  };
  const tell = (event: ImagineEvent) => emit(event as unknown as Json);
  const ended = new Map<string, Generation>();
  let ids: ReadonlySet<string> = new Set();
  let wake = (): void => {};
  const listener = (event: StudioEvent): void => {
    // Drawing may begin before `submit` has answered.
    if (event.kind === 'finished') {
      if (event.generation.scope.platform === TERMINAL_PLATFORM) ended.set(event.generation.id, event.generation);
      wake();
    } else if (event.kind === 'progress' && ids.has(event.generationId)) {
      tell({ kind: 'progress', rowsDone: event.rowsDone, rows: event.rows, picture: event.pictureIndex });
    } else if (event.kind === 'queue') {
      for (const id of ids) {
        const now = studio.status(id);
        if (now?.kind === 'queued') tell({ kind: 'queued', place: now.place, secondsLeft: now.secondsLeft });
      }
    }
  };
  const unsubscribe = studio.subscribe(listener);
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const request = { ...asker, text, given, requestKey, target: {}, confirmed: true, defaultCount: 1 };
    const outcome = await studio.submit(request);
    if (outcome.kind === 'refused') throw outcome.error;
    if (outcome.kind !== 'accepted') throw new AppError('INTERNAL', 'A confirmed request was not accepted.');
    const { generations, notices } = outcome;
    ids = new Set(generations.map(({ id }) => id));
    const pictures = generations.reduce((sum, generation) => sum + generation.pictures.length, 0);
    tell({ kind: 'accepted', pictures, notices: notices.map(({ message }) => message) });
    for (const id of ids) {
      const now = await studio.show(asker, id);
      if (now.kind === 'found' && now.value.status !== 'queued' && now.value.status !== 'drawing')
        ended.set(id, now.value);
    }
    while ([...ids].some((id) => !ended.has(id))) {
      if (signal.aborted) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (closing.aborted)
      throw new AppError('JOB_CLOSING', 'Easel is closing: the picture is drawn when it runs again.');
    if (signal.aborted) {
      await Promise.all([...ids].map((id) => studio.cancel(asker, id)));
      throw new AppError('CANCELLED', 'Cancelled.');
    }
    return await collect(
      studio,
      asker,
      [...ids].map((id) => ended.get(id)),
    );
  } finally {
    signal.removeEventListener('abort', onAbort);
    unsubscribe();
  }
}

async function collect(
  studio: Studio,
  asker: Parameters<Studio['picture']>[0],
  generations: readonly (Generation | undefined)[],
): Promise<ImagineResult> {
  const result: ImagineResult = { pictures: [], model: '', modelHash: '' };
  for (const generation of generations) {
    if (generation === undefined) continue;
    result.model = generation.model;
    result.modelHash = generation.modelHash;
    if (generation.status !== 'drawn') {
      throw new AppError('WORKER_DIED', 'The picture could not be drawn: see the log of the running Easel.');
    }
    for (const { index, drawMs } of generation.pictures) {
      const picture = await studio.picture(asker, { generationId: generation.id, pictureIndex: index });
      if (picture.kind === 'refused') throw picture.error;
      const pngBase64 = Buffer.from(picture.value).toString('base64');
      const { prompt, seed } = generation;
      result.pictures.push({ pngBase64, prompt, seed, index, drawMs: drawMs ?? 0 });
    }
  }
  return result;
}
