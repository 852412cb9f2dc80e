/** The way from a chat to the web admin: a link that works once. */
import { emptyView } from '../views.ts';
import type { Handlers } from './context.ts';

export const webAdminHandlers: Handlers<'admin'> = {
  async admin({ parts, asker, words, locale }) {
    const link = await parts.signIns.linkFor(asker);
    return {
      ...emptyView('answer', locale),
      heading: words.say('desk.adminLink'),
      lines: [words.say('desk.adminLinkLife')],
      link: { label: words.say('desk.adminOpen'), address: link },
    };
  },
};
