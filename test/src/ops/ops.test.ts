import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { createLog } from '../../../src/ops/log.ts';
import { createMetrics } from '../../../src/ops/metrics.ts';
import { persist } from '../../../src/ops/persist.ts';
import { createShutdown } from '../../../src/ops/shutdown.ts';
import { onStep, step } from '../../../src/ops/step.ts';
import { createHandClock } from '../../fakes/hand-clock.ts';

describe('the log', () => {
  const logged = (work: (log: ReturnType<typeof createLog>) => void, withPrompts = false) => {
    const lines: string[] = [];
    work(createLog({ level: 'debug', withPrompts, destination: { write: (line) => void lines.push(line) } }));
    return lines.join('');
  };
  // Not real ones, and never whole in the source: hosts scan repositories for such strings.
  const TOKENS = ['xoxb', 'xapp'].map((head) => [head, '123456789012', 'abcdefghijklmnop'].join('-'));
  TOKENS.push(['MTIzNDU2Nzg5MDEyMzQ1Njc4', 'GabcdE', 'abcdefghijklmnopqrstuvwxyz01'].join('.'));

  it('keeps what people typed, tokens and addresses out, at any depth', () => {
    const text = logged((log) => {
      log.info('accepted', { prompt: 'a secret fox', scope: { text: 'hidden', user: 'ada' }, botToken: 'abc', id: 7 });
      log.info('failed', { reason: `GET https://hooks.example/T1?key=1 with ${TOKENS.join(' ')}` });
      log.info('picture', { png: new Uint8Array(3) });
    });
    expect(text).toContain('"user":"ada"');
    expect(text).toContain('"id":7');
    expect(text).toContain('3 bytes');
    for (const hidden of ['secret fox', 'hidden', 'abc"', 'hooks.example', ...TOKENS])
      expect(text).not.toContain(hidden);
  });

  it('writes prompts and addresses only when the host opted in, tokens never', () => {
    const text = logged((log) => log.info('x', { prompt: 'a fox', reason: `http://host/ ${TOKENS[0]}` }), true);
    expect(text).toContain('a fox');
    expect(text).toContain('http://host/');
    expect(text).not.toContain(TOKENS[0]);
  });

  it('writes the code of a refusal, and not its message, which quotes what was typed', () => {
    const text = logged((log) =>
      log.error('refused', new AppError('INPUT_FLAG_UNKNOWN', 'There is no --fxo "my words"')),
    );
    expect(text).toContain('INPUT_FLAG_UNKNOWN');
    expect(text).not.toContain('my words');
  });

  it('writes our own words for what a host can mend, beside those of the cause', () => {
    const cause = new Error('missing_scope');
    const text = logged((log) => log.error('failed', new AppError('ADAPTER_REFUSED', 'Add the line.', { cause })));
    expect(text).toContain('Add the line.');
    expect(text).toContain('missing_scope');
  });

  it('carries the request id through everything the request starts', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
    await log.withRequest('r-1', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      log.info('inside');
    });
    log.info('outside');
    expect(lines[0]).toContain('"requestId":"r-1"');
    expect(lines[1]).not.toContain('requestId');
  });
});

describe('shutdown', () => {
  it('closes in the reverse order of opening, each step after the one before, even when one fails', async () => {
    const order: string[] = [];
    const shutdown = createShutdown();
    shutdown.add('database', () => void order.push('database'));
    shutdown.add('worker', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('worker');
      throw new Error('stuck');
    });
    shutdown.add('requests', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('requests');
    });
    const failures = await shutdown.close();
    expect(order).toEqual(['requests', 'worker', 'database']);
    expect([...failures.keys()]).toEqual(['worker']);
  });

  it('runs once, however often it is asked', async () => {
    let closed = 0;
    const shutdown = createShutdown();
    shutdown.add('only', () => void closed++);
    await Promise.all([shutdown.close(), shutdown.close()]);
    expect(closed).toBe(1);
  });
});

describe('step', () => {
  it('is told before and after the effect, and after only when it succeeded', async () => {
    const seen: string[] = [];
    const stop = onStep((name, edge) => seen.push(`${edge} ${name}`));
    await step('post', async () => void seen.push('effect'));
    await expect(step('draw', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    stop();
    await step('post', async () => {});
    expect(seen).toEqual(['before post', 'effect', 'after post', 'before draw']);
  });

  it('is counted', async () => {
    const metrics = createMetrics();
    await step('post', async () => {});
    await step('post', () => Promise.reject(new Error('no'))).catch(() => {});
    expect(metrics.steps.post).toEqual({ begun: 2, ended: 1 });
    expect(metrics.render({ waiting: 3 })).toContain('easel_steps_total{step="post",edge="before"} 2');
    expect(metrics.render({ waiting: 3 })).toContain('easel_waiting 3');
    metrics.close();
  });
});

describe('persist', () => {
  const away = () => new AppError('STORE_FAILED', 'The database is away.');

  it('tries again while the database is away, and answers when it is back', async () => {
    const clock = createHandClock();
    let tries = 0;
    const answer = persist(
      async () => {
        tries += 1;
        if (tries < 4) throw away();
        return 'stored';
      },
      clock,
      new AbortController().signal,
    );
    await clock.pass(60_000);
    expect(await answer).toBe('stored');
    expect(tries).toBe(4);
  });

  it('does not try again what trying cannot help', async () => {
    let tries = 0;
    const effect = async () => {
      tries += 1;
      throw new AppError('JOB_NOT_FOUND', 'Gone.');
    };
    await expect(persist(effect, createHandClock(), new AbortController().signal)).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
    });
    expect(tries).toBe(1);
  });

  it.each(['before', 'while waiting'])('ends with the last failure when it is aborted %s', async (when) => {
    const clock = createHandClock();
    const controller = new AbortController();
    if (when === 'before') controller.abort();
    const answer = persist(() => Promise.reject(away()), clock, controller.signal);
    const settled = expect(answer).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await clock.pass(50);
    controller.abort();
    await settled;
  });
});
