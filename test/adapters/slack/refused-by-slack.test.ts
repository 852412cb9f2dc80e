// What a workspace or a token does not allow: said with what to do, nothing lost.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '../../../src/errors.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { SeenMessage } from '../../fakes/slack/seen.ts';
import type { SlackServer } from '../../fakes/slack/slack-server.ts';
import { isResult, openSlack, type SlackTest, seen } from './open-slack.ts';

const TIMEOUT = { timeout: 180_000 };
const PATIENCE_MS = 60_000;
let slack: SlackTest;

const imagine = async (text: string): Promise<void> => {
  await slack.ada.command('/imagine', text, { channel: slack.general.id })?.done;
};
const inChannel = () => slack.ada.look({ channel: slack.general.id });
const saysAdmin = ({ text }: SeenMessage): boolean => /admin/iu.test(text);

describe('pictures that the workspace does not take', () => {
  afterEach(() => slack.close());

  it.each<[string, (server: SlackServer) => void]>([
    ['all uploads are disabled', ({ world }) => Object.assign(world.team, { uploads: 'disabled' })],
    ['files of this type', ({ world }) => world.team.refusedFileTypes.add('png').add('jpg').add('jpeg')],
    ['files of this size', ({ world }) => Object.assign(world.team, { uploadBytesMax: 1 })],
    ['the scope is missing', ({ app }) => app.scopes.delete('files:write')],
  ])(
    '%s: the words come, and who can change it; the next is refused before it is drawn',
    TIMEOUT,
    async (_what, forbid) => {
      slack = await openSlack();
      forbid(slack.server);
      await imagine('a fox unseen');
      const isEnd = ({ text, controls }: SeenMessage) =>
        text.includes('a fox unseen') && controls.some((control) => control.text.includes('Re-roll'));
      const told = await seen('the end', inChannel, isEnd);
      expect(told.pictures).toEqual([]);
      expect(saysAdmin(told)).toBe(true);
      const asked = slack.worker.asked.length;
      await imagine('a fox unasked');
      await seen('the refusal', slack.ada.ephemeral, saysAdmin);
      expect(slack.worker.asked).toHaveLength(asked);
      expect(slack.server.record.violations).toEqual([]);
      const isScope = !slack.server.app.scopes.has('files:write');
      // With the line of the manifest to add.
      expect(slack.logged.some((line) => line.includes('- files:write') && line.includes('manifest'))).toBe(isScope);
    },
  );
});

describe('what Slack refuses', () => {
  beforeAll(async () => {
    slack = await openSlack({ server: { fileLooks: 3 } });
  }, 120_000);
  afterAll(() => slack.close());

  it('pictures that Slack takes its time with are shown once it is done', TIMEOUT, async () => {
    await imagine('a slow fox');
    await seen('the picture', inChannel, isResult);
    expect(slack.server.calls.filter(({ name }) => name === 'files.info').length).toBeGreaterThan(3);
    expect(slack.server.calls.filter(({ outcome }) => outcome === 'invalid_blocks')).toEqual([]);
  });

  it('the doctor names a scope that is missing, and the line of the manifest', TIMEOUT, async () => {
    slack.server.app.scopes.delete('reactions:read');
    const owner = slack.server.addPerson('owner', { role: 'owner' });
    slack.general.members.add(owner.id);
    await owner.command('/easel', 'doctor', { channel: slack.general.id })?.done;
    await seen('the report', owner.ephemeral, ({ text }) => text.includes('reactions:read') && /manifest/iu.test(text));
    slack.server.app.scopes.add('reactions:read');
  });

  it('without user groups there are the roles that everybody has', TIMEOUT, async () => {
    slack.server.app.scopes.delete('usergroups:read');
    await slack.restart();
    await imagine('a fox without groups');
    await seen('the picture', inChannel, (message) => isResult(message) && message.text.includes('without groups'));
    slack.server.app.scopes.add('usergroups:read');
  });

  it.each(['expired_trigger_id', 'exchanged_trigger_id'])(
    'a form that does not open any more is not silent: %s',
    TIMEOUT,
    async (code) => {
      const before = slack.ada.ephemeral().length;
      slack.server.faults.plan({ on: 'POST /api/views.open', fault: { kind: 'refuse', code } });
      await imagine('');
      await eventually('a word', () => slack.ada.ephemeral().length > before, PATIENCE_MS);
      expect(slack.ada.ephemeral().at(-1)?.text).not.toBe('');
      expect(slack.server.faults.unused()).toEqual([]);
      await imagine('');
      const form = await eventually('the form', slack.ada.form, PATIENCE_MS);
      form.close();
    },
  );

  it(
    'a token that is taken back while it draws loses nothing: the picture comes when it is given again',
    TIMEOUT,
    async () => {
      const before = slack.server.posted(slack.general.id).length;
      slack.worker.hold();
      await imagine('a fox in waiting');
      await seen('the placeholder', inChannel, ({ text }) => text.includes('a fox in waiting'));
      slack.server.revoke();
      slack.worker.release();
      await eventually(
        'a try',
        () => slack.server.calls.some(({ outcome }) => outcome === 'token_revoked'),
        PATIENCE_MS,
      );
      await eventually('the log', () => slack.logged.some((line) => line.includes('SLACK_BOT_TOKEN')), PATIENCE_MS);
      slack.server.app.state = 'installed';
      await slack.restart();
      await seen('the picture', inChannel, (message) => isResult(message) && message.text.includes('a fox in waiting'));
      expect(slack.server.posted(slack.general.id)).toHaveLength(before + 1);
    },
  );

  it('a token that was taken back before the start ends it, and says which setting to set', TIMEOUT, async () => {
    slack.server.app.state = 'revoked';
    const refused = await slack.restart().catch((thrown: AppError) => thrown);
    expect(refused).toMatchObject({ code: 'ADAPTER_TOKEN', message: expect.stringContaining('SLACK_BOT_TOKEN') });
    slack.server.app.state = 'installed';
    await slack.restart();
  });
});
