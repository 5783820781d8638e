import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDecisionFile } from '../../../src/telemetry/decisions/decision-file.ts';
import { startStoreThread } from '../../../src/telemetry/decisions/store-thread.ts';
import { makeTempDirectory } from '../../support/temp-directory.ts';
import { defaultSettings } from './default-settings.ts';
import { makeRequest } from './make-request.ts';
import { openStore } from './open-store.ts';

/** Threads that end, as a crash in native code ends them, whenever a batch has this decision. */
function startFragile(poison: string): { start: typeof startStoreThread; started(): number } {
  let started = 0;
  return {
    started: () => started,
    async start(how, onExit) {
      started += 1;
      const result = await startStoreThread(how, onExit);
      if (!('thread' in result)) return result;
      const { thread } = result;
      return {
        ...result,
        thread: {
          ...thread,
          async call(name, ...parameters) {
            if (!JSON.stringify(parameters).includes(poison)) {
              return thread.call(name, ...parameters);
            }
            await thread.end();
            throw new Error('it crashed');
          },
        },
      };
    },
  };
}

describe('a thread that dies', () => {
  it('has a successor; what it was writing counts as dropped', async () => {
    const { start, started } = startFragile('poison');
    const { store, log } = await openStore({ startThread: start });
    store.record(makeRequest({ decisionId: 'dec_before' }));
    await store.get('dec_before');
    store.record(makeRequest({ decisionId: 'dec_poison' }));
    await store.list({ limit: 1 }).catch(() => {});
    store.record(makeRequest({ decisionId: 'dec_after' }));
    expect(await store.get('dec_after')).toMatchObject({ id: 'dec_after' });
    expect(await store.get('dec_before')).toMatchObject({ id: 'dec_before' });
    expect(store.stats()).toMatchObject({ dropped: 1, queued: 0, written: 2 });
    expect(started()).toBe(2);
    expect(log.map(({ message }) => message)).toEqual([
      'the thread of the decision store has died: starting another',
      'decisions dropped: 1',
    ]);
  });

  it('has three of them at most; then requests go on unrecorded', async () => {
    const { start, started } = startFragile('poison');
    const { store, log } = await openStore({ startThread: start });
    for (let round = 0; round < 6; round += 1) {
      store.record(makeRequest({ decisionId: `dec_poison_${round}` }));
      await store.list({ limit: 1 }).catch(() => {});
    }
    expect(started()).toBe(4);
    await expect(store.get('dec_1')).rejects.toMatchObject({ code: 'not_ready' });
    expect(store.stats()).toMatchObject({ dropped: 6, queued: 0 });
    expect(log.map(({ message }) => message)).toContain(
      'the decision store has died too often: no decision is kept',
    );
  });
});

describe('a thread that is ended', () => {
  it('is done with what it is at, and answers nothing that waits', async () => {
    const path = join(makeTempDirectory(), 'decisions.db');
    const how = { path, settings: defaultSettings, isSuspect: false, nowMs: 0 };
    const ends: string[] = [];
    const started = await startStoreThread(how, (reason) => ends.push(reason));
    if (!('thread' in started)) throw new Error('There is nothing in its way.');
    const { thread } = started;
    const calls = Array.from({ length: 50 }, () => thread.call('list', { limit: 100 }));
    const answers = Promise.allSettled(calls);
    await thread.end();
    expect((await answers).at(-1)).toMatchObject({ status: 'rejected' });
    expect(ends).toHaveLength(1);
    await expect(thread.call('get', 'dec_1')).rejects.toThrow('has ended');
    await thread.end();
  });
});

describe('kill -9 under load', () => {
  it('loses at most what was not yet written; the file opens', async () => {
    const directory = makeTempDirectory();
    const path = join(directory, 'decisions.db');
    const script = join(directory, 'load.mts');
    const from = (file: string) => JSON.stringify(resolve(file));
    writeFileSync(
      script,
      `import { openDecisionStore } from ${from('src/telemetry/decisions/decision-store.ts')};
      import { systemClock } from ${from('src/clock.ts')};
      import { makeRequest } from ${from('test/telemetry/decisions/make-request.ts')};
      import { defaultSettings } from ${from('test/telemetry/decisions/default-settings.ts')};
      const logger = { info() {}, warn() {}, error() {} };
      const store = await openDecisionStore({ path: ${JSON.stringify(path)}, settings: defaultSettings, clock: systemClock, logger });
      for (let index = 0; ; index += 1) {
        store.record(makeRequest({ decisionId: 'dec_' + index, atMs: 1_700_000_000_000 + index }));
        if (index % 500 === 499) {
          await store.get('dec_0');
          process.stdout.write(store.stats().written + '\\n');
        }
      }`,
    );
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.on('data', (chunk) => {
      told += chunk;
      if (told.split('\n').length > 6) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const written = Number(told.trim().split('\n').at(-1));
    expect(written).toBeGreaterThan(2_000);

    const left = readDecisionFile(path);
    const { decisions } = left?.list({ limit: 100_000 }) ?? { decisions: [] };
    left?.close();
    expect(decisions.length).toBeGreaterThanOrEqual(written);
    const ids = decisions.map(({ id }) => id).reverse();
    expect(ids).toEqual(ids.map((_, index) => `dec_${index}`));

    const { store, log } = await openStore({ path });
    expect(await store.get('dec_0')).toMatchObject({ id: 'dec_0' });
    expect(log).toEqual([]);
  });
});
