/** What there is: help, and the welcome when the bot joins a place. */
import type { View } from '../view.ts';
import { emptyView, helpView } from '../views.ts';
import { type Locale, wordsFor } from '../words.ts';
import { COMMAND_NAMES, specOf } from './commands.ts';
import { type Handlers, isAdmin } from './context.ts';
import { writeDeskAction } from './desk.ts';

export const helpHandlers: Handlers<'help'> = {
  async help({ locale, words, asker }) {
    const isAnAdmin = await isAdmin(asker);
    const of = (audience: 'everyone' | 'admins') =>
      COMMAND_NAMES.filter((name) => specOf(name).audience === audience).map((name) => ({
        name: `/easel ${name}`,
        value: words.say(`command.${name}`),
      }));
    const view = helpView(locale);
    return {
      ...view,
      fields: [...of('everyone'), ...(isAnAdmin ? adminGroups(of('admins')) : [])],
      actions: [
        { id: writeDeskAction('me'), label: '/easel me', style: 'plain', opensForm: false },
        { id: writeDeskAction('settings'), label: '/easel settings', style: 'plain', opensForm: false },
        ...(isAnAdmin
          ? [
              {
                id: writeDeskAction('limits plans'),
                label: '/easel limits plans',
                style: 'plain',
                opensForm: false,
              } as const,
              { id: writeDeskAction('doctor'), label: '/easel doctor', style: 'plain', opensForm: false } as const,
            ]
          : []),
      ],
    };
  },
};

/** One line a group: `/easel limits list · set · preview`; platforms show at most 25 fields. */
function adminGroups(commands: readonly { name: string; value: string }[]): { name: string; value: string }[] {
  const groups = new Map<string, string[]>();
  const alone: { name: string; value: string }[] = [];
  for (const command of commands) {
    const [, group = '', word] = command.name.split(' ');
    if (word === undefined) alone.push(command);
    else groups.set(group, [...(groups.get(group) ?? []), word]);
  }
  return [
    ...alone,
    ...[...groups].map(([group, members]) => ({ name: `/easel ${group}`, value: members.join(' · ') })),
  ];
}

export function welcomeView(locale: Locale): View {
  const words = wordsFor(locale);
  return {
    ...emptyView('help', locale),
    heading: words.say('desk.welcome'),
    lines: [
      words.say('desk.welcomeTry'),
      words.say('help.controls'),
      words.say('desk.welcomeMembers'),
      words.say('desk.welcomeAdmins'),
    ],
    actions: [{ id: writeDeskAction('help'), label: words.say('view.help'), style: 'plain', opensForm: false }],
  };
}
