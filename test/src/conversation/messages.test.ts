import { AppError } from '../../../src/errors.ts';
import { messagesContract } from '../../contracts/messages.ts';
import { createScriptedPlatform } from '../../fakes/scripted-platform.ts';

const chat = createScriptedPlatform('chat');
const at = (channel: string, messageId: string) =>
  chat.all.find((each) => each.channel === channel && each.messageId === messageId && !each.removed);

messagesContract('the scripted platform', {
  open: async () => ({
    messages: chat.messages,
    scope: { platform: 'chat', tenant: 'team', channel: 'general', user: 'ada', roles: [] },
  }),
  read: async (channel, messageId) => at(channel, messageId)?.views.at(-1)?.heading ?? null,
  deleteOutside: async (channel, messageId) => chat.deleteMessage({ platform: 'chat', channel, messageId }),
  closeDirect: async () => chat.failNext('direct', new AppError('ADAPTER_DIRECT_CLOSED', 'Closed.')),
  dispose: async () => {},
});
