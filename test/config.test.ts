import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { readConfig, SETTING_NAMES } from '../src/config.ts';
import { AppError } from '../src/errors.ts';

const example = parse(readFileSync(new URL('../.env.example', import.meta.url)));

function refusalOf(environment: Record<string, string>): AppError {
  try {
    readConfig(environment);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('expected a refusal');
}

describe('configuration', () => {
  it('.env.example names every setting and nothing else', () => {
    expect(new Set(Object.keys(example))).toEqual(new Set(SETTING_NAMES));
  });

  it('.env.example left as it is means the defaults', () => {
    expect(readConfig(example)).toEqual(readConfig({}));
  });

  it('has defaults that stay on this machine', () => {
    const config = readConfig({});
    expect(config.web).toEqual({ host: '127.0.0.1', port: 3000, hostToken: null, publicUrl: null });
    expect(config).toMatchObject({ devices: ['auto'], model: null, discord: null, slack: null, databaseUrl: null });
  });

  it('is frozen, its parts too', () => {
    const config = readConfig({});
    expect(() => Object.assign(config.web, { port: 1 })).toThrow(TypeError);
  });

  it('reads what is set', () => {
    const config = readConfig({
      EASEL_PORT: '8080',
      EASEL_PUBLIC_URL: 'https://easel.example.org/',
      EASEL_DEVICE: 'cuda:0, cuda:1,webgpu',
      DISCORD_TOKEN: ' abc ',
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      DATABASE_URL: 'postgres://easel@127.0.0.1:5432/easel',
    });
    expect(config.web.port).toBe(8080);
    expect(config.web.publicUrl).toBe('https://easel.example.org');
    expect(config.devices).toEqual(['cuda:0', 'cuda:1', 'webgpu']);
    expect(config.discord).toEqual({ token: 'abc', apiUrl: null });
    expect(config.slack).toMatchObject({ botToken: 'xoxb-1', appToken: 'xapp-1' });
    expect(config.databaseUrl).toBe('postgres://easel@127.0.0.1:5432/easel');
  });

  it('tells every problem at once, by name and never by value', () => {
    const secret = 'hunter2';
    const refusal = refusalOf({
      EASEL_PORT: `${secret}1`,
      EASEL_DEVICE: `${secret}2`,
      EASEL_LOG_LEVEL: `${secret}3`,
      EASEL_HOST_TOKEN: secret,
      EASEL_PUBLIC_URL: `ftp://${secret}`,
      SLACK_BOT_TOKEN: secret,
      DATABASE_URL: `mysql://root:${secret}@db/easel`,
      REDIS_URL: secret,
    });
    expect(refusal.code).toBe('CONFIG_INVALID');
    for (const name of [
      'EASEL_PORT',
      'EASEL_DEVICE',
      'EASEL_LOG_LEVEL',
      'EASEL_HOST_TOKEN',
      'EASEL_PUBLIC_URL',
      'SLACK_BOT_TOKEN must start',
      'SLACK_BOT_TOKEN needs SLACK_APP_TOKEN',
      'DATABASE_URL',
      'REDIS_URL',
    ]) {
      expect(refusal.message).toContain(name);
    }
    expect(refusal.message).not.toContain(secret);
  });

  it('refuses a port that no machine has', () => {
    expect(refusalOf({ EASEL_PORT: '65536' }).message).toContain('EASEL_PORT must be a whole number from 0 to 65535.');
  });

  it('answers a misspelled setting with the nearest one', () => {
    expect(refusalOf({ EASEL_DEVISE: 'cpu' }).message).toContain('did you mean EASEL_DEVICE?');
  });

  it('leaves names alone that are nothing like a setting', () => {
    expect(readConfig({ EASEL_PYTHON: '/usr/bin/python3' })).toEqual(readConfig({}));
  });

  it('misses the bot token when only the app token is there', () => {
    expect(refusalOf({ SLACK_APP_TOKEN: 'xapp-1' }).message).toContain('SLACK_BOT_TOKEN is missing');
  });
});
