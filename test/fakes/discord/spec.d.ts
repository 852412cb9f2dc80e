// discord-api-spec ships its schemas without types: these are the ones that this server checks with.
declare module 'discord-api-spec/zod' {
  import type { $ZodType } from 'zod/v4/core';
  export const ApplicationCommandAutocompleteCallbackRequestSchema: $ZodType;
  export const ApplicationCommandCreateRequestSchema: $ZodType;
  export const ApplicationCommandResponseSchema: $ZodType;
  export const ApplicationCommandUpdateRequestSchema: $ZodType;
  export const AvailableLocalesEnumSchema: $ZodType;
  export const CreateMessageInteractionCallbackRequestSchema: $ZodType;
  export const CreatePrivateChannelRequestSchema: $ZodType;
  export const ErrorResponseSchema: $ZodType;
  export const GatewayBotResponseSchema: $ZodType;
  export const GuildChannelResponseSchema: $ZodType;
  export const GuildMemberResponseSchema: $ZodType;
  export const GuildRoleResponseSchema: $ZodType;
  export const GuildWithCountsResponseSchema: $ZodType;
  export const IncomingWebhookRequestPartialSchema: $ZodType;
  export const IncomingWebhookUpdateRequestPartialSchema: $ZodType;
  export const InteractionCallbackResponseSchema: $ZodType;
  export const MessageCreateRequestSchema: $ZodType;
  export const MessageEditRequestPartialSchema: $ZodType;
  export const MessageResponseSchema: $ZodType;
  export const ModalInteractionCallbackRequestSchema: $ZodType;
  export const MyGuildResponseSchema: $ZodType;
  export const PrivateApplicationResponseSchema: $ZodType;
  export const PrivateChannelResponseSchema: $ZodType;
  export const RatelimitedResponseSchema: $ZodType;
  export const ThreadResponseSchema: $ZodType;
  export const UpdateMessageInteractionCallbackRequestSchema: $ZodType;
  export const UserPIIResponseSchema: $ZodType;
  export const UserResponseSchema: $ZodType;
}
