// What is missing in a channel: for `/easel doctor` there.

import { type Client, GuildPremiumTier } from 'discord.js';
import { type ChannelCheck, type Locale, type Scope, toAppError, wordsFor } from '../../src/index.ts';
import { missingRights, missingWanted, sayRights } from './permissions.ts';
import { rightsOf } from './places.ts';

const MEGABYTES: Readonly<Record<GuildPremiumTier, number>> = {
  [GuildPremiumTier.None]: 10,
  [GuildPremiumTier.Tier1]: 10,
  [GuildPremiumTier.Tier2]: 50,
  [GuildPremiumTier.Tier3]: 100,
};

/** @param openDirect opens the channel between the bot and the one who asks */
export async function examine(
  client: Client<true>,
  scope: Scope,
  locale: Locale,
  openDirect: (user: string) => Promise<string>,
): Promise<readonly ChannelCheck[]> {
  const words = wordsFor(locale);
  const guild = client.guilds.cache.get(scope.tenant);
  const checks: ChannelCheck[] = [];
  if (guild !== undefined) {
    const channel = guild.channels.cache.get(scope.channel);
    const held = rightsOf(client, scope.channel);
    const missing = missingRights(held, channel?.isThread() === true);
    const rights = sayRights(missing, words);
    checks.push({
      name: words.say('discord.doctor.permissions'),
      ok: missing.length === 0,
      message:
        missing.length === 0
          ? words.say('discord.doctor.permissionsOk')
          : words.say('discord.doctor.permissionsNo', { rights }),
    });
    const wanted = missingWanted(held);
    if (wanted.length > 0) {
      const message = words.say('discord.doctor.wantedNo', { rights: sayRights(wanted, words) });
      checks.push({ name: words.say('discord.doctor.wanted'), ok: false, message });
    }
    const message = words.say('discord.doctor.uploadOk', { megabytes: MEGABYTES[guild.premiumTier] });
    checks.push({ name: words.say('discord.doctor.upload'), ok: true, message });
  }
  checks.push(await examineDirect());
  return checks;

  async function examineDirect(): Promise<ChannelCheck> {
    const name = words.say('discord.doctor.direct');
    try {
      await openDirect(scope.user);
      return { name, ok: true, message: words.say('discord.doctor.directOk') };
    } catch (thrown) {
      if (toAppError(thrown).code !== 'ADAPTER_DIRECT_CLOSED') throw thrown;
      return { name, ok: false, message: words.say('discord.doctor.directNo') };
    }
  }
}
