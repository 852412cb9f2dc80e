/** views.*: forms and App Home. */
import { checkPictures, nameBlocks } from '../messages.ts';
import { SlackRefusal } from '../refusal.ts';
import type { SlackView, ViewJson, World } from '../world.ts';
import { type Method, method } from './method.ts';

const STACK_MAX = 3;

export const VIEWS: Readonly<Record<string, Method>> = {
  'views.open': method<{ trigger_id: string; view: ViewJson }>({
    body: 'ViewsOpen',
    tier: 4,
    scopes: [],
    run({ trigger_id, view: json }, { world }) {
      const user = world.triggers.exchange(trigger_id);
      checkModal(world, json);
      const view = createView(world, user, json, null);
      world.modals.set(user, [view]);
      return { view: viewJson(world, view) };
    },
  }),
  'views.push': method<{ trigger_id: string; view: ViewJson }>({
    body: 'ViewsPush',
    tier: 4,
    scopes: [],
    run({ trigger_id, view: json }, { world }) {
      const user = world.triggers.exchange(trigger_id);
      checkModal(world, json);
      return { view: viewJson(world, pushView(world, user, json)) };
    },
  }),
  'views.update': method<{ view_id?: string; external_id?: string; hash?: string; view: ViewJson }>({
    body: 'ViewsUpdate',
    tier: 4,
    scopes: [],
    run({ view_id, external_id, hash, view: json }, { world }) {
      if (view_id === undefined && external_id === undefined) throw new SlackRefusal('invalid_arguments', {}, true);
      const open = [...[...world.modals.values()].flat(), ...world.homes.values()];
      const view = open.find(
        (each) => each.id === view_id || (external_id !== undefined && each.json.external_id === external_id),
      );
      if (view === undefined) throw new SlackRefusal('not_found');
      if (hash !== undefined && hash !== view.hash) throw new SlackRefusal('hash_conflict');
      checkPictures(world, json.blocks);
      updateView(world, view, json);
      return { view: viewJson(world, view) };
    },
  }),
  'views.publish': method<{ user_id: string; hash?: string; view: ViewJson }>({
    body: 'ViewsPublish',
    tier: 4,
    scopes: [],
    run({ user_id, hash, view: json }, { world }) {
      if (!world.users.has(user_id)) throw new SlackRefusal('user_not_found');
      if (!world.app.hasHomeTab) throw new SlackRefusal('not_enabled');
      if (json.type !== 'home') throw new SlackRefusal('invalid_arguments', {}, true);
      const known = world.homes.get(user_id);
      if (hash !== undefined && hash !== known?.hash) throw new SlackRefusal('hash_conflict');
      checkPictures(world, json.blocks);
      const view = known ?? createView(world, user_id, json, null);
      updateView(world, view, json);
      world.homes.set(user_id, view);
      return { view: viewJson(world, view) };
    },
  }),
};

/** @throws {SlackRefusal} unless there is a form below, and no more than two */
export function pushView(world: World, user: string, json: ViewJson): SlackView {
  const stack = world.modals.get(user) ?? [];
  const below = stack.at(-1);
  if (below === undefined) throw new SlackRefusal('not_found');
  if (stack.length >= STACK_MAX) throw new SlackRefusal('push_limit_reached');
  const view = createView(world, user, json, below);
  world.modals.set(user, [...stack, view]);
  return view;
}

export function updateView(world: World, view: SlackView, json: ViewJson): void {
  view.json = { ...json, blocks: nameBlocks(world, json.blocks) };
  view.hash = world.ids.nextTs();
}

function checkModal(world: World, json: ViewJson): void {
  if (json.type !== 'modal') throw new SlackRefusal('invalid_arguments', {}, true);
  const isTaken = [...world.modals.values()].flat().some((each) => each.json.external_id === json.external_id);
  if (json.external_id !== undefined && isTaken) throw new SlackRefusal('duplicate_external_id', {}, true);
  checkPictures(world, json.blocks);
}

function createView(world: World, user: string, json: ViewJson, below: SlackView | null): SlackView {
  const id = world.ids.next('V');
  const named = { ...json, blocks: nameBlocks(world, json.blocks) };
  return {
    id,
    hash: world.ids.nextTs(),
    json: named,
    user,
    rootId: below?.rootId ?? id,
    previousId: below?.id ?? null,
  };
}

/** As Slack tells of a view, with what was typed into it. */
export function viewJson(world: World, view: SlackView, values: Record<string, unknown> = {}): Record<string, unknown> {
  const { id, hash, json, rootId, previousId } = view;
  return {
    callback_id: '',
    private_metadata: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    ...json,
    id,
    hash,
    team_id: world.team.id,
    app_installed_team_id: world.team.id,
    app_id: world.app.id,
    bot_id: world.app.botId,
    root_view_id: rootId,
    previous_view_id: previousId,
    state: { values },
  };
}
