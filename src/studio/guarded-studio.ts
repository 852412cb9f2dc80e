/** The studio behind the door: each action of a person is counted once, however many steps it takes inside. */
import type { Door } from '../policy/door.ts';
import { toRefusal } from './accept.ts';
import type { ClosableStudio } from './create-studio.ts';
import type { Asker, Outcome } from './studio.ts';

export function guardStudio(studio: ClosableStudio, door: Door): ClosableStudio {
  async function counted({ scope }: Asker, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      await door.enter(scope);
    } catch (thrown) {
      return toRefusal(thrown);
    }
    return work();
  }
  return {
    ...studio,
    submit: (request) => counted(request, () => studio.submit(request)),
    reroll: (asking, ...rest) => counted(asking, () => studio.reroll(asking, ...rest)),
    vary: (asking, ...rest) => counted(asking, () => studio.vary(asking, ...rest)),
    upscale: (asking, ...rest) => counted(asking, () => studio.upscale(asking, ...rest)),
    edit: (request, ...rest) => counted(request, () => studio.edit(request, ...rest)),
    remove: (asker, ...rest) => counted(asker, () => studio.remove(asker, ...rest)),
    keep: (asker, ...rest) => counted(asker, () => studio.keep(asker, ...rest)),
    sendDirect: (asker, ...rest) => counted(asker, () => studio.sendDirect(asker, ...rest)),
    press: (asking, ...rest) => counted(asking, () => studio.press(asking, ...rest)),
  };
}
