import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Health } from '../../src/upstream/health/health.ts';
import { createHedging } from '../../src/upstream/hedging/hedging.ts';
import { createRetries } from '../../src/upstream/retries.ts';
import { completion, json, stall } from '../support/scripted-upstream.ts';
import { createPlanFixture, expectKind, makeTarget, type PlanFixture } from './plan-fixture.ts';

let plan: PlanFixture;
/** Two deployments of a model; the upstream tells them apart by the name that the model has there. */
const west = makeTarget({ model: 'shared', provider: 'west', upstreamModel: 'at-west' });
const east = makeTarget({ model: 'shared', provider: 'east', upstreamModel: 'at-east' });
const other = makeTarget({ model: 'other' });
const retries = createRetries({ perModel: 1, waitMs: 5_000, share: 1 }, () => 1);
const down = json(503, { error: { message: 'down' } });
const busy = json(429, { error: { message: 'busy' } }, { 'retry-after': '1' });

beforeEach(async () => {
  plan = await createPlanFixture();
  plan.upstream.scriptModel('other', json(200, completion('of another model')));
});

afterEach(async () => {
  expect(plan.clock.pending()).toBe(0);
  await plan.close();
});

const toldOf = () =>
  plan.told.map(({ model, provider, outcome }) => `${model}@${provider} ${outcome}`);

describe('a deployment that fails', () => {
  it.each([
    ['is down', down],
    ['limits the rate, however shortly', busy],
  ])('is not asked again while a sister is left: it %s', async (_what, fault) => {
    plan.upstream.scriptModel('at-west', fault);
    plan.upstream.scriptModel('at-east', json(200, completion('of the sister')));
    const reply = expectKind(await plan.run([west, east, other], { retries }), 'reply');
    expect(reply.target).toBe(east);
    expect(toldOf()).toEqual(['shared@west failed', 'shared@east ok']);
  });

  it('is asked again, as ever, when it is the last of them', async () => {
    plan.upstream.scriptModel('at-west', down);
    plan.upstream.scriptModel('at-east', down, json(200, completion('again')));
    const running = plan.run([west, east, other], { retries });
    await vi.waitFor(() => expect(plan.clock.pending()).toBe(1));
    plan.clock.advance(250);
    expect(expectKind(await running, 'reply').target).toBe(east);
    expect(toldOf()).toEqual(['shared@west failed', 'shared@east failed', 'shared@east ok']);
  });
});

describe('a deployment that is late', () => {
  it('is joined by its sister, each with a permit of its own', async () => {
    const ends: string[] = [];
    const admit: Health['admit'] = ({ provider }, how) => ({
      settle: ({ kind }) => void ends.push(`${provider} ${how?.kind} ${kind}`),
    });
    const hedging = createHedging({
      settings: { share: 1, costShare: 1, minimumCalls: 1 },
      pricesOf: () => ({ input: 1, output: 1 }),
      clock: plan.clock,
    }).forRequest({
      request: { protocol: 'chat', json: {}, stream: false },
      promptTokens: 10,
      targets: [west, east, other],
    });
    const usual = { className: 'coding', startedAtMs: 0, durationMs: 500, outcome: 'ok' } as const;
    hedging.observe({ model: 'shared', provider: 'west', ...usual });
    plan.upstream.scriptModel('at-west', stall);
    plan.upstream.scriptModel('at-east', json(200, completion('of the sister')));
    const running = plan.run([west, east, other], { hedging, health: { admit } });
    await plan.upstream.nextRequest();
    plan.clock.advance(500);
    expect(expectKind(await running, 'reply').target).toBe(east);
    expect(toldOf()).toEqual(['shared@west outrun', 'shared@east ok']);
    expect(ends.toSorted()).toEqual(['east plain ok', 'west plain client-gone']);
  });
});
