/** The desk from a terminal: whoever can read the data folder runs this Easel, and asks as its host. */
import { z } from 'zod';
import type { Desk } from '../conversation/desk/desk.ts';
import { toCommand } from '../conversation/desk/parse-command.ts';
import type { View } from '../conversation/view.ts';
import { AppError } from '../errors.ts';
import type { Json } from '../store/records.ts';
import { TERMINAL_PLATFORM, TERMINAL_TENANT } from './platforms.ts';
import type { Asker } from './studio.ts';

const argsSchema = z.object({
  /** What follows `/easel`; or a command with its options, which may hold line breaks. */
  text: z.string().max(2_000_000).optional(),
  command: z
    .object({ name: z.string(), options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) })
    .optional(),
  /** Name of the account on this machine. */
  user: z.string().min(1).max(100),
  /** For which server or workspace; absent: for all of them. */
  place: z.object({ platform: z.string().min(1).max(40), tenant: z.string().min(1).max(100) }).optional(),
  locale: z.string().max(20).nullable().default(null),
});

export type HostDeskArgs = z.input<typeof argsSchema>;

/** @throws {AppError} `INPUT_USAGE` for arguments of another version */
export async function answerHost(desk: Desk, args: Json | HostDeskArgs): Promise<View> {
  const read = argsSchema.safeParse(args);
  if (!read.success) throw new AppError('INPUT_USAGE', 'desk takes {text or command, user, place, locale}.');
  const { text, command, user, place, locale } = read.data;
  const { platform, tenant } = place ?? { platform: TERMINAL_PLATFORM, tenant: TERMINAL_TENANT };
  const asker: Asker = {
    scope: { platform, tenant, channel: TERMINAL_PLATFORM, user, roles: [] },
    mayModerate: async () => true,
    mayAdminister: async () => true,
    isHost: async () => true,
    locale,
  };
  const view =
    command === undefined
      ? await desk.say(asker, text ?? '')
      : await desk.run(asker, toCommand(command.name, command.options));
  // It crosses the socket as JSON; a terminal shows the numbers.
  return { ...view, image: null };
}
