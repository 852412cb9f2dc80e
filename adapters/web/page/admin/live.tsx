// What happens now: the queue, pictures painting themselves, the drawing program; pause, resume, cancel, clear.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { WireGlimpse, WireJob, WireLive, WireWorker } from '../../admin/wire.ts';
import { Icon } from '../icons.tsx';
import { address, api } from './api.ts';
import { formatBytes, formatNumber, formatSeconds } from './format.ts';
import { attempt, change, useLoaded } from './load.ts';
import { Card, Empty, Meter, Problem } from './parts.tsx';
import { here, me } from './state.ts';

const REOPEN_AFTER_MS = 2_000;

export function Live() {
  const loaded = useLoaded(api.live);
  const glimpses = useSignal<ReadonlyMap<string, ReadonlyMap<number, string>>>(new Map());
  useEffect(() => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(address('events'));
      source.addEventListener('live', (event) => {
        const live = JSON.parse(event.data) as WireLive;
        loaded.value.value = live;
        const ids = new Set(live.jobs.map(({ id }) => id));
        glimpses.value = new Map([...glimpses.peek()].filter(([id]) => ids.has(id)));
      });
      source.addEventListener('glimpse', (event) => {
        const { id, pictureIndex, png } = JSON.parse(event.data) as WireGlimpse;
        const painted = new Map(glimpses.peek().get(id)).set(pictureIndex, png);
        glimpses.value = new Map(glimpses.peek()).set(id, painted);
      });
      source.onerror = () => {
        if (source.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(() => {
          // Signed out, or no admin any more: the answer to this says so.
          loaded.again();
          open();
        }, REOPEN_AFTER_MS);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [here.value]);

  const live = loaded.value.value;
  if (live === null) return <Problem text={loaded.problem.value} />;
  return (
    <div class="columns">
      <Card title="Queue" aside={<PauseButtons live={live} again={loaded.again} />}>
        {live.paused.everywhere && <p class="banner">Paused everywhere by the host. What was accepted is kept.</p>}
        {live.paused.here && <p class="banner">Paused here. Nothing new is accepted; what was accepted is drawn.</p>}
        {live.jobs.length === 0 ? (
          <Empty>Nothing waits and nothing is painted here. New requests appear by themselves.</Empty>
        ) : (
          <ol class="jobs" aria-label="Queue">
            {live.jobs.map((job) => (
              <Job key={job.id} job={job} painted={glimpses.value.get(job.id)} again={loaded.again} />
            ))}
          </ol>
        )}
        {live.more > 0 && <p class="card-note">and {formatNumber(live.more)} more, of this and other places</p>}
      </Card>
      <Card title="Drawing">
        <p class="figures">
          <Figure value={formatNumber(live.counts.drawing)} label="being painted" />
          <Figure value={formatNumber(live.counts.waiting)} label="waiting, in all places" />
        </p>
        {live.workers.map((worker, index) => (
          <Worker key={`${worker.device}${index}`} worker={worker} />
        ))}
      </Card>
    </div>
  );
}

function Figure({ value, label }: { value: string; label: string }) {
  return (
    <span class="figure">
      <strong>{value}</strong>
      <span>{label}</span>
    </span>
  );
}

function PauseButtons({ live, again }: { live: WireLive; again: () => void }) {
  const toggle = (where: 'tenant' | 'host', isPaused: boolean) => {
    const done = isPaused ? 'Resumed.' : 'Paused: nothing new is accepted.';
    change({ do: isPaused ? 'resume' : 'pause', where }, done, again).catch(() => {});
  };
  return (
    <span class="buttons">
      <button type="button" class="button" onClick={() => toggle('tenant', live.paused.here)}>
        <Icon name={live.paused.here ? 'play' : 'pause'} />
        {live.paused.here ? 'Resume here' : 'Pause here'}
      </button>
      {me.value?.isHost === true && (
        <button type="button" class="button" onClick={() => toggle('host', live.paused.everywhere)}>
          {live.paused.everywhere ? 'Resume everywhere' : 'Pause everywhere'}
        </button>
      )}
    </span>
  );
}

function Job({
  job,
  painted,
  again,
}: {
  job: WireJob;
  painted: ReadonlyMap<number, string> | undefined;
  again: () => void;
}) {
  const { who, prompt, pictures, secondsLeft, place, state, doneShare } = job;
  const left = secondsLeft === null ? '' : `, about ${formatSeconds(secondsLeft)} left`;
  const words = {
    queued: place === null ? `waiting${left}` : `place ${place}${left}`,
    painting: `${Math.round(doneShare * 100)} % painted${left}`,
    waiting: 'kept until the device is back',
    paused: 'kept while drawing is paused',
  }[state];
  return (
    <li class="job">
      <span class="job-pictures" aria-hidden="true">
        {Array.from({ length: Math.min(4, pictures) }, (_, index) => {
          const png = painted?.get(index);
          return png === undefined ? (
            <span key={index} class="job-blank" />
          ) : (
            <img key={index} alt="" src={`data:image/png;base64,${png}`} />
          );
        })}
      </span>
      <span class="job-text">
        <strong>{prompt ?? 'Private'}</strong>
        <span>
          {who.name} · {pictures === 1 ? '1 picture' : `${pictures} pictures`} · {words}
        </span>
        {state === 'painting' && <Meter share={doneShare} label={`Painted of ${prompt ?? 'a private picture'}`} />}
      </span>
      <span class="buttons">
        <button
          type="button"
          class="button is-quiet"
          onClick={() => void attempt(() => api.cancel(job.id), 'Cancelled and refunded.').then(again)}
        >
          Cancel
        </button>
        <button
          type="button"
          class="button is-quiet"
          title={`Cancel everything of ${who.name}`}
          onClick={() => void change({ do: 'clear', user: who.id }, `Everything of ${who.name} was cancelled.`, again)}
        >
          Clear
        </button>
      </span>
    </li>
  );
}

function Worker({ worker }: { worker: WireWorker }) {
  const { state, device, model, slots, msPerPicture, memoryBytes } = worker;
  const rows: readonly (readonly [string, string])[] = [
    ['Model', model],
    ['Device', device ?? 'none yet'],
    ['State', state],
    ['Pictures at once', slots === null ? '–' : String(slots)],
    ['A picture alone', msPerPicture === null ? '–' : `${formatNumber(msPerPicture)} ms`],
    ['Memory', memoryBytes === null ? '–' : formatBytes(memoryBytes)],
  ];
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={name === 'State' && value !== 'ready' ? 'is-bad' : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
