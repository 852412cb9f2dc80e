// What people do in Slack besides the shared stories: forms, threads, mentions, shortcuts, direct messages, Home.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EN } from '../../../src/conversation/words/en.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { Person } from '../../fakes/slack/person.ts';
import type { SeenMessage } from '../../fakes/slack/seen.ts';
import { openWorkspace, type Workspace } from './open-workspace.ts';

let w: Workspace;
beforeAll(async () => {
  w = await openWorkspace();
}, 60_000);
afterAll(async () => {
  await w.close();
  expect(w.slack.record.violations).toEqual([]);
});

const here = () => ({ channel: w.general.id });
const isDone = ({ pictures, controls }: SeenMessage) =>
  pictures.length > 0 && controls.some(({ actionId }) => actionId.includes(':reroll:'));
const ADMINS_ONLY = 'Only an admin of this place may do this.';
const wordsOf = ({ text }: SeenMessage) => text.split('\n')[0];

function result(prompt: string, threadTs?: string): Promise<SeenMessage> {
  return eventually(`“${prompt}”`, () => w.posted(threadTs).find((each) => wordsOf(each) === prompt && isDone(each)));
}

function form(person: Person, title?: string) {
  return eventually('a form', () => {
    const open = person.form();
    return open !== null && (title === undefined || open.title === title) ? open : null;
  });
}

describe('/imagine without words', () => {
  it('opens a form; what is sent is drawn in the channel', async () => {
    w.ada.command('/imagine', '', here());
    const open = await form(w.ada);
    expect(open.title).toBe(EN.draw.title);
    open.submit({ [EN.draw.prompt]: 'a red apple', [EN.field.count]: '2', [EN.field.seed]: '7' });
    const message = await result('a red apple');
    expect(message.text).toContain('Seed 7');
    expect(message.controls.filter(({ text }) => /^V\d$/u.test(text))).toHaveLength(2);
    expect(w.ada.form()).toBeNull();
  });

  it('says in the form what is wrong, and keeps what was typed', async () => {
    w.ada.command('/imagine', '', here());
    (await form(w.ada)).submit({ [EN.draw.prompt]: 'a fox --sed 7' });
    const problem = await eventually('the problem', () => w.ada.form()?.errors['prompt']);
    expect(problem).toContain('--seed');
    expect(w.ada.form()?.value(EN.draw.prompt)).toBe('a fox --sed 7');
    w.ada.form()?.submit({ [EN.draw.prompt]: 'a fox --seed 7' });
    await result('a fox');
    expect(w.ada.form()).toBeNull();
  });

  it('draws for one person alone when they ask so', async () => {
    w.ada.command('/imagine', '', here());
    (await form(w.ada)).submit({ [EN.draw.prompt]: 'a secret cat', [EN.draw.private]: ['on'], [EN.field.count]: '1' });
    await eventually('the picture', () =>
      w.ada.direct().find((each) => wordsOf(each) === 'a secret cat' && isDone(each)),
    );
    expect(w.posted().some((each) => each.text.includes('a secret cat'))).toBe(false);
    expect(w.bob.direct()).toEqual([]);
  });

  it('and is everybody’s once its author shares it, one time', async () => {
    const mine = await eventually('mine', () => w.ada.direct().find((each) => wordsOf(each) === 'a secret cat'));
    const share = `📣 ${EN.control.share}`;
    w.ada.press({ channel: mine.channel, ts: mine.ts }, share);
    const shared = await result('a secret cat');
    await eventually('an answer', () => w.ada.direct().find(({ text }) => text.includes(EN.line.shared)));
    w.ada.press({ channel: mine.channel, ts: mine.ts }, share);
    await eventually('another', () => w.ada.direct().filter(({ text }) => text.includes(EN.line.shared)).length === 2);
    expect(w.posted().filter((each) => wordsOf(each) === 'a secret cat')).toHaveLength(1);
    w.bob.press({ ...here(), ts: shared.ts }, `🔁 ${EN.control.reroll}`);
    await eventually('bob’s', () => w.posted().filter((each) => wordsOf(each) === 'a secret cat').length === 2);
  });

  it('opens the same form by the shortcut, and draws into the direct conversation', async () => {
    w.bob.globalShortcut('easel_draw');
    (await form(w.bob)).submit({ [EN.draw.prompt]: 'a blue star', [EN.field.count]: '1' });
    await eventually('the picture', () =>
      w.bob.direct().find((each) => wordsOf(each) === 'a blue star' && isDone(each)),
    );
    expect(
      w.bob
        .direct()
        .at(-1)
        ?.controls.some(({ text }) => text.includes(EN.control.share)),
    ).toBe(false);
  });
});

describe('threads, where slash commands do not work', () => {
  it('a mention draws into the thread', async () => {
    const { ts } = w.ada.say('look at this', here());
    w.ada.say('@app imagine a green dog --n 1', { ...here(), threadTs: ts });
    const message = await result('a green dog', ts);
    expect(message.threadTs).toBe(ts);
    expect(w.posted().some((each) => each.text.includes('a green dog'))).toBe(false);
  });

  it('so does the shortcut of a message, and its buttons stay in the thread', async () => {
    const { ts } = w.bob.say('what about a cat?', here());
    w.bob.messageShortcut('easel_imagine', { ...here(), ts });
    (await form(w.bob)).submit({ [EN.draw.prompt]: 'a grey cat', [EN.field.count]: '1' });
    const message = await result('a grey cat', ts);
    w.ada.press({ ...here(), ts: message.ts }, `🔁 ${EN.control.reroll}`);
    const again = await eventually('the second', () =>
      w.posted(ts).find((each) => each.ts !== message.ts && wordsOf(each) === 'a grey cat' && isDone(each)),
    );
    expect(again.threadTs).toBe(ts);
  });

  it('a mention with other words below a picture draws it with them', async () => {
    w.ada.command('/imagine', 'a red bird --n 1', here());
    const first = await result('a red bird');
    w.bob.say('@app blue instead of red', { ...here(), threadTs: first.ts });
    const child = await result('a blue bird', first.ts);
    expect(child.text).toContain('bob');
  });

  it('a mention that asks for nothing is answered with what can be asked, to that person alone', async () => {
    w.bob.say('@app', here());
    const told = await eventually('help', () =>
      w.bob.ephemeral().find(({ text }) => text.includes(EN.slack.mentionHelp)),
    );
    expect(told.isEphemeral).toBe(true);
  });
});

describe('the direct conversation', () => {
  it('draws what is written, and answers commands', async () => {
    const channel = await eventually('it', () => w.ada.direct()[0]?.channel);
    w.ada.say('a yellow car --n 1', { channel });
    await eventually('the picture', () =>
      w.ada.direct().find((each) => wordsOf(each) === 'a yellow car' && isDone(each)),
    );
    w.ada.say('settings', { channel });
    const answer = await eventually('the settings', () =>
      w.ada.look({ channel }).find(({ text }) => text.includes(EN.view.settings)),
    );
    expect(answer.author).toBe(w.slack.app.botUserId);
  });
});

describe('shortcuts of a message', () => {
  it('vary, say its prompt and seed, and delete: its author alone, or an admin', async () => {
    w.ada.command('/imagine', 'a small house --n 1', here());
    const first = await result('a small house');
    const at = { ...here(), ts: first.ts };
    w.bob.messageShortcut('easel_vary', at);
    await eventually('a variation', () =>
      w.posted().find((each) => wordsOf(each) === 'a small house' && each.ts !== first.ts && isDone(each)),
    );
    w.bob.messageShortcut('easel_details', at);
    const details = await eventually('details', () =>
      w.bob.ephemeral().find(({ text }) => text.includes(EN.desk.details)),
    );
    expect(details.text).toContain('/imagine a small house');
    w.bob.messageShortcut('easel_remove', at);
    await eventually('a refusal', () => w.bob.ephemeral().find(({ text }) => text.includes(EN.error.JOB_NOT_YOURS)));
    expect(w.posted().some(({ ts }) => ts === first.ts)).toBe(true);
    w.eve.messageShortcut('easel_remove', at);
    await eventually('it to go', () => w.posted().every(({ ts }) => ts !== first.ts));
  });
});

describe('reactions', () => {
  it('arrow up, then a number, is that picture at twice its size', async () => {
    w.ada.command('/imagine', 'a purple tree', here());
    const first = await result('a purple tree');
    const at = { ...here(), ts: first.ts };
    w.bob.react(at, 'arrow_up');
    await w.bob.react(at, 'two')?.done;
    const large = await eventually('the large one', () =>
      w.posted().find((each) => each.ts !== first.ts && wordsOf(each) === 'a purple tree' && isDone(each)),
    );
    expect(large.text).toContain('Picture 2');
  });

  it('what is refused is told to who reacted alone', async () => {
    w.ada.command('/imagine', 'an old boat --n 1', here());
    const first = await result('an old boat');
    w.bob.react({ ...here(), ts: first.ts }, 'x');
    await eventually('a refusal', () => w.bob.ephemeral().find(({ text }) => text.includes(EN.error.JOB_NOT_YOURS)));
    w.ada.react({ ...here(), ts: first.ts }, 'x');
    await eventually('it to go', () => w.posted().every(({ ts }) => ts !== first.ts));
  });
});

describe('a picture that is deleted', () => {
  it('takes its file with it', async () => {
    w.ada.command('/imagine', 'a lost key --n 1', here());
    const message = await result('a lost key');
    const fileId = message.pictures[0]?.fileId ?? '';
    expect(w.slack.world.files.has(fileId)).toBe(true);
    w.ada.press({ ...here(), ts: message.ts }, `❌ ${EN.control.remove}`);
    await eventually('it to go', () => w.posted().every(({ ts }) => ts !== message.ts));
    await eventually('the file to go', () => !w.slack.world.files.has(fileId));
  });
});

describe('/easel', () => {
  it('answers the person alone, and opens a form for what needs one', async () => {
    w.bob.command('/easel', 'help', here());
    await eventually('help', () => w.bob.ephemeral().find(({ text }) => text.includes('/easel settings')));
    w.bob.command('/easel', 'setings', here());
    await eventually('a hint', () => w.bob.ephemeral().find(({ text }) => text.includes('/easel settings?')));
    w.bob.command('/easel', 'limits list', here());
    await eventually('a refusal', () => w.bob.ephemeral().find(({ text }) => text.includes(ADMINS_ONLY)));
  });

  it('settings are changed in a form, and hold for the next request', async () => {
    w.bob.command('/easel', 'settings', here());
    const shown = await eventually('settings', () =>
      w.bob.ephemeral().findLast(({ text }) => text.includes(EN.view.settings)),
    );
    w.bob.press({ ...here(), ts: shown.ts }, EN.desk.settingsDrawing);
    (await form(w.bob)).submit({ [EN.option.count]: '1' });
    await eventually('the answer', () => w.bob.form()?.callbackId === 'easel-answer');
    w.bob.form()?.close();
    w.bob.command('/imagine', 'a tall lamp', here());
    const message = await result('a tall lamp');
    expect(message.controls.filter(({ text }) => text === EN.control.varyOnly)).toHaveLength(1);
  });
});

describe('App Home', () => {
  it('shows a member what is theirs, and nothing of the workspace', async () => {
    w.ada.openHome();
    const home = await eventually('Home', () => w.ada.home());
    expect(home.text).toContain(EN.slack.homeMine);
    expect(home.text).toContain('a red apple');
    expect(home.text).toContain(EN.view.settings);
    expect(home.text).not.toContain(EN.slack.homePlace);
    w.ada.pressHome(EN.slack.homeDraw);
    await form(w.ada, EN.draw.title);
    w.ada.form()?.close();
  });

  it('shows an admin the workspace too, with answers in windows', async () => {
    w.eve.openHome();
    const home = await eventually('Home', () => w.eve.home());
    expect(home.text).toContain(EN.slack.homePlace);
    w.eve.pressHome(EN.slack.home.gallery);
    const open = await form(w.eve);
    expect(open.fields.map(({ kind }) => kind)).toEqual(['conversations_select']);
    open.close();
    w.eve.pressHome(EN.slack.home.help);
    const answer = await form(w.eve, 'Easel');
    expect(answer.text).toContain('/easel limits');
    w.eve.form()?.close();
  });

  it('shows the month as a chart, with its numbers for who cannot see it', async () => {
    w.eve.pressHome(EN.slack.home.stats);
    await eventually('the words', () => w.eve.form()?.text.includes(EN.stats.heading));
    const chart = await eventually('the chart', () => w.eve.form()?.pictures[0]);
    expect(chart.altText).toMatch(/^Pictures a day from \d{4}-\d\d-01 to .*: \d/u);
    expect(chart.bytes.subarray(1, 4).toString()).toBe('PNG');
    w.eve.form()?.close();
  });

  it('settings are changed there', async () => {
    w.eve.pressHome(EN.desk.settingsDrawing);
    (await form(w.eve, EN.form.drawing)).submit({ [EN.option.suffix]: 'at night' });
    await eventually('the answer', () => w.eve.form()?.callbackId === 'easel-answer');
    await eventually('Home to know', () => w.eve.home()?.text.includes('at night'));
  });

  it('asks Slack anew who is an admin', async () => {
    const user = w.slack.world.users.get(w.eve.id);
    if (user !== undefined) user.role = 'member';
    w.eve.pressHome(EN.slack.home.gallery);
    await eventually('a refusal', () => w.eve.form()?.text.includes(ADMINS_ONLY));
    if (user !== undefined) user.role = 'admin';
    w.eve.form()?.close();
  });
});
