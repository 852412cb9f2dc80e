/** The desk of a data folder that no Easel runs on: opened, asked, closed. Nothing is drawn or delivered meanwhile. */
import type { Config } from '../config.ts';
import type { View } from '../conversation/view.ts';
import { createLog } from '../ops/log.ts';
import { createIdleWorker } from '../worker/idle-worker.ts';
import { createEasel, type EaselOptions } from './create-easel.ts';
import { answerHost, type HostDeskArgs } from './host-desk.ts';

export type HostDesk = { ask(args: HostDeskArgs): Promise<View>; close(): Promise<void> };

/** @throws {AppError} `STORE_*`, `MODEL_*` */
export async function openHostDesk(
  config: Config,
  options: Pick<EaselOptions, 'environment' | 'modelsDir'> = {},
): Promise<HostDesk> {
  const easel = await createEasel(config, {
    ...options,
    supervisor: createIdleWorker(),
    log: createLog({ level: 'silent' }),
  });
  return { ask: (args) => answerHost(easel.desk, args), close: () => easel.close() };
}
