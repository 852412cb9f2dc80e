/** Messages that the outbox does not carry: taking them down, and copies sent to one person. */
import { AppError } from '../errors.ts';
import { step } from '../ops/step.ts';
import type { DrawTools } from '../queue/draw-slot.ts';
import type { Generation, Scope } from '../store/records.ts';
import { addressOf } from './addresses.ts';
import { resultImage } from './images.ts';
import type { ChatAdapter, MessageRef } from './messages.ts';
import { finalView } from './views.ts';

export type CourierParts = Pick<DrawTools, 'store' | 'blobs' | 'supervisor'> & {
  connection(platform: string): Pick<ChatAdapter, 'limits' | 'messages'> | undefined;
  software: string;
};

export type MessageCourier = {
  /** A platform that is not connected, or a channel that is gone, has nothing to take down. */
  takeDown(messages: readonly MessageRef[]): Promise<void>;
  /** Sends the result to a person, once: a second wish for the same finds the first message. */
  sendDirect(scope: Scope, generation: Generation): Promise<void>;
  /** Posts the result where it was asked for, once. */
  share(generation: Generation): Promise<void>;
};

export function createCourier(parts: CourierParts): MessageCourier {
  return {
    async takeDown(messages) {
      for (const message of messages) {
        const connection = parts.connection(message.platform);
        if (connection === undefined) continue;
        try {
          await step('unpost', () => connection.messages.remove(message));
        } catch (thrown) {
          const isGone = thrown instanceof AppError && GONE.includes(thrown.code);
          if (!isGone) throw thrown;
        }
      }
    },
    async sendDirect({ platform, tenant, user }, generation) {
      const connection = parts.connection(platform);
      if (connection === undefined) throw new AppError('ADAPTER_UNAVAILABLE', `${platform} is not connected.`);
      const { messages, limits } = connection;
      const address = { kind: 'direct', platform, tenant, user, target: {} } as const;
      if ((await step('find', () => messages.find(address, generation.id))) !== null) return;
      const image = await resultImage(parts, generation, limits, parts.software);
      const ref = await step('direct', () => messages.direct({ platform, tenant, user }, finalView(generation, image)));
      const { channel, messageId } = ref;
      await step('placed', () =>
        parts.store.outbox.link({ platform, channel, messageId, generationId: generation.id }),
      );
    },
    async share(generation) {
      const { platform } = generation.scope;
      const connection = parts.connection(platform);
      if (connection === undefined) throw new AppError('ADAPTER_UNAVAILABLE', `${platform} is not connected.`);
      const { messages, limits } = connection;
      const address = addressOf(generation);
      const found = await step('find', () => messages.find(address, generation.id));
      const image = found === null ? await resultImage(parts, generation, limits, parts.software) : null;
      const ref = found ?? (await step('placeholder', () => messages.post(address, finalView(generation, image))));
      const { channel, messageId } = ref;
      await step('placed', () =>
        parts.store.outbox.link({ platform, channel, messageId, generationId: generation.id }),
      );
    },
  };
}

const GONE: readonly string[] = ['ADAPTER_MESSAGE_GONE', 'ADAPTER_CHANNEL_GONE', 'ADAPTER_DIRECT_CLOSED'];
