// Messages on the web: a generation's message has the generation's id, so posting twice is impossible by construction.

import type { MessageRef, Messages, View } from '../../src/index.ts';
import type { Board } from './board.ts';
import { CHANNEL, PLATFORM } from './scope.ts';
import type { Streams } from './streams.ts';
import type { WireNote } from './wire.ts';

/** Pages are told of progress by events, row by row; what the deliverer posts and edits says that it is time to look again. */
export function createWebMessages(board: Board, streams: Pick<Streams, 'send'>): Messages {
  const show = async (id: string, view: View): Promise<MessageRef> => {
    if (view.kind === 'result') board.note(id, view.lines);
    await board.touch(id, view.user ?? undefined);
    return { platform: PLATFORM, channel: CHANNEL, messageId: id };
  };
  return {
    post: (_address, view) => show(view.generationId ?? '', view),
    async edit({ messageId }, view) {
      await show(messageId, view);
    },
    async remove({ messageId }) {
      board.gone(messageId);
    },
    find: async (_address, generationId) => ({ platform: PLATFORM, channel: CHANNEL, messageId: generationId }),
    async privateReply({ user }, _target, view) {
      streams.send('note', toNote(view), user);
    },
    direct: (_person, view) => show(view.generationId ?? '', view),
  };
}

const NOTE_KINDS = ['refused', 'help', 'confirm', 'settings'] as const;

export function toNote(view: View): WireNote {
  const kind = NOTE_KINDS.find((each) => each === view.kind) ?? 'answer';
  return {
    kind,
    heading: view.heading,
    lines: view.lines,
    prompt: view.prompt,
    controls: view.controls.map((control) => ({ ...control })),
    fields: view.fields,
    bars: view.bars,
    actions: view.actions,
    menu: view.menu,
    file: view.file,
  };
}
