// What works in one channel, and in the workspace: said with what to do about what does not.

import { type ChannelCheck, type Locale, type Scope, wordsFor } from '../../src/index.ts';
import type { SlackApi } from './api.ts';
import type { SlackContext } from './context.ts';
import { OPTIONAL_SCOPES, SCOPES } from './manifest.ts';

/** For `/easel doctor`. */
export async function examine(context: SlackContext, scope: Scope, locale: Locale): Promise<readonly ChannelCheck[]> {
  const words = wordsFor(locale);
  const { places, messages, api } = context;
  const [problem, granted] = await Promise.all([places.problem(scope.channel, scope.user), grantedScopes(api)]);
  const channel = words.say('slack.doctorChannel');
  const checks: ChannelCheck[] = [];
  if (problem === null) checks.push({ name: channel, ok: true, message: words.say('slack.doctorChannelOk') });
  else if (problem === 'outside') checks.push({ name: channel, ok: false, message: words.say('slack.outside') });
  else if (problem === 'archived') {
    checks.push({ name: channel, ok: false, message: words.sayCode('ADAPTER_CHANNEL_GONE') });
  }
  const missing = granted === null ? [] : missingScopes(granted).filter((each) => !OPTIONAL_SCOPES.includes(each));
  checks.push({
    name: words.say('slack.doctorScopes'),
    ok: missing.length === 0,
    message:
      missing.length === 0
        ? words.say('slack.doctorScopesOk')
        : words.say('slack.doctorScopesNo', { scopes: missing.join(', ') }),
  });
  const hasGroups = granted === null || granted.includes('usergroups:read');
  checks.push({
    name: words.say('slack.doctorRoles'),
    ok: hasGroups,
    message: words.say(hasGroups ? 'slack.doctorRolesOk' : 'slack.doctorRolesNo'),
  });
  const refusal = messages.uploadRefusal();
  if (refusal !== null)
    checks.push({ name: words.say('desk.doctorUpload'), ok: false, message: words.sayError(refusal) });
  return checks;
}

/** Of the bot's token, as Slack says with every answer; null: it does not say. @throws {AppError} as `api.run` */
export async function grantedScopes(api: SlackApi): Promise<readonly string[] | null> {
  const answer = await api.run('auth.test', (client) => client.auth.test(), { patienceMs: 5_000 });
  return answer.response_metadata?.scopes ?? null;
}

export function missingScopes(granted: readonly string[]): readonly string[] {
  return SCOPES.filter((scope) => !granted.includes(scope));
}
