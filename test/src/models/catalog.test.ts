import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { filePath, loadCatalog, readVocabulary, resolveModel, verifyModel } from '../../../src/models/catalog.ts';
import { assertVerified } from '../../../src/models/verify.ts';
import { FIXTURES_DIR } from '../pipeline/slot-of.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'easel-catalog-'));
  await cp(join(FIXTURES_DIR, 'catalog.json'), join(dir, 'catalog.json'));
  await cp(join(FIXTURES_DIR, 'tiny-model'), join(dir, 'tiny-model'), { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function editManifest(edit: (manifest: Record<string, unknown>) => void): Promise<void> {
  const path = join(dir, 'tiny-model', 'model.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  edit(manifest);
  await writeFile(path, JSON.stringify(manifest));
}

describe('resolving', () => {
  test('gives the manifest, the folder and an identity that follows every file', async () => {
    const catalog = await loadCatalog(dir);
    expect(catalog).toMatchObject({ defaultName: 'tiny', names: ['tiny'] });
    const model = await catalog.resolve('tiny');
    expect(model).toMatchObject({
      name: 'tiny',
      dir: join(dir, 'tiny-model'),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(filePath(model, 'weights')).toBe(join(dir, 'tiny-model', 'gpt.data'));
    await editManifest((manifest) => {
      manifest['title'] = 'Another';
    });
    expect((await catalog.resolve('tiny')).hash).not.toBe(model.hash);
  });

  test('an unknown name tells the nearest one, or all there are', async () => {
    const catalog = await loadCatalog(dir);
    await expect(resolveModel('tinny', catalog)).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      message: expect.stringContaining('Did you mean tiny?'),
    });
    await expect(resolveModel('something-else-entirely', catalog)).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      message: expect.stringContaining('Known: tiny.'),
    });
  });

  test.each(['../tiny-model', '__proto__', '', 'x'.repeat(5000)])(
    'the name %j is unknown, never a path',
    async (name) => {
      const error: unknown = await resolveModel(name, await loadCatalog(dir)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'MODEL_UNKNOWN' });
      expect((error as Error).message.length).toBeLessThan(200);
    },
  );

  test('a folder without a catalog, or without the model, is missing with its path', async () => {
    await expect(loadCatalog(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'MODEL_MISSING' });
    await rm(join(dir, 'tiny-model', 'model.json'));
    await expect(resolveModel('tiny', await loadCatalog(dir))).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('model.json'),
    });
  });

  test.each<[string, (manifest: Record<string, unknown>) => void, RegExp]>([
    ['another format', (manifest) => (manifest['formatVersion'] = 2), /formatVersion/],
    ['a missing grid', (manifest) => delete manifest['grid'], /grid/],
    [
      'a file outside its folder',
      (manifest) => ((manifest['files'] as Record<string, { path: string }>)['row'] = { path: '../row.onnx' }),
      /files\.row\.path/,
    ],
  ])('a description with %s is invalid and says where', async (_, edit, where) => {
    await editManifest(edit);
    await expect(resolveModel('tiny', await loadCatalog(dir))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(where),
    });
  });

  test('a description that is not JSON is invalid', async () => {
    await writeFile(join(dir, 'tiny-model', 'model.json'), '{"name":');
    await expect(resolveModel('tiny', await loadCatalog(dir))).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  test('the vocabulary names objects with their emoji', async () => {
    const model = await resolveModel('tiny', await loadCatalog(dir));
    const { objects, words } = await readVocabulary(model);
    expect(objects.find((one) => one.name === 'fox')?.emoji).toBe('🦊');
    expect(words.length).toBeGreaterThan(0);
  });
});

describe('verifying', () => {
  test('passes the files as they were exported', async () => {
    const report = await verifyModel('tiny', await loadCatalog(dir));
    expect(report.files.filter((file) => file.state !== 'ok')).toEqual([]);
    expect(report).toMatchObject({ ok: true, model: 'tiny' });
    expect(report.files).toHaveLength(9);
    expect(() => assertVerified(report)).not.toThrow();
  });

  test.each([
    ['missing', 'MODEL_MISSING', (path: string) => rm(path)],
    ['cut', 'MODEL_CUT', (path: string) => truncate(path, 100)],
    ['altered', 'MODEL_ALTERED', (path: string) => writeFile(path, '!', { flag: 'r+' })],
  ])('tells a file that is %s, by name, with what to do', async (state, code, damage) => {
    await damage(join(dir, 'tiny-model', 'decoder.onnx'));
    const report = await verifyModel('tiny', await loadCatalog(dir));
    expect(report.ok).toBe(false);
    const bad = report.files.filter((file) => file.state !== 'ok');
    expect(bad).toMatchObject([{ role: 'decoder', path: 'decoder.onnx', state }]);
    expect(bad[0]?.message).toMatch(/decoder\.onnx.*Restore/);
    expect(() => assertVerified(report)).toThrow(expect.objectContaining({ code }));
  });
});
