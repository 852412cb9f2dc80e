/** What every `Messages` does, on whatever platform. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Address, Messages } from '../../src/conversation/messages.ts';
import type { View } from '../../src/conversation/view.ts';
import { answerView, helpView } from '../../src/conversation/views.ts';
import { newGenerationId } from '../../src/store/generation-id.ts';
import type { Scope } from '../../src/store/records.ts';

export type MessagesHarness = {
  open(): Promise<{ messages: Messages; scope: Scope }>;
  /** What somebody in the channel (or the person, for `@user`) sees under this id now; null: nothing. */
  read(channel: string, messageId: string): Promise<string | null>;
  /** Somebody deletes it, not through us. */
  deleteOutside(channel: string, messageId: string): Promise<void>;
  /** From here on this person takes no direct messages. */
  closeDirect(user: string): Promise<void>;
  dispose(): Promise<void>;
};

export function messagesContract(name: string, harness: MessagesHarness): void {
  describe(`messages of ${name}`, () => {
    let messages: Messages;
    let scope: Scope;
    let channel: Address;
    beforeAll(async () => {
      ({ messages, scope } = await harness.open());
      channel = { kind: 'channel', platform: scope.platform, tenant: scope.tenant, channel: scope.channel, target: {} };
    });
    afterAll(() => harness.dispose());

    const viewOf = (heading: string, generationId: string): View => ({ ...answerView(heading, 'en'), generationId });

    test('what is posted can be read, and found by its generation id', async () => {
      const id = newGenerationId(Date.now());
      const ref = await messages.post(channel, viewOf('posted', id));
      expect(await harness.read(ref.channel, ref.messageId)).toContain('posted');
      expect(await messages.find(channel, id)).toEqual(ref);
    });

    test('an edit shows the new words in the same message, and repeating it changes nothing', async () => {
      const id = newGenerationId(Date.now());
      const ref = await messages.post(channel, viewOf('before', id));
      await messages.edit(ref, viewOf('after', id));
      await messages.edit(ref, viewOf('after', id));
      const text = await harness.read(ref.channel, ref.messageId);
      expect(text).toContain('after');
      expect(text).not.toContain('before');
      expect(await messages.find(channel, id)).toEqual(ref);
    });

    test('a generation that was never posted is not found', async () => {
      expect(await messages.find(channel, newGenerationId(Date.now()))).toBeNull();
    });

    test('a message is taken down once, and twice is no error', async () => {
      const id = newGenerationId(Date.now());
      const ref = await messages.post(channel, viewOf('gone soon', id));
      await messages.remove(ref);
      await messages.remove(ref);
      expect(await harness.read(ref.channel, ref.messageId)).toBeNull();
      expect(await messages.find(channel, id)).toBeNull();
    });

    test('an edit of a message that somebody deleted says so by its code', async () => {
      const id = newGenerationId(Date.now());
      const ref = await messages.post(channel, viewOf('deleted outside', id));
      await harness.deleteOutside(ref.channel, ref.messageId);
      await expect(messages.edit(ref, viewOf('late', id))).rejects.toMatchObject({ code: 'ADAPTER_MESSAGE_GONE' });
    });

    test('a direct message reaches the person, can be found and edited', async () => {
      const id = newGenerationId(Date.now());
      const { platform, tenant, user } = scope;
      const ref = await messages.direct({ platform, tenant, user }, viewOf('for you', id));
      expect(await harness.read(ref.channel, ref.messageId)).toContain('for you');
      expect(await messages.find({ kind: 'direct', platform, tenant, user, target: {} }, id)).toEqual(ref);
      await messages.edit(ref, viewOf('for you alone', id));
      expect(await harness.read(ref.channel, ref.messageId)).toContain('for you alone');
    });

    test('a direct message to who takes none fails with its code', async () => {
      const { platform, tenant } = scope;
      await harness.closeDirect('closed');
      const view = viewOf('no', newGenerationId(Date.now()));
      await expect(messages.direct({ platform, tenant, user: 'closed' }, view)).rejects.toMatchObject({
        code: 'ADAPTER_DIRECT_CLOSED',
      });
    });

    test('a private reply is no message of the channel', async () => {
      const id = newGenerationId(Date.now());
      await messages.privateReply(scope, {}, { ...helpView('en'), generationId: id });
      expect(await messages.find(channel, id)).toBeNull();
    });
  });
}
