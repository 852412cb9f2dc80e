// One generation as a message: who asked for what, the pictures as they paint themselves, and what can be done with them.

import type { WireMessage } from '../wire.ts';
import { copy } from './actions.ts';
import { Avatar } from './avatar.tsx';
import { Controls } from './controls.tsx';
import { Icon } from './icons.tsx';
import { Pictures } from './pictures.tsx';
import { AddReaction, Reactions } from './reactions.tsx';
import { messageOf, nameOf, previewOf, session, shownLineage } from './state.ts';
import { dayAndTime, timeOfDay } from './time.ts';
import { t } from './words.ts';

export function Message({ message }: { message: WireMessage }) {
  const { id, author, kind, heading, lines, prompt, command, parent, pictures, seed } = message;
  const isMine = author.id === session.value?.me.id;
  const isWorking = kind === 'queued' || kind === 'painting' || kind === 'waiting';
  // While it waits, its lines are place and time; what there is to notice is in time to cancel.
  const shownLines = isWorking ? message.notices : lines;
  return (
    <article
      class={`message is-${kind}${isMine ? ' is-mine' : ''}`}
      aria-label={`${nameOf(author)}: ${prompt}. ${heading}`}
      data-message={id}
      data-kind={kind}
    >
      <Avatar id={author.id} name={nameOf(author)} />
      <div class="message-body">
        <header class="message-head">
          <strong>{nameOf(author)}</strong>
          <span class="verb">{t(VERBS[message.request])}</span>
          <time dateTime={new Date(message.createdAtMs).toISOString()} title={dayAndTime(message.createdAtMs)}>
            {timeOfDay(message.createdAtMs)}
          </time>
          {message.private && (
            <span class="tag">
              <Icon name="lock" /> {t('Only you see this')}
            </span>
          )}
          <AddReaction message={message} />
        </header>
        {parent !== null && <Parent message={message} />}
        <p class="prompt" dir="auto">
          {prompt}
        </p>
        <Flags command={command} prompt={prompt} />
        <Status message={message} />
        {pictures.length > 0 && (isWorking || kind === 'result') && <Pictures message={message} />}
        {shownLines.length > 0 && (
          <ul class="lines">
            {shownLines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
        {kind === 'result' && (
          <p class="facts">
            <button
              type="button"
              class="fact"
              title={t('Copy the seed')}
              onClick={() => void copy(`${seed}`, t('Seed'))}
            >
              <span>{t('Seed')}</span> {seed} <Icon name="copy" />
            </button>
            <button
              type="button"
              class="fact"
              title={t('Copy the prompt')}
              onClick={() => void copy(command, t('Prompt'))}
            >
              <span>{t('Prompt')}</span> <Icon name="copy" />
            </button>
            {message.fields.slice(1).map(({ name, value }) => (
              <span class="fact" key={name}>
                <span>{name}</span> {value}
              </span>
            ))}
          </p>
        )}
        <Controls message={message} />
        <Reactions message={message} />
      </div>
    </article>
  );
}

const VERBS: Record<WireMessage['request'], string> = {
  imagine: 'used /imagine',
  reroll: 'rolled again',
  variation: 'asked for variations',
  upscale: 'upscaled',
};

/** The options after the prompt, as they can be typed again. */
function Flags({ command, prompt }: { command: string; prompt: string }) {
  const flags = command.startsWith(prompt) ? command.slice(prompt.length).trim() : '';
  return flags === '' ? null : <code class="flags">{flags}</code>;
}

function Parent({ message }: { message: WireMessage }) {
  const { parent, request } = message;
  if (parent === null) return null;
  const of = messageOf(parent.id)?.value;
  const picture = parent.pictureIndex === null ? '' : t(' picture {picture} of', { picture: parent.pictureIndex + 1 });
  const isMine = of?.author.id === session.value?.me.id;
  const whose = of === undefined ? t('an earlier one') : isMine ? t('yours') : t("{who}'s", { who: nameOf(of.author) });
  const word = { variation: 'Varied from', upscale: 'Upscaled from', reroll: 'From', imagine: 'From' }[request];
  const drawn = of?.pictures[parent.pictureIndex ?? 0]?.url ?? null;
  return (
    <button
      type="button"
      class="parent"
      title={t('Show where it comes from and what came of it')}
      onClick={() => {
        shownLineage.value = message.id;
      }}
    >
      <Icon name="lineage" />
      {drawn !== null && <img src={drawn} alt="" width="20" height="20" />}
      <span>
        {t(word)}
        {picture} {whose}
        {of === undefined || of.prompt === message.prompt ? '' : `: “${of.prompt}”`}
      </span>
    </button>
  );
}

/** Place, time left, or why not; nothing once it is done. */
function Status({ message }: { message: WireMessage }) {
  const { id, kind, heading, lines, pictures, request } = message;
  if (kind === 'result') return request === 'upscale' ? <p class="heading">{heading}</p> : null;
  if (kind !== 'painting') {
    return (
      <p class={`status is-${kind}`}>
        <span class="pulse" aria-hidden="true" />
        <strong>{heading}</strong>
        {kind === 'queued' && lines.map((line) => <span key={line}>{line}</span>)}
      </p>
    );
  }
  let done = 0;
  for (const { index, state } of pictures) {
    const preview = previewOf(id, index).value;
    if (state === 'drawn') done += 1;
    else if (preview !== null) done += preview.rowsDone / preview.rows;
  }
  const share = Math.max(message.progressShare ?? 0, done / Math.max(1, pictures.length));
  const percent = Math.min(100, Math.round(share * 100));
  return (
    <div class="status is-painting">
      <strong>{heading}</strong>
      <span>{percent} %</span>
      {lines.slice(1).map((line) => (
        <span key={line}>{line}</span>
      ))}
      <progress max="100" value={percent} aria-label={t('How much is drawn')} />
    </div>
  );
}
