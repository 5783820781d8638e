import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { readDecisionFile } from '../../../src/telemetry/decisions/decision-file.ts';
import {
  migrate,
  migrations,
  schemaVersion,
  versionOf,
} from '../../../src/telemetry/decisions/schema.ts';
import { makeTempDirectory, writeFileIn } from '../../support/temp-directory.ts';
import { makeRequest } from './make-request.ts';
import { openStore } from './open-store.ts';

function fileName(): string {
  return join(makeTempDirectory(), 'decisions.db');
}

/** A store's file with decisions in it, closed. */
async function makeFile(): Promise<string> {
  const { store, path } = await openStore();
  store.record(makeRequest());
  await store.close();
  return path;
}

describe('a file of a newer version', () => {
  it('is refused in words, and not touched', async () => {
    const path = await makeFile();
    const database = new Database(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(path);
    await expect(openStore({ path })).rejects.toThrow(
      /decisions\.db was written by a newer version .*format is 99.*not touched/,
    );
    expect(() => readDecisionFile(path)).toThrow(/newer version/);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(dirname(path))).toEqual(['decisions.db']);
  });
});

describe('a corrupt file', () => {
  it.each([
    ['that never was a database', () => Buffer.from('this is something else. '.repeat(1_000))],
    ['whose first page is overwritten', (content: Buffer) => content.fill(0x5a, 100, 4_096)],
    ['that is cut off', (content: Buffer) => content.subarray(0, 5_000)],
  ])('%s is moved aside with its name in the log, and a new one begun', async (_what, damage) => {
    const path = await makeFile();
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    const { store, log } = await openStore({ path });
    store.record(makeRequest({ decisionId: 'dec_new' }));
    expect(await store.get('dec_new')).toMatchObject({ id: 'dec_new' });
    const movedTo = `${path}.corrupt-2023-11-14T22-13-20-000Z`;
    expect(log).toEqual([expect.objectContaining({ level: 'error', facts: { path, movedTo } })]);
    expect(readFileSync(movedTo).equals(damaged)).toBe(true);
  });

  it('that is found out later has a successor, too', async () => {
    const { store, path } = await openStore();
    for (let index = 0; index < 2_000; index += 1) {
      store.record(makeRequest({ decisionId: `dec_${index}`, text: `${index} `.repeat(50) }));
    }
    await store.close();
    const content = readFileSync(path);
    // All but the schema and the beginning, which opening reads.
    writeFileSync(path, content.fill(0x5a, Math.floor(content.length / 2)));
    const again = await openStore({ path });
    await again.store.list({ limit: 1_000, text: '7' }).catch(() => {});
    for (let index = 0; index < 500; index += 1) {
      again.store.record(makeRequest({ decisionId: `dec_after_${index}`, text: `${index}` }));
      if (index % 100 === 0) await again.store.get('dec_1').catch(() => {});
    }
    again.store.record(makeRequest({ decisionId: 'dec_last' }));
    expect(await again.store.get('dec_last')).toMatchObject({ id: 'dec_last' });
    expect(again.log.map(({ message }) => message)).toContain(
      'the decision store was corrupt: it was moved aside',
    );
  });
});

describe('a file that can not be written', () => {
  it.each([
    ['because its directory is a file', (path: string) => writeFileIn(path, '../blocked', '')],
    ['because it is a directory', (path: string) => void mkdirSync(path)],
  ])('%s: requests go on, questions are answered with not_ready', async (what, block) => {
    const path = fileName();
    block(path);
    const at = what.includes('its directory')
      ? join(dirname(path), 'blocked', 'decisions.db')
      : path;
    const { store, log, clock } = await openStore({ path: at });
    expect(log[0]).toMatchObject({
      level: 'error',
      message: 'the decision store is not available: no decision is kept',
    });
    store.record(makeRequest());
    clock.advance(1_000);
    for (const question of [store.list({ limit: 1 }), store.get('dec_1')]) {
      await expect(question).rejects.toMatchObject({ code: 'not_ready' });
    }
    expect(store.stats()).toEqual({ queued: 0, dropped: 1, written: 0, lagMs: 0 });
    expect(log.at(-1)?.message).toBe('decisions dropped: 1');
  });
});

describe('migrations', () => {
  it('are taken once each, whole or not at all', () => {
    const database = new Database(':memory:');
    const first = 'CREATE TABLE one (a);';
    migrate(database, [first]);
    migrate(database, [first, 'CREATE TABLE two (a);']);
    expect(versionOf(database)).toBe(2);
    expect(() => migrate(database, [first, first, 'CREATE TABLE three (a); NONSENSE;'])).toThrow();
    if (database.inTransaction) database.exec('ROLLBACK');
    expect(versionOf(database)).toBe(2);
    expect(database.prepare('SELECT name FROM sqlite_master').all()).toHaveLength(2);
  });

  it('bring a store of any earlier version to this one, with what is in it', async () => {
    for (let version = 1; version < schemaVersion; version += 1) {
      const path = join(makeTempDirectory(), 'decisions.db');
      const old = new Database(path);
      migrate(old, migrations.slice(0, version));
      old.exec(`INSERT INTO decisions VALUES
        (1, 'dec_old', 1, 'coding', NULL, 'gpt', 'open', 'ok', 200, 0.5, NULL, 'posterior', 'chat', 0, 1, 5, NULL, 1, 2, 0.1)`);
      old.exec(
        `INSERT INTO details (seq, text, record) VALUES (1, 'an old prompt', '{"attempts":[]}')`,
      );
      old.close();

      // Read beside nobody, it is left as it is.
      const reader = readDecisionFile(path);
      expect(reader?.get('dec_old')).toMatchObject({ text: 'an old prompt', replayable: false });
      reader?.close();

      const { store } = await openStore({ path, settings: { retentionDays: 36_000 } });
      store.record(makeRequest({ recordFeatures: () => Buffer.from('new') }));
      expect(await store.get('dec_old')).toMatchObject({ text: 'an old prompt', features: null });
      expect(await store.get('dec_1')).toMatchObject({ replayable: true });
      expect((await store.list({ text: 'old', limit: 5 })).decisions).toHaveLength(1);
    }
  });

  it('end at the version that this program knows', async () => {
    const path = await makeFile();
    const database = new Database(path);
    expect(versionOf(database)).toBe(schemaVersion);
    database.close();
  });
});
