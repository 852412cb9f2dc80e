/** How long a picture that is ready takes to its channel: the upload in three steps, and the message that shows it. */
import { eventually } from '../../test/fakes/protocol/eventually.ts';
import { type Bench, medianOf, toResult } from '../bench.ts';
import { type SlackEasel, withSlackEasel } from './slack-easel.ts';

const PICTURES = 12;
const PATIENCE_MS = 120_000;

export const slackPost: Bench = {
  name: 'slack-post-ms',
  run: (model) =>
    withSlackEasel(model, async (easel) => {
      const timesMs: number[] = [];
      for (let at = 0; at < PICTURES; at += 1) timesMs.push(await postMs(easel, at));
      const note = `median of ${PICTURES} sheets, from drawn to seen in the channel, over a Slack that is done with a file at once`;
      return toResult('slack-post-ms', 'ms', medianOf(timesMs), null, note);
    }),
};

async function postMs({ server, channel, people, readyAtMs, delivered }: SlackEasel, at: number): Promise<number> {
  const before = new Set(delivered);
  people[0]?.command('/imagine', `a red fox --seed ${at}`, { channel });
  const id = await eventually('the picture', () => [...delivered].find((each) => !before.has(each)), PATIENCE_MS);
  const shown = server.posted(channel).find(({ metadata }) => metadata?.event_payload['generation_id'] === id);
  const update = server.calls.findLast(({ name, args }) => name === 'chat.update' && args['ts'] === shown?.ts);
  return (update?.atMs ?? Number.NaN) - (readyAtMs.get(id) ?? Number.NaN);
}
