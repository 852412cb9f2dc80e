/** Answers to interactions: the first within three seconds, everything after it by the token while it lives. */
import {
  type APICommandAutocompleteInteractionResponseCallbackData,
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
} from 'discord-api-types/v10';
import type { ProtocolAnswer } from '../../protocol/request.ts';
import { everyComponent, type RawComponent } from '../components.ts';
import {
  type Acknowledgement,
  isByTokenOnly,
  mustBeEphemeral,
  TOKEN_LIFE_MS,
  type WorldInteraction,
} from '../interactions.ts';
import { type Form, readForm } from '../message-form.ts';
import { toMessage } from '../message-payload.ts';
import { changeMessage, createMessage, removeMessage } from '../messages.ts';
import { Refusal, refuseForm } from '../refusal.ts';
import type { WorldMessage } from '../world.ts';
import { type Call, NOTHING, type Route } from './route.ts';

type Callback = { type: InteractionResponseType; data?: unknown };

const FOLLOW_UPS_MAX = 5;

/** Which answers fit which interaction; the others are refused as a wrong form. */
const FITTING: Record<InteractionType, readonly InteractionResponseType[]> = {
  [InteractionType.Ping]: [InteractionResponseType.Pong],
  [InteractionType.ApplicationCommand]: [
    InteractionResponseType.ChannelMessageWithSource,
    InteractionResponseType.DeferredChannelMessageWithSource,
    InteractionResponseType.Modal,
  ],
  [InteractionType.MessageComponent]: [
    InteractionResponseType.ChannelMessageWithSource,
    InteractionResponseType.DeferredChannelMessageWithSource,
    InteractionResponseType.DeferredMessageUpdate,
    InteractionResponseType.UpdateMessage,
    InteractionResponseType.Modal,
  ],
  [InteractionType.ApplicationCommandAutocomplete]: [InteractionResponseType.ApplicationCommandAutocompleteResult],
  [InteractionType.ModalSubmit]: [
    InteractionResponseType.ChannelMessageWithSource,
    InteractionResponseType.DeferredChannelMessageWithSource,
    InteractionResponseType.DeferredMessageUpdate,
    InteractionResponseType.UpdateMessage,
  ],
};

async function callback(call: Call): Promise<ProtocolAnswer> {
  const { discord, params, request } = call;
  const { world } = discord;
  const interaction = discord.interactions.get(params['interaction'] ?? '');
  if (interaction === undefined || interaction.token !== params['token']) throw new Refusal(10_062);
  if (interaction.state === 'answered') throw new Refusal(40_060);
  const isLate = world.clock.nowMs() - interaction.createdAtMs > discord.acknowledgeWithinMs;
  if (interaction.state === 'late' || isLate) throw new Refusal(10_062);
  const { type, data } = call.body as Callback;
  if (!FITTING[interaction.type].includes(type))
    refuseForm([`type: Value must be one of {${FITTING[interaction.type]}}.`]);
  // From here on another answer comes too late, however long this one takes to be written.
  interaction.state = 'answered';
  try {
    const acknowledgement = await answer(call, interaction, type, data);
    interaction.acknowledge(acknowledgement);
    return request.query.get('with_response') === 'true'
      ? described(call, interaction, type, acknowledgement)
      : NOTHING;
  } catch (error) {
    interaction.state = 'waiting';
    throw error;
  }
}

async function answer(
  call: Call,
  interaction: WorldInteraction,
  type: InteractionResponseType,
  data: unknown,
): Promise<Acknowledgement> {
  const { discord } = call;
  switch (type) {
    case InteractionResponseType.ChannelMessageWithSource: {
      const message = await respond(call, interaction, (data ?? {}) as Form);
      interaction.responseId = message.id;
      return { kind: 'message', message };
    }
    case InteractionResponseType.DeferredChannelMessageWithSource: {
      const flags = ((data ?? {}) as Form).flags ?? 0;
      const others = Object.entries(data ?? {}).filter(
        ([key, value]) => key !== 'flags' && value !== undefined && !isDefault(key, value),
      );
      // Whatever else is said now is lost on the real thing, without a word.
      if (others.length > 0 || (flags & ~MessageFlags.Ephemeral) !== 0)
        refuseForm(['data: only the EPHEMERAL flag may be said when deferring']);
      const isEphemeral = (flags & MessageFlags.Ephemeral) !== 0 || mustBeEphemeral(discord, interaction);
      const message = createMessage(discord, {
        channelId: interaction.channelId,
        authorId: discord.world.bot.id,
        content: '',
        flags: MessageFlags.Loading | (isEphemeral ? MessageFlags.Ephemeral : 0),
        onlyFor: isEphemeral ? interaction.userId : null,
        interactionId: interaction.id,
      });
      interaction.responseId = message.id;
      interaction.isDeferred = true;
      return { kind: 'deferred', message, isEphemeral };
    }
    case InteractionResponseType.DeferredMessageUpdate:
    case InteractionResponseType.UpdateMessage: {
      const message = discord.world.messages.get(interaction.messageId ?? '');
      if (interaction.messageId === null) refuseForm(['type: there is no message to update']);
      if (message === undefined) throw new Refusal(10_008);
      interaction.responseId = message.id;
      if (type === InteractionResponseType.UpdateMessage)
        await rewrite(call, interaction, message, (data ?? {}) as Form);
      return { kind: 'update' };
    }
    case InteractionResponseType.ApplicationCommandAutocompleteResult: {
      const { choices = [] } = (data ?? {}) as APICommandAutocompleteInteractionResponseCallbackData;
      return { kind: 'choices', choices };
    }
    default: {
      const modal = data as APIModalInteractionResponseCallbackData;
      refuseForm(problemsOfModal(modal));
      return { kind: 'modal', modal: { ...modal, interactionId: interaction.id } };
    }
  }
}

/** discord.js says these whether or not anybody set them. */
function isDefault(key: string, value: unknown): boolean {
  return (key === 'tts' || key === 'enforce_nonce') && value === false;
}

function problemsOfModal(modal: APIModalInteractionResponseCallbackData): readonly string[] {
  const components = modal.components as unknown as RawComponent[];
  const inputs = everyComponent(components).filter(({ custom_id: id }) => (id ?? '') !== '');
  const isTooMany = components.length < 1 || components.length > 5;
  const isRepeated = new Set(inputs.map(({ custom_id: id }) => id)).size !== inputs.length;
  return [
    ...(isTooMany ? ['data.components: Must be between 1 and 5 in length.'] : []),
    ...(isRepeated ? ['data.components: Component custom id cannot be duplicated'] : []),
  ];
}

async function respond(call: Call, interaction: WorldInteraction, form: Form): Promise<WorldMessage> {
  const { discord, files } = call;
  const content = await readForm(discord, form, files, {
    before: null,
    channelId: interaction.channelId,
    guildId: interaction.guildId,
    uploadBytesMax: interaction.uploadBytesMax,
    repliedUserId: null,
  });
  const isEphemeral = (content.flags & MessageFlags.Ephemeral) !== 0 || mustBeEphemeral(discord, interaction);
  return createMessage(discord, {
    ...content,
    flags: content.flags | (isEphemeral ? MessageFlags.Ephemeral : 0),
    channelId: interaction.channelId,
    authorId: discord.world.bot.id,
    onlyFor: isEphemeral ? interaction.userId : null,
    interactionId: interaction.id,
  });
}

async function rewrite(
  { discord, files }: Call,
  interaction: WorldInteraction,
  message: WorldMessage,
  form: Form,
): Promise<WorldMessage> {
  const isLoading = (message.flags & MessageFlags.Loading) !== 0;
  const content = await readForm(discord, form, files, {
    before: message,
    channelId: message.channelId,
    guildId: interaction.guildId,
    uploadBytesMax: interaction.uploadBytesMax,
    repliedUserId: null,
  });
  // Whether it is ephemeral was settled by the first answer.
  const kept = message.flags & MessageFlags.Ephemeral;
  const changed = changeMessage(discord, message, {
    ...content,
    flags: (content.flags & ~MessageFlags.Ephemeral) | kept,
  });
  if (isLoading) changed.editedAtMs = null;
  return changed;
}

function described(
  call: Call,
  interaction: WorldInteraction,
  type: InteractionResponseType,
  acknowledgement: Acknowledgement,
): ProtocolAnswer {
  const message = call.discord.world.messages.get(interaction.responseId ?? '');
  const isMessage = acknowledgement.kind === 'message' || acknowledgement.kind === 'deferred';
  return {
    status: 200,
    body: {
      interaction: {
        id: interaction.id,
        type: interaction.type,
        channel_id: interaction.channelId,
        ...(interaction.guildId === null ? {} : { guild_id: interaction.guildId }),
        ...(message === undefined
          ? {}
          : {
              response_message_id: message.id,
              response_message_loading: acknowledgement.kind === 'deferred',
              response_message_ephemeral: message.onlyFor !== null,
            }),
      },
      ...(message === undefined || !(isMessage || type === InteractionResponseType.UpdateMessage)
        ? {}
        : {
            resource: {
              type: isMessage ? InteractionResponseType.ChannelMessageWithSource : type,
              message: toMessage(call.discord, message),
            },
          }),
    },
  };
}

/** The interaction of a token that still lives. @throws {Refusal} 50027, 10015 */
function interactionOf({ discord, params }: Call): WorldInteraction {
  const interaction = [...discord.interactions.values()].find(({ token }) => token === params['token']);
  if (interaction === undefined || params['application'] !== discord.world.application.id) throw new Refusal(10_015);
  if (discord.world.clock.nowMs() - interaction.createdAtMs > TOKEN_LIFE_MS) throw new Refusal(50_027);
  if (interaction.state !== 'answered') throw new Refusal(10_015);
  return interaction;
}

/** @throws {Refusal} 10008: none of this token's, or gone */
function ownMessage(call: Call, interaction: WorldInteraction): WorldMessage {
  const { message: id = '' } = call.params;
  const message = call.discord.world.messages.get(id === '@original' ? (interaction.responseId ?? '') : id);
  if (message === undefined) throw new Refusal(10_008);
  if (message.interactionId !== interaction.id && message.id !== interaction.responseId) throw new Refusal(10_008);
  return message;
}

async function followUp(call: Call): Promise<ProtocolAnswer> {
  const { discord } = call;
  const interaction = interactionOf(call);
  const original = discord.world.messages.get(interaction.responseId ?? '');
  const isFirst = original !== undefined && (original.flags & MessageFlags.Loading) !== 0;
  // The first follow-up after a promise is the answer itself, as private as the promise was.
  if (isFirst)
    return { status: 200, body: toMessage(discord, await rewrite(call, interaction, original, call.body as Form)) };
  if (isByTokenOnly(discord, interaction) && interaction.followUps >= FOLLOW_UPS_MAX) throw new Refusal(40_094);
  const message = await respond(call, interaction, call.body as Form);
  interaction.followUps += 1;
  return { status: 200, body: toMessage(discord, message) };
}

const PATH = '/webhooks/:application/:token';

export const INTERACTION_ROUTES: readonly Route[] = [
  {
    on: 'POST /interactions/:interaction/:token/callback',
    body: [
      'CreateMessageInteractionCallbackRequestSchema',
      'UpdateMessageInteractionCallbackRequestSchema',
      'ModalInteractionCallbackRequestSchema',
      'ApplicationCommandAutocompleteCallbackRequestSchema',
    ],
    query: ['with_response'],
    answer: 'InteractionCallbackResponseSchema',
    isOpen: true,
    handle: callback,
  },
  {
    on: `POST ${PATH}`,
    body: 'IncomingWebhookRequestPartialSchema',
    query: ['wait', 'thread_id', 'with_components'],
    answer: 'MessageResponseSchema',
    isOpen: true,
    handle: followUp,
  },
  {
    on: `GET ${PATH}/messages/:message`,
    query: ['thread_id'],
    answer: 'MessageResponseSchema',
    isOpen: true,
    handle: (call) => ({ status: 200, body: toMessage(call.discord, ownMessage(call, interactionOf(call))) }),
  },
  {
    on: `PATCH ${PATH}/messages/:message`,
    body: 'IncomingWebhookUpdateRequestPartialSchema',
    query: ['thread_id', 'with_components'],
    answer: 'MessageResponseSchema',
    isOpen: true,
    async handle(call) {
      const interaction = interactionOf(call);
      const message = await rewrite(call, interaction, ownMessage(call, interaction), call.body as Form);
      return { status: 200, body: toMessage(call.discord, message) };
    },
  },
  {
    on: `DELETE ${PATH}/messages/:message`,
    query: ['thread_id'],
    isOpen: true,
    handle(call) {
      removeMessage(call.discord, ownMessage(call, interactionOf(call)));
      return NOTHING;
    },
  },
];
