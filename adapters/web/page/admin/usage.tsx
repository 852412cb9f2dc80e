// How the device is used: pictures over time, by whom and with what; refusals, and how long people waited.

import { useSignal } from '@preact/signals';
import type { WireShare, WireUsage } from '../../admin/wire.ts';
import { api } from './api.ts';
import { Chart } from './chart.tsx';
import { formatNumber, formatSeconds } from './format.ts';
import { useLoaded } from './load.ts';
import { Card, Empty, Problem } from './parts.tsx';

const SPANS = [7, 30, 90, 365] as const;

export function Usage() {
  const days = useSignal(30);
  const loaded = useLoaded(() => api.usage(days.value), [days.value]);
  const usage = loaded.value.value;
  if (usage === null) return <Problem text={loaded.problem.value} />;
  const pictures = usage.days.reduce((sum, day) => sum + day.pictures, 0);
  const gpuSeconds = usage.days.reduce((sum, day) => sum + day.gpuSeconds, 0);
  const refusals = usage.refusals.filter(({ shadow }) => !shadow).reduce((sum, each) => sum + each.refusals, 0);
  return (
    <div class="stack">
      <fieldset class="spans">
        <legend class="only-heard">Time shown</legend>
        {SPANS.map((span) => (
          <button
            key={span}
            type="button"
            class="button"
            aria-pressed={days.value === span}
            onClick={() => {
              days.value = span;
            }}
          >
            {span === 365 ? '1 year' : `${span} days`}
          </button>
        ))}
      </fieldset>
      <p class="figures">
        <span class="figure">
          <strong>{formatNumber(pictures)}</strong>
          <span>pictures</span>
        </span>
        <span class="figure">
          <strong>{formatSeconds(gpuSeconds)}</strong>
          <span>of the device</span>
        </span>
        <span class="figure">
          <strong>{formatNumber(refusals)}</strong>
          <span>refusals</span>
        </span>
      </p>
      <Card title="Pictures a day">
        <Chart
          label={`Pictures a day from ${usage.from} to ${usage.to}: ${formatNumber(pictures)} in all`}
          days={usage.days.map(({ day }) => day)}
          series={[{ name: 'Pictures', values: usage.days.map((day) => day.pictures), kind: 'bars' }]}
        />
      </Card>
      <div class="thirds">
        <Shares title="People" rows={usage.people} />
        <Shares title="Channels" rows={usage.channels} />
        <Shares title="Models" rows={usage.models} />
        {usage.tenants.length > 0 && <Shares title="Places" rows={usage.tenants} />}
        <Refusals usage={usage} />
      </div>
      <Card
        title="Waiting"
        note="From the request to the finished picture: half waited no longer than the lower line, 19 of 20 than the upper."
      >
        {usage.waits.length === 0 ? (
          <Empty>Nobody waited yet.</Empty>
        ) : (
          <Chart
            label="Seconds people waited, by day"
            days={usage.waits.map(({ day }) => day)}
            series={[
              { name: 'Half', values: usage.waits.map(({ p50Ms }) => p50Ms / 1_000), kind: 'line' },
              { name: '19 of 20', values: usage.waits.map(({ p95Ms }) => p95Ms / 1_000), kind: 'line' },
            ]}
            unit="s"
          />
        )}
      </Card>
    </div>
  );
}

function Shares({ title, rows }: { title: string; rows: readonly WireShare[] }) {
  const most = Math.max(1, ...rows.map(({ pictures }) => pictures));
  return (
    <Card title={title}>
      {rows.length === 0 ? (
        <Empty>Nothing yet.</Empty>
      ) : (
        <ol class="shares">
          {rows.map(({ id, name, pictures, gpuSeconds }) => (
            <li key={id}>
              <span class="share-name">{name}</span>
              <span class="share-value" title={`${formatSeconds(gpuSeconds)} of the device`}>
                {formatNumber(pictures)}
              </span>
              <span class="share-bar" aria-hidden="true">
                <span style={{ width: `${(pictures / most) * 100}%` }} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function Refusals({ usage }: { usage: WireUsage }) {
  return (
    <Card title="Refusals">
      {usage.refusals.length === 0 ? (
        <Empty>Nobody was refused.</Empty>
      ) : (
        <ol class="shares">
          {usage.refusals.map(({ reason, shadow, refusals }) => (
            <li key={`${reason}${shadow}`}>
              <span class="share-name">
                {reason}
                {shadow && <em class="tag">only watched</em>}
              </span>
              <span class="share-value">{formatNumber(refusals)}</span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
