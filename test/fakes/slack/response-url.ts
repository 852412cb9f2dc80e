/** response_url: an answer to an interaction without the Web API, where the app need not be a member. */
import type { ProtocolAnswer, ProtocolRequest } from '../protocol/request.ts';
import { checkBody } from './contract/check-body.ts';
import { addMessage, type Content, changeMessage, checkContent } from './messages.ts';
import { SlackRefusal } from './refusal.ts';
import type { ResponseTarget } from './triggers.ts';
import type { World } from './world.ts';

type Respond = Content & {
  response_type?: 'in_channel' | 'ephemeral';
  replace_original?: boolean;
  delete_original?: boolean;
  thread_ts?: string;
};

export function answerResponseUrl(
  world: World,
  { path, json }: ProtocolRequest,
  violation: (text: string) => void,
): ProtocolAnswer {
  try {
    if (typeof json !== 'object' || json === null) throw new SlackRefusal('invalid_payload', {}, true);
    const target = world.triggers.spendResponseUrl(path);
    checkBody('Respond', json as Record<string, unknown>);
    respond(world, target, json);
    return { status: 200, body: 'ok' };
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    if (error.isViolation) violation(`response_url: ${error.code} ${JSON.stringify(error.extra['errors'] ?? json)}`);
    return { status: 404, body: { ok: false, error: error.code } };
  }
}

function respond(world: World, { user, channel, threadTs, originalTs }: ResponseTarget, body: Respond): void {
  const { response_type, replace_original = false, delete_original = false, thread_ts, ...content } = body;
  const original = world.messages.find((each) => each.channel === channel && each.ts === originalTs);
  if (delete_original) {
    if (original !== undefined) world.messages.splice(world.messages.indexOf(original), 1);
    return;
  }
  checkContent(world, content);
  if (replace_original && original !== undefined) {
    changeMessage(world, original, content);
    return;
  }
  addMessage(world, {
    ...content,
    channel,
    user: world.app.botUserId,
    threadTs: thread_ts ?? threadTs,
    ephemeralTo: response_type === 'in_channel' ? null : user,
  });
}
