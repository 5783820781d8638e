import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createMetrics } from '../../../src/telemetry/metrics/metrics.ts';
import { makeRecord } from '../make-record.ts';

const known = { models: new Set(['gpt', 'claude']), classes: new Set(['coding', 'math']) };
const failed = {
  model: 'claude',
  provider: 'c',
  className: 'coding',
  startedAtMs: 0,
  durationMs: 5,
  outcome: 'failed' as const,
  status: 503,
  cause: 'server-error',
};

async function linesOf(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => !line.startsWith('#'));
}

describe('the metrics', () => {
  it('count a plain request once, in base units', async () => {
    const metrics = createMetrics(known, systemClock);
    metrics.record(makeRecord({ confidence: 0.9 }));
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'switchyard_requests_total{endpoint="chat",class="coding",model="none",outcome="ok"} 1',
        'switchyard_request_duration_seconds_sum{endpoint="chat",model="none",stream="false"} 0.12',
        'switchyard_decisions_total{class="coding",basis="posterior"} 1',
        'switchyard_tier_decisions_total{tier="transformer"} 1',
        'switchyard_decision_confidence_bucket{le="0.9"} 1',
        'switchyard_decision_confidence_bucket{le="0.85"} 0',
        'switchyard_overhead_seconds_sum{stage="embed"} 0.002',
        'switchyard_overhead_seconds_sum{stage="search"} 0.0005',
        'switchyard_attempts_total{model="gpt",provider="open",result="ok"} 1',
        'switchyard_tokens_total{model="gpt",kind="cached_input"} 60',
        'switchyard_tokens_total{model="gpt",kind="output"} 10',
        'switchyard_cost_usd_total{model="gpt"} 0.5',
      ]),
    );
  });

  it('tell fallbacks and abstentions with their reasons', async () => {
    const metrics = createMetrics(known, systemClock);
    const [ok] = makeRecord().attempts;
    if (ok === undefined) throw new Error('There is one.');
    metrics.record(
      makeRecord({
        outcome: 'fallback_ok',
        model: 'gpt',
        servedClass: 'math',
        abstained: 'low-confidence',
        stream: true,
        firstContentMs: 400,
        attempts: [failed, { ...ok, costUsd: undefined }],
      }),
    );
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'switchyard_fallbacks_total{from_class="coding",to_class="math",reason="server-error"} 1',
        'switchyard_attempts_total{model="claude",provider="c",result="server-error"} 1',
        'switchyard_abstentions_total{reason="low-confidence"} 1',
        'switchyard_time_to_first_content_seconds_sum{model="gpt"} 0.4',
        'switchyard_unknown_costs_total{model="gpt"} 1',
      ]),
    );
  });

  it.each([
    ['won', { outcome: 'ok' }],
    ['won', { outcome: 'failed', cause: 'reset', firstContentMs: 5 }],
    ['lost', { outcome: 'outrun' }],
    ['failed', { outcome: 'failed', cause: 'reset' }],
    ['failed', { outcome: 'stopped', cause: 'client-error' }],
    ['client-gone', { outcome: 'client-gone' }],
  ] as const)('tell that a hedge %s: %o', async (outcome, how) => {
    const metrics = createMetrics(known, systemClock);
    const hedge = {
      ...failed,
      status: undefined,
      cause: undefined,
      isHedge: true,
      ...how,
    } as const;
    metrics.record(makeRecord({ attempts: [{ ...failed, outcome: 'outrun' }, hedge] }));
    const lines = (await linesOf(metrics)).filter((line) => line.includes('hedges_total'));
    expect(lines).toEqual([`switchyard_hedges_total{model="claude",outcome="${outcome}"} 1`]);
  });

  it('count what was wasted, and name a fallback by whom it was taken over from', async () => {
    const metrics = createMetrics(known, systemClock);
    const [ok] = makeRecord().attempts;
    if (ok === undefined) throw new Error('There is one.');
    const hedge = { ...ok, className: 'math', isHedge: true } as const;
    const outrun = { ...failed, status: undefined, cause: undefined, outcome: 'outrun' } as const;
    metrics.record(
      makeRecord({
        outcome: 'fallback_ok',
        servedClass: 'math',
        attempts: [{ ...outrun, wastedTokens: 120 }, hedge],
      }),
    );
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'switchyard_hedge_wasted_tokens_total{model="claude"} 120',
        'switchyard_attempts_total{model="claude",provider="c",result="outrun"} 1',
        'switchyard_fallbacks_total{from_class="coding",to_class="math",reason="outrun"} 1',
      ]),
    );
  });

  it('count what conversations do', async () => {
    const metrics = createMetrics(known, systemClock);
    const context = { turns: 2, share: 0.8, prior: [] };
    const hold = { model: 'claude', kind: 'stays', reason: 'at work' } as const;
    metrics.record(makeRecord({ context, hold }));
    metrics.record(makeRecord());
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'switchyard_holds_total{kind="stays"} 1',
        'switchyard_context_share_sum 0.8',
        'switchyard_context_share_count 1',
      ]),
    );
  });

  it('make no series of names that nobody configured', async () => {
    const metrics = createMetrics(known, systemClock);
    for (let number = 0; number < 1_000; number += 1) {
      metrics.record(makeRecord({ model: `model-${number}`, className: `class-${number}` }));
    }
    const series = (await linesOf(metrics)).filter((line) =>
      line.startsWith('switchyard_requests_total'),
    );
    expect(series).toEqual([
      'switchyard_requests_total{endpoint="chat",class="other",model="other",outcome="ok"} 1000',
    ]);
  });

  it('show what the store of decisions says of itself', async () => {
    const metrics = createMetrics(known, systemClock);
    metrics.watchStore(() => ({ queued: 3, dropped: 2, written: 100, lagMs: 250 }));
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'switchyard_decision_store_queued 3',
        'switchyard_decision_store_dropped 2',
        'switchyard_decision_store_lag_seconds 0.25',
      ]),
    );
  });

  it('show what the embedder does', async () => {
    const { embedding, ...metrics } = createMetrics(known, systemClock);
    for (const result of ['hit', 'hit', 'miss', 'joined'] as const) embedding.lookedUp(result);
    embedding.queued(5);
    embedding.queued(3);
    embedding.batched(2);
    embedding.embedded(20);
    embedding.restarted();
    expect(await linesOf({ embedding, ...metrics })).toEqual(
      expect.arrayContaining([
        'switchyard_embedding_cache_total{result="hit"} 2',
        'switchyard_embedding_cache_total{result="joined"} 1',
        'switchyard_embedding_queue_texts 3',
        'switchyard_embedding_batch_texts_sum 2',
        'switchyard_embedding_batch_texts_bucket{le="1"} 0',
        'switchyard_embedding_duration_seconds_sum 0.02',
        'switchyard_embedding_worker_restarts_total 1',
      ]),
    );
  });

  it('know how many requests are under way', async () => {
    const metrics = createMetrics(known, systemClock);
    const ends = [metrics.begin(), metrics.begin(), metrics.begin()];
    ends[0]?.();
    expect(await linesOf(metrics)).toContain('switchyard_inflight_requests 2');
  });

  it('tell by how much the event loop is late, without the time between two looks', async () => {
    const metrics = createMetrics(known, systemClock);
    const turns = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
    };
    const block = (ms: number): void => {
      const untilMs = performance.now() + ms;
      while (performance.now() < untilMs);
    };
    block(30);
    await turns(3);
    const startedAtMs = performance.now();
    block(60);
    await turns(3);
    const text = await metrics.text();
    const passedSeconds = (performance.now() - startedAtMs) / 1_000;
    const shown = (quantile: string): number =>
      Number(text.split(`event_loop_delay_seconds{quantile="${quantile}"} `)[1]?.split('\n')[0]);
    expect(shown('1')).toBeGreaterThan(0.045);
    expect(shown('1')).toBeLessThanOrEqual(passedSeconds + 0.03 - 0.01);
    expect(shown('0.5')).toBeGreaterThanOrEqual(0);
    expect(text).not.toContain('eventloop_lag_p99');
    metrics.close();
  });
});
