/** Application commands: read and replaced as a whole, of which Discord lets 200 be created a day. */
import {
  type APIApplicationCommand,
  ApplicationCommandType,
  ApplicationIntegrationType,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import { problemsOfCommands } from '../check-command.ts';
import { Refusal, refuseForm } from '../refusal.ts';
import type { Call, Route } from './route.ts';

type Command = RESTPutAPIApplicationCommandsJSONBody[number];

const DAY_MS = 86_400_000;

/** @param call of the application's own commands: @throws {Refusal} for those of another */
function checkApplication({ discord, params }: Call): void {
  if (params['application'] !== discord.world.application.id) throw new Refusal(50_001);
}

function countCreates({ discord }: Call, created: number): void {
  const { creates, world } = discord;
  if (world.clock.nowMs() - creates.dayMs >= DAY_MS) {
    creates.dayMs = world.clock.nowMs();
    creates.count = 0;
  }
  if (creates.count + created > creates.max) throw new Refusal(30_034);
  creates.count += created;
}

const keyOf = ({
  type = ApplicationCommandType.ChatInput,
  name,
}: {
  type?: ApplicationCommandType | undefined;
  name: string;
}) => `${type} ${name}`;

function replaceAll(call: Call): APIApplicationCommand[] {
  checkApplication(call);
  const { world } = call.discord;
  const commands = (call.body ?? []) as Command[];
  refuseForm(problemsOfCommands(commands));
  const known = new Map([...world.commands.values()].map((command) => [keyOf(command), command]));
  countCreates(call, commands.filter((command) => !known.has(keyOf(command))).length);
  const made = commands.map((command) => toCommand(call, command, known.get(keyOf(command))?.id ?? world.newId()));
  world.commands.clear();
  for (const command of made) world.commands.set(command.id, command);
  return made;
}

function toCommand({ discord }: Call, command: Command, id: string): APIApplicationCommand {
  const { world } = discord;
  const {
    default_member_permissions: permissions,
    dm_permission: _,
    ...rest
  } = command as Command & {
    default_member_permissions?: string | number | null;
    dm_permission?: boolean;
  };
  const said = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
  return {
    contexts: null,
    integration_types: [ApplicationIntegrationType.GuildInstall],
    name_localizations: null,
    description_localizations: null,
    nsfw: false,
    ...Object.fromEntries(said),
    description: 'description' in command ? (command.description ?? '') : '',
    type: command.type ?? ApplicationCommandType.ChatInput,
    default_member_permissions: permissions === undefined || permissions === null ? null : String(permissions),
    id,
    application_id: world.application.id,
    version: world.newId(),
  } as APIApplicationCommand;
}

export const COMMAND_ROUTES: readonly Route[] = [
  {
    on: 'GET /applications/:application/commands',
    query: ['with_localizations'],
    answer: 'ApplicationCommandResponseSchema',
    isAnswerList: true,
    handle(call) {
      checkApplication(call);
      return { status: 200, body: [...call.discord.world.commands.values()] };
    },
  },
  {
    on: 'GET /applications/:application/guilds/:guild/commands',
    query: ['with_localizations'],
    answer: 'ApplicationCommandResponseSchema',
    isAnswerList: true,
    handle(call) {
      checkApplication(call);
      const { world } = call.discord;
      // Without the scope `applications.commands` an app has no commands there.
      if (world.guilds.get(call.params['guild'] ?? '')?.members.has(world.bot.id) !== true) throw new Refusal(50_001);
      return { status: 200, body: [] };
    },
  },
  {
    on: 'PUT /applications/:application/commands',
    body: 'ApplicationCommandUpdateRequestSchema',
    isList: true,
    answer: 'ApplicationCommandResponseSchema',
    isAnswerList: true,
    handle: (call) => ({ status: 200, body: replaceAll(call) }),
  },
];
