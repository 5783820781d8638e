import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Catalogue, createCatalogue } from '../../src/config/catalogue.ts';
import { validateConfig } from '../../src/config/validate.ts';
import { createPlan, type PlanRequest } from '../../src/routing/plan.ts';

/** `corp` is usable, `keyless` is not, `other` as it is wished. */
function createTestCatalogue({ corpKey = 'secret', otherKey = 'secret' } = {}): Catalogue {
  const result = validateConfig({
    providers: {
      corp: { baseUrl: 'corp', apiKey: corpKey },
      other: { baseUrl: 'other', apiKey: otherKey },
      keyless: { baseUrl: 'keyless' },
    },
    models: {
      large: { provider: 'corp', contextWindow: 100_000 },
      small: { provider: 'corp', contextWindow: 1_000 },
      spare: { provider: 'other' },
      locked: { provider: 'keyless', contextWindow: 10 },
    },
    classes: {
      coding: { models: ['large', 'locked', 'small'] },
      chat: { models: ['small', 'spare', 'large'] },
      math: { models: ['locked'] },
    },
    routing: { defaultClass: 'chat' },
  });
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  const { config } = result;
  return createCatalogue({
    ...config,
    file: 'switchyard.yaml',
    dataDir: '.switchyard',
    modelsDir: undefined,
    variables: new Map(),
  });
}

const catalogue = createTestCatalogue();

function plan(request: Partial<PlanRequest>) {
  return createPlan({
    catalogue,
    classes: ['coding', 'chat'],
    tokens: 10,
    maxAttempts: 9,
    ...request,
  });
}

const included = (candidates: ReturnType<typeof plan>) =>
  candidates.filter(({ status }) => status === 'in').map(({ model }) => model);

describe('the plan', () => {
  it('tries the class and then the next-best, each model once, and says why', () => {
    expect(plan({})).toEqual([
      {
        model: 'large',
        provider: 'corp',
        className: 'coding',
        status: 'in',
        cause: 'preferred',
        reason: 'preferred by coding',
      },
      {
        model: 'locked',
        provider: 'keyless',
        className: 'coding',
        status: 'out',
        cause: 'unusable',
        reason: 'keyless: no API key configured',
      },
      {
        model: 'small',
        provider: 'corp',
        className: 'coding',
        status: 'in',
        cause: 'alternative',
        reason: 'alternative 2 of coding',
      },
      {
        model: 'spare',
        provider: 'other',
        className: 'chat',
        status: 'in',
        cause: 'alternative',
        reason: 'alternative 1 of chat',
      },
    ]);
  });

  it('follows the order of the classes', () => {
    expect(included(plan({ classes: ['chat', 'coding'] }))).toEqual(['small', 'spare', 'large']);
    expect(included(plan({ classes: ['math', 'chat'] }))).toEqual(['small', 'spare', 'large']);
    expect(plan({ classes: ['no-such-class'] })).toEqual([]);
  });

  it('leaves out models whose context window is too small; unknown windows count as large', () => {
    const candidates = plan({ tokens: 1_001 });
    expect(included(candidates)).toEqual(['large', 'spare']);
    expect(candidates.find(({ model }) => model === 'small')).toMatchObject({
      status: 'out',
      cause: 'context-window',
      reason: 'its context window of 1000 is too small for about 1001 tokens',
    });
    expect(included(plan({ tokens: 1_000 }))).toContain('small');
    expect(included(plan({ tokens: 1_000_000 }))).toEqual(['spare']);
  });

  it('takes so many attempts as are allowed, and shows what is beyond them', () => {
    const candidates = plan({ maxAttempts: 2 });
    expect(included(candidates)).toEqual(['large', 'small']);
    expect(candidates.at(-1)).toMatchObject({
      model: 'spare',
      status: 'out',
      cause: 'attempt-limit',
    });
  });

  it('leaves out what is not to be asked now, and says until when', () => {
    const untilMs = 1_000;
    const candidates = plan({
      whyUnavailable: ({ name }) =>
        name === 'large' ? { cause: 'rate-limited', reason: 'busy', untilMs } : undefined,
    });
    expect(included(candidates)).not.toContain('large');
    expect(candidates[0]).toMatchObject({ cause: 'rate-limited', reason: 'busy', untilMs });
  });

  it('gives the one that is to be tried again soonest a last try when all are out of order', () => {
    const untilMs: Readonly<Record<string, number>> = { large: 9_000, small: 3_000, spare: 5_000 };
    const whyUnavailable = ({ name }: { name: string }) =>
      ({ cause: 'unhealthy', reason: 'out of order', untilMs: untilMs[name] }) as const;
    const candidates = plan({ whyUnavailable });
    expect(included(candidates)).toEqual(['small']);
    expect(candidates.find(({ model }) => model === 'small')).toMatchObject({
      cause: 'last-try',
      reason: 'nobody else is left; out of order',
    });
  });

  it.each(['rate-limited', 'isolated'] as const)('gives no last try to what is %s', (cause) => {
    const whyUnavailable = () => ({ cause, reason: 'not now', untilMs: undefined });
    expect(included(plan({ whyUnavailable }))).toEqual([]);
  });

  it('asks only the first that can serve where no fallback is wanted', () => {
    const candidates = plan({ noFallback: true });
    expect(included(candidates)).toEqual(['large']);
    expect(candidates.at(-1)).toMatchObject({ status: 'out', cause: 'no-fallback' });
  });

  it('does not count what is out as an attempt', () => {
    expect(included(plan({ maxAttempts: 1, tokens: 50_000, classes: ['chat'] }))).toEqual([
      'spare',
    ]);
  });

  it('is the model alone that the request names, where it can serve', () => {
    expect(plan({ model: 'spare', classes: [] })).toEqual([
      {
        model: 'spare',
        provider: 'other',
        className: undefined,
        status: 'in',
        cause: 'named',
        reason: 'named by the request',
      },
    ]);
    expect(plan({ model: 'locked', classes: [] })).toMatchObject([
      { model: 'locked', status: 'out', cause: 'unusable' },
    ]);
    expect(plan({ model: 'small', classes: [], tokens: 5_000 })).toMatchObject([
      { model: 'small', status: 'out', cause: 'context-window' },
    ]);
  });
});

describe('the demo', () => {
  const unusable = createTestCatalogue({ corpKey: '', otherKey: '' });

  it('stands in for the first choice when no provider is usable', () => {
    const candidates = plan({ catalogue: unusable });
    expect(candidates.slice(0, -1).map(({ cause }) => cause)).toEqual(Array(4).fill('unusable'));
    expect(candidates.at(-1)).toEqual({
      model: 'demo',
      provider: 'demo',
      className: 'coding',
      status: 'in',
      cause: 'last-resort',
      reason: 'stands in for large: no provider is usable',
    });
    expect(plan({ catalogue: unusable, model: 'small' }).at(-1)).toMatchObject({
      cause: 'last-resort',
      className: undefined,
    });
  });

  it('stays out as soon as one provider is usable, even if it serves none of the classes', () => {
    const one = createTestCatalogue({ corpKey: '' });
    expect(included(plan({ catalogue: one, classes: ['coding'] }))).toEqual([]);
    expect(included(plan({ tokens: 1_000_000, classes: ['coding'] }))).toEqual([]);
  });
});

describe('every plan', () => {
  const requests = fc.record({
    catalogue: fc.constantFrom(
      catalogue,
      createTestCatalogue({ otherKey: '' }),
      createTestCatalogue({ corpKey: '', otherKey: '' }),
    ),
    classes: fc.shuffledSubarray(['coding', 'chat', 'math'], { minLength: 1 }),
    model: fc.option(fc.constantFrom('large', 'small', 'spare', 'locked'), { nil: undefined }),
    tokens: fc.integer({ min: 1, max: 200_000 }),
    maxAttempts: fc.integer({ min: 1, max: 5 }),
  });

  it('names each model once and keeps to the attempts allowed', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const candidates = createPlan(request);
        const models = candidates.map(({ model }) => model);
        expect(new Set(models).size).toBe(models.length);
        expect(included(candidates).length).toBeLessThanOrEqual(request.maxAttempts);
      }),
    );
  });

  it('has the demo exactly when no provider is usable', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const isUsable = request.catalogue.providers.some(({ unusable }) => unusable === undefined);
        expect(included(createPlan(request)).includes('demo')).toBe(!isUsable);
      }),
    );
  });
});
