import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readIsolated } from '../../../src/state/isolated-models.ts';
import { createLogger } from '../../../src/telemetry/log.ts';
import { createHealth, type Health } from '../../../src/upstream/health/health.ts';
import { rememberIsolations } from '../../../src/upstream/health/remember-isolations.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { makeTempDirectory, writeFileIn } from '../../support/temp-directory.ts';
import { breakerSettings as settings } from './breaker-settings.ts';

const at = (model: string, provider = 'open', name = model) => ({ model, provider, name });
const bothModels = [at('small'), at('large')];
const shared = [at('shared', 'west', 'shared@west'), at('shared', 'east', 'shared@east')];

function open(dataDir: string, deployments = bothModels) {
  const lines: string[] = [];
  const bare = createHealth({
    deployments,
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
  expect(health.isolate('small', 'slow')).toEqual(['small']);
  expect(health.isolate('large', 'wrong')).toEqual(['large']);
  expect(health.isolate('unknown', 'typo')).toEqual([]);
  const next = open(dataDir);
  expect(isolatedIn(next.health)).toEqual(['small', 'large']);
  expect(next.health.whyUnavailable({ model: 'large', provider: 'open' })?.reason).toContain(
    'wrong',
  );
  expect(next.lines).toHaveLength(2);
  expect(next.health.release('small')).toEqual(['small']);
  expect(isolatedIn(open(dataDir).health)).toEqual(['large']);
});

it('keeps what is isolated of a model that is not configured for a while', () => {
  const dataDir = makeTempDirectory();
  open(dataDir).health.isolate('small', 'slow');
  open(dataDir, [at('large')]).health.isolate('large', 'wrong');
  expect(isolatedIn(open(dataDir).health)).toEqual(['small', 'large']);
});

it('keeps a model isolated at all of its providers, until it is released at each', () => {
  const dataDir = makeTempDirectory();
  open(dataDir, [at('shared', 'west')]).health.isolate('shared', 'slow');
  const { health } = open(dataDir, shared);
  expect(isolatedIn(health)).toEqual(['shared@west', 'shared@east']);
  health.release('shared@west');
  expect(isolatedIn(open(dataDir, shared).health)).toEqual(['shared@east']);
  health.release('shared');
  expect(isolatedIn(open(dataDir, shared).health)).toEqual([]);
});

it('says so when it can not read or keep what is isolated, and serves', () => {
  const dataDir = makeTempDirectory();
  writeFileIn(dataDir, 'isolated-models.json', '{"small": ');
  const { health, lines } = open(dataDir);
  expect(lines).toEqual([expect.stringContaining('can not be read')]);
  health.isolate('small', 'slow');
  expect(readIsolated(dataDir)).toEqual({ kind: 'read', models: new Map([['small', 'slow']]) });

  rmSync(dataDir, { recursive: true });
  expect(health.isolate('large', 'wrong')).toEqual(['large']);
  expect(lines.at(-1)).toContain('ends with the process');
  expect(isolatedIn(health)).toEqual(['small', 'large']);
});
