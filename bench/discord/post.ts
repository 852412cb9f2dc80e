/** How long a picture that is ready takes to its channel: the edit of the placeholder that shows it. */
import { eventually } from '../../test/fakes/protocol/eventually.ts';
import { type Bench, medianOf, toResult } from '../bench.ts';
import { type DiscordEasel, withDiscordEasel } from './discord-easel.ts';

const PICTURES = 12;
const PATIENCE_MS = 120_000;

export const discordPost: Bench = {
  name: 'discord-post-ms',
  run: (model) =>
    withDiscordEasel(model, async (easel) => {
      const timesMs: number[] = [];
      for (let at = 0; at < PICTURES; at += 1) timesMs.push(await postMs(easel, at));
      const note = `median of ${PICTURES} sheets, from drawn to shown in the channel`;
      return toResult('discord-post-ms', 'ms', medianOf(timesMs), null, note);
    }),
};

async function postMs({ server, channel, people, readyAtMs, delivered }: DiscordEasel, at: number): Promise<number> {
  const before = new Set(delivered);
  await people[0]?.slash(channel, 'imagine', { prompt: `a red fox --seed ${at}` });
  const id = await eventually('the picture', () => [...delivered].find((each) => !before.has(each)), PATIENCE_MS);
  const isResult = ({ method, path, files }: { method: string; path: string; files: readonly unknown[] }) =>
    method === 'PATCH' && path.includes(`/channels/${channel}/`) && files.length > 0;
  const shown = server.record.exchanges.findLast(({ request }) => isResult(request));
  return (shown?.answeredAtMs ?? Number.NaN) - (readyAtMs.get(id) ?? Number.NaN);
}
