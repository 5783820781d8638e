import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DecisionsConfig } from '../../../src/config/schema.ts';
import {
  type DecisionStore,
  openDecisionStore,
} from '../../../src/telemetry/decisions/decision-store.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { makeTempDirectory } from '../../support/temp-directory.ts';
import { defaultSettings } from './default-settings.ts';

interface LogLine {
  readonly level: string;
  readonly facts: Record<string, unknown>;
  readonly message: string;
}

export interface OpenedStore {
  readonly store: DecisionStore;
  readonly path: string;
  readonly clock: FakeClock;
  readonly log: LogLine[];
}

type Options = Partial<Omit<Parameters<typeof openDecisionStore>[0], 'settings' | 'clock'>> & {
  readonly settings?: Partial<DecisionsConfig>;
};

/** A store with a real thread over a real file, closed when the test is over. */
export async function openStore({ settings, ...options }: Options = {}): Promise<OpenedStore> {
  const path = options.path ?? join(makeTempDirectory(), 'decisions.db');
  const clock = createFakeClock(1_700_000_000_000);
  const log: LogLine[] = [];
  const writeTo = (level: string) => (facts: unknown, message?: string) =>
    void log.push({ level, facts: facts as LogLine['facts'], message: message ?? '' });
  const store = await openDecisionStore({
    path,
    settings: { ...defaultSettings, ...settings },
    clock,
    logger: { info: writeTo('info'), warn: writeTo('warn'), error: writeTo('error') },
    ...options,
  });
  onTestFinished(() => store.close());
  return { store, path, clock, log };
}
