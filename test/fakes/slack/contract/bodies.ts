/** The bodies that an app sends to Slack, by Slack's own types: what `make-schemas.mjs` turns into `test/contracts/schemas/slack.json`. */
import type { RespondArguments, ViewResponseAction } from '@slack/bolt';
import type * as api from '@slack/web-api';

export type AppsConnectionsOpen = api.AppsConnectionsOpenArguments;
export type AuthTest = api.AuthTestArguments;
export type ChatDelete = api.ChatDeleteArguments;
export type ChatGetPermalink = api.ChatGetPermalinkArguments;
export type ChatPostEphemeral = api.ChatPostEphemeralArguments;
export type ChatPostMessage = api.ChatPostMessageArguments;
export type ChatUpdate = api.ChatUpdateArguments;
export type ConversationsHistory = api.ConversationsHistoryArguments;
export type ConversationsInfo = api.ConversationsInfoArguments;
export type ConversationsMembers = api.ConversationsMembersArguments;
export type ConversationsOpen = api.ConversationsOpenArguments;
export type ConversationsReplies = api.ConversationsRepliesArguments;
export type FilesCompleteUploadExternal = api.FilesCompleteUploadExternalArguments;
export type FilesDelete = api.FilesDeleteArguments;
/** `alt_txt` is what Slack reads; its types say `alt_text`. https://docs.slack.dev/reference/methods/files.getUploadURLExternal */
export type FilesGetUploadURLExternal = api.FilesGetUploadURLExternalArguments & { alt_txt?: string };
export type FilesList = api.FilesListArguments;
export type FilesInfo = api.FilesInfoArguments;
export type ReactionsAdd = api.ReactionsAddArguments;
export type ReactionsGet = api.ReactionsGetArguments;
export type ReactionsRemove = api.ReactionsRemoveArguments;
export type TeamInfo = api.TeamInfoArguments;
export type UsergroupsList = api.UsergroupsListArguments;
export type UsergroupsUsersList = api.UsergroupsUsersListArguments;
export type UsersInfo = api.UsersInfoArguments;
export type ViewsOpen = api.ViewsOpenArguments;
export type ViewsPublish = api.ViewsPublishArguments;
export type ViewsPush = api.ViewsPushArguments;
export type ViewsUpdate = api.ViewsUpdateArguments;

/** What is sent to a response_url, and as the answer to a command: text alone will do. */
export type Respond = Partial<RespondArguments>;
/** The answer to a submitted form. */
export type ViewResponse = ViewResponseAction;
