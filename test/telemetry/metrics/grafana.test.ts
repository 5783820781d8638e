import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../../src/clock.ts';
import { createMetrics } from '../../../src/telemetry/metrics/metrics.ts';
import { makeRecord } from '../make-record.ts';

interface Dashboard {
  readonly panels: readonly { title: string; targets: readonly { expr: string }[] }[];
}

interface Rules {
  readonly groups: readonly { rules: readonly { alert: string; expr: string }[] }[];
}

const dashboard: Dashboard = JSON.parse(readFileSync('docs/grafana/switchyard.json', 'utf8'));
const alerts: Rules = parse(readFileSync('docs/grafana/alerts.yaml', 'utf8'));
const queries = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])),
  ...alerts.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr])),
] as [string, string][];

/** Names of metrics, each with the names of the labels that it has been seen with. */
const exported = new Map<string, Set<string>>();

beforeAll(async () => {
  const metrics = createMetrics(
    { models: new Set(['gpt']), classes: new Set(['coding']) },
    systemClock,
  );
  metrics.refused('rate_limit_exceeded');
  const [ok] = makeRecord().attempts;
  if (ok === undefined) throw new Error('There is one.');
  const unpriced = { ...ok, costUsd: undefined };
  const hedge = { ...ok, isHedge: true, outcome: 'outrun', wastedTokens: 9 } as const;
  metrics.record(
    makeRecord({
      outcome: 'fallback_ok',
      confidence: 0.5,
      abstained: 'out-of-scope',
      tier: 'static',
      firstContentMs: 5,
      context: { turns: 1, share: 0.5, prior: [] },
      hold: { model: 'gpt', kind: 'stays', reason: 'at work' },
      attempts: [unpriced, hedge, ok],
    }),
  );
  metrics.embedding.lookedUp('hit');
  metrics.tiers.compared({ wasSure: false, agrees: true });
  metrics.health.changed({ kind: 'model', name: 'gpt', state: 'open' });
  metrics.health.retried({ provider: 'open', outcome: 'made' });
  metrics.health.probed({ provider: 'openai', outcome: 'ok' });
  metrics.health.watch(() => ({
    breakers: [{ kind: 'model', name: 'gpt', state: 'open' }],
    classes: [{ name: 'coding', available: 1 }],
  }));
  metrics.watchStore(() => ({ queued: 0, dropped: 0, written: 0, lagMs: 0 }));
  // The delay of the event loop is told once there was one.
  await new Promise((resolve) => setImmediate(resolve));
  for (const line of (await metrics.text()).split('\n')) {
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined || line.startsWith('#')) continue;
    const known = exported.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    exported.set(name, known);
  }
});

describe('the dashboard and the alerts', () => {
  it.each([
    'embedding_',
    'decision_store_',
    'overhead_',
    'breaker_',
    'class_',
    'hedge',
    'retries_',
    'probes_',
  ])('ask for switchyard_%s…', (prefix) => {
    expect(queries.some(([, expr]) => expr.includes(`switchyard_${prefix}`))).toBe(true);
  });

  it('ask for something', () => {
    expect(queries.length).toBeGreaterThan(20);
  });

  it.each(queries)('%s: %s has only metrics and labels that are exported', (_title, expr) => {
    const names = [...expr.matchAll(/switchyard_\w+/g)].map(([name]) => name);
    expect(names).not.toHaveLength(0);
    for (const name of names) expect([...exported.keys()]).toContain(name);

    const labels = new Set(names.flatMap((name) => [...(exported.get(name) ?? [])]));
    const inSelectors = [...expr.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, name]) => name);
    const inGroups = [...expr.matchAll(/(?:by|ignoring) \(?([\w, ]+)\)/g)].flatMap(
      ([, list = '']) => list.split(/,\s*/),
    );
    for (const label of [...inSelectors, ...inGroups]) expect([...labels]).toContain(label);
  });
});
