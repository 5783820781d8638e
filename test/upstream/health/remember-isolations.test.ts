import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readIsolated } from '../../../src/state/isolated-models.ts';
import { createLogger } from '../../../src/telemetry/log.ts';
import { createHealth, type Health } from '../../../src/upstream/health/health.ts';
import { rememberIsolations } from '../../../src/upstream/health/remember-isolations.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { makeTempDirectory, writeFileIn } from '../../support/temp-directory.ts';
import { breakerSettings as settings } from './breaker-settings.ts';

function open(dataDir: string, models = ['small', 'large']) {
  const lines: string[] = [];
  const bare = createHealth({
    deployments: models.map((model) => ({ model, provider: 'open' })),
    settings,
    clock: createFakeClock(),
    random: () => 0.5,
    onChange: () => {},
  });
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  return { health: rememberIsolations(bare, { dataDir, logger }), lines };
}

function isolatedIn(health: Health): string[] {
  return health.report().flatMap(({ name, state }) => (state.kind === 'isolated' ? [name] : []));
}

it('keeps what is isolated until it is released, with the reason', () => {
  const dataDir = makeTempDirectory();
  const { health } = open(dataDir);
  expect(health.isolate('small', 'slow')).toBe(true);
  expect(health.isolate('large', 'wrong')).toBe(true);
  expect(health.isolate('unknown', 'typo')).toBe(false);
  const next = open(dataDir);
  expect(isolatedIn(next.health)).toEqual(['small', 'large']);
  expect(next.health.whyUnavailable({ model: 'large', provider: 'open' })?.reason).toContain(
    'wrong',
  );
  expect(next.lines).toHaveLength(2);
  expect(next.health.release('small')).toBe(true);
  expect(isolatedIn(open(dataDir).health)).toEqual(['large']);
});

it('keeps what is isolated of a model that is not configured for a while', () => {
  const dataDir = makeTempDirectory();
  open(dataDir).health.isolate('small', 'slow');
  expect(open(dataDir, ['large']).health.isolate('large', 'wrong')).toBe(true);
  expect(isolatedIn(open(dataDir).health)).toEqual(['small', 'large']);
});

it('says so when it can not read or keep what is isolated, and serves', () => {
  const dataDir = makeTempDirectory();
  writeFileIn(dataDir, 'isolated-models.json', '{"small": ');
  const { health, lines } = open(dataDir);
  expect(lines).toEqual([expect.stringContaining('can not be read')]);
  health.isolate('small', 'slow');
  expect(readIsolated(dataDir)).toEqual({ kind: 'read', models: new Map([['small', 'slow']]) });

  rmSync(dataDir, { recursive: true });
  expect(health.isolate('large', 'wrong')).toBe(true);
  expect(lines.at(-1)).toContain('ends with the process');
  expect(isolatedIn(health)).toEqual(['small', 'large']);
});
