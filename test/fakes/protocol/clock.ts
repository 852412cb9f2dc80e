/** The time of a protocol server: it runs with the wall clock, faster or not at all, and a test turns it on by hand. */

export type ProtocolClock = {
  nowMs(): number;
  /** Runs this once the time has come, whether it passed or was turned. @returns takes it back */
  after(delayMs: number, run: () => void): () => void;
  sleep(delayMs: number): Promise<void>;
  /** Turns the clock on: what was due in between runs in order, each at its own hour. */
  pass(delayMs: number): Promise<void>;
  /** Forgets everything that waits. */
  close(): void;
};

/** @param speed clock milliseconds in one of the wall's: 0 stands still until a test turns it, 60 makes 15 minutes of 15 seconds */
export function createProtocolClock({
  speed = 1,
  startMs = Date.now(),
}: {
  speed?: number;
  startMs?: number;
} = {}): ProtocolClock {
  type Alarm = { atMs: number; run(): void };
  const alarms = new Set<Alarm>();
  const openedMs = performance.now();
  let turnedMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const nowMs = () => Math.floor(startMs + turnedMs + (performance.now() - openedMs) * speed);
  const nextAlarm = () => [...alarms].sort((one, other) => one.atMs - other.atMs)[0];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  function ring(untilMs: number): void {
    for (let alarm = nextAlarm(); alarm !== undefined && alarm.atMs <= untilMs; alarm = nextAlarm()) {
      alarms.delete(alarm);
      alarm.run();
    }
  }

  function wind(): void {
    clearTimeout(timer);
    const alarm = nextAlarm();
    if (alarm === undefined || speed === 0) return;
    timer = setTimeout(
      () => {
        ring(nowMs());
        wind();
      },
      Math.max(1, (alarm.atMs - nowMs()) / speed),
    );
    timer.unref();
  }

  function after(delayMs: number, run: () => void): () => void {
    const alarm = { atMs: nowMs() + delayMs, run };
    alarms.add(alarm);
    wind();
    return () => void alarms.delete(alarm);
  }

  return {
    nowMs,
    after,
    sleep: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
    async pass(delayMs) {
      const untilMs = nowMs() + delayMs;
      await settle();
      for (let alarm = nextAlarm(); alarm !== undefined && alarm.atMs <= untilMs; alarm = nextAlarm()) {
        turnedMs += Math.max(0, alarm.atMs - nowMs());
        ring(nowMs());
        await settle();
      }
      turnedMs += Math.max(0, untilMs - nowMs());
      wind();
      await settle();
    },
    close() {
      alarms.clear();
      clearTimeout(timer);
    },
  };
}
