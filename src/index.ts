// What adapters may import, and the only file of src/ they may import from.

export * from './config.ts';
export {
  type Control,
  type ControlAction,
  type ControlKind,
  readControlId,
  readReaction,
} from './conversation/control.ts';
export {
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  type CommandSpec,
  type EaselCommand,
  isCommandName,
  type OptionSpec,
  opensForm,
  specOf,
} from './conversation/desk/commands.ts';
export {
  ACTION_ID_CHARACTERS_MAX,
  type Desk,
  type DeskAction,
  type FormAnswer,
  readDeskAction,
  type Suggestion,
  writeDeskAction,
} from './conversation/desk/desk.ts';
export { toCommand } from './conversation/desk/parse-command.ts';
export type { Directory, Named } from './conversation/directory.ts';
export * from './conversation/form.ts';
export { type Mention, readMention, writeMention } from './conversation/mention.ts';
export type { MessageActions } from './conversation/message-actions.ts';
export type {
  Address,
  ChannelCheck,
  ChannelLimits,
  ChatAdapter,
  MessageRef,
  Messages,
} from './conversation/messages.ts';
export type { Once } from './conversation/once.ts';
export {
  EDIT_FORM,
  editForm,
  IMAGINE_FORM,
  imagineForm,
  readEditForm,
  readImagineForm,
} from './conversation/prompt-forms.ts';
export type { ReactionAnswer, ReactionAsk, ReactionTracker, TellReaction } from './conversation/reactions.ts';
export type {
  View,
  ViewBar,
  ViewChoice,
  ViewField,
  ViewFile,
  ViewImage,
  ViewKind,
  ViewMenu,
} from './conversation/view.ts';
export {
  answerView,
  confirmView,
  finalView,
  helpView,
  modelGoneView,
  outcomeView,
  refusedView,
  statusView,
} from './conversation/views.ts';
export { LOCALES, type Locale, toLocale, type WordKey, type Words, wordsFor } from './conversation/words.ts';
export * from './errors.ts';
export { encodeWithin, type ImageFormat } from './image/encode.ts';
export { decodePng, type Pixels } from './image/png.ts';
export { encodePreview } from './image/preview.ts';
export type { Provenance } from './image/provenance.ts';
export { withPngProvenance } from './image/provenance.ts';
export { composeSheet, SHEET_MAX_PICTURES } from './image/sheet.ts';
export { createThumbnails, type Thumbnails } from './image/thumbnail.ts';
export {
  type Catalog,
  type CatalogModel,
  type FileReport,
  loadCatalog,
  type ModelVocabulary,
  readVocabulary,
  type VerifyReport,
  verifyModel,
} from './models/catalog.ts';
export { findPackageRoot } from './models/package-root.ts';
export { type Clock, systemClock } from './ops/clock.ts';
export type { Log } from './ops/log.ts';
export type { DeviceReport } from './pipeline/device.ts';
export type { ModelInfo, SlotNotice, SlotPicture, SlotProgress, SlotRequest } from './pipeline/pipeline.ts';
export type { Bar, ChainOutcome, ChainStep, Decision, LastRefusal, Standing } from './policy/decision.ts';
export type { Filter } from './policy/filter.ts';
export type {
  AuditAction,
  AuditEntry,
  Change,
  Grant,
  GrantedLimit,
  ImportResult,
  Limits,
  Member,
  Plan,
  PlanName,
  Preview as LimitPreview,
  Supposed,
  TenantSettings,
  Why,
} from './policy/limits.ts';
export * from './policy/rules.ts';
export type { Day, RefusalRow, UsagePeriod, UsageQuery, UsageRow, WaitRow } from './policy/usage.ts';
export { captionAt } from './prompt/caption.ts';
export { completePrompt, type PromptCompletion } from './prompt/completions.ts';
export { parsePrompt } from './prompt/parse-prompt.ts';
export { printPrompt } from './prompt/print-prompt.ts';
export { type PromptModels, readPromptModels } from './prompt/prompt-model.ts';
export * from './prompt/types.ts';
export type { Preview, StudioEvent } from './queue/events.ts';
export type { JobStatus } from './queue/job-status.ts';
export { openDataFolder } from './store/data-folder.ts';
export { openPostgresStore } from './store/postgres/postgres-store.ts';
export type {
  Generation,
  GenerationKind,
  HistoryPage,
  HistoryQuery,
  Json,
  JsonObject,
  Lineage,
  Person,
  Picture,
  Scope,
  SignIn,
  SignInOwner,
  SlotKey,
} from './store/records.ts';
export { askDesk, askHostSecret, askStatus, imagineRemotely } from './studio/admin-client.ts';
export { createEasel, type Easel, type EaselOptions } from './studio/create-easel.ts';
export { COUNT_DEFAULT, PROMPT_CHARACTERS_MAX } from './studio/create-studio.ts';
export type { HostDeskArgs } from './studio/host-desk.ts';
export { type HostDesk, openHostDesk } from './studio/open-host-desk.ts';
export { type GenerationOptions, readOptions } from './studio/options.ts';
export type { PersonalSettings, Preset } from './studio/settings.ts';
export { ADMIN_PATH, HOST, LINK_LIFE_MS, type OpenedSignIn, SESSION_LIFE_MS, type SignIns } from './studio/sign-ins.ts';
export type { Answer, Asker, Asking, Outcome, Studio, SubmitRequest } from './studio/studio.ts';
export type { WorkerInfo } from './worker/protocol.ts';
export { defaultSelfTestPath } from './worker/self-test-path.ts';
export { createSupervisedWorker, type SupervisedWorkerOptions } from './worker/supervised-worker.ts';
export type { WorkerSupervisor } from './worker/supervisor.ts';
export { createWorkerPool } from './worker/worker-pool.ts';
