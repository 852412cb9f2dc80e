// Answers that only one person sees.

import { type View, wordsFor } from '../../src/index.ts';
import { type Rendered, toMessage } from './blocks.ts';
import type { SlackContext, Spot } from './context.ts';

/** Tells one person, where they asked: in the channel or thread, by what Slack gave for this answer, or by direct message. */
export async function tell(context: SlackContext, spot: Spot, view: View): Promise<void> {
  await whisper(context, spot, toMessage(view, { fileId: null, author: null }), view);
}

/** @param view the same, for a direct message where nothing else reaches the person */
export async function whisper(context: SlackContext, spot: Spot, rendered: Rendered, view: View): Promise<void> {
  const { messages, places, api } = context;
  const { user, thread, responseUrl } = spot;
  const channel = spot.channel ?? (await messages.directChannel(user));
  if (responseUrl !== undefined && !(await places.mayPost(channel, user))) {
    await api.respond(responseUrl, rendered);
    return;
  }
  await messages.whisper({ channel, user, thread }, rendered, view);
}

/** A question with one button, whose value is all that is needed to go on. */
export function withConfirm(rendered: Rendered, view: View, actionId: string, value: string): Rendered {
  const text = wordsFor(view.locale).say('slack.confirm');
  return {
    ...rendered,
    blocks: [
      ...rendered.blocks,
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: actionId,
            value,
            style: 'primary',
            text: { type: 'plain_text', text, emoji: true },
          },
        ],
      },
    ],
  };
}
