import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Catalogue, createCatalogue, type Deployment } from '../../src/config/catalogue.ts';
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
      shared: {
        deployments: [
          { provider: 'corp', prices: { input: 2, output: 2 } },
          { provider: 'keyless' },
          { provider: 'other', prices: { input: 1, output: 1 } },
        ],
      },
    },
    classes: {
      coding: { models: ['large', 'locked', 'small'] },
      chat: { models: ['small', 'spare', 'large'] },
      math: { models: ['locked'] },
      writing: { models: ['shared', 'large', 'small'] },
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
      whyUnavailable: ({ model }) =>
        model === 'large' ? { cause: 'rate-limited', reason: 'busy', untilMs } : undefined,
    });
    expect(included(candidates)).not.toContain('large');
    expect(candidates[0]).toMatchObject({ cause: 'rate-limited', reason: 'busy', untilMs });
  });

  it('gives the one that is to be tried again soonest a last try when all are out of order', () => {
    const untilMs: Readonly<Record<string, number>> = { large: 9_000, small: 3_000, spare: 5_000 };
    const whyUnavailable = ({ model }: { model: string }) =>
      ({ cause: 'unhealthy', reason: 'out of order', untilMs: untilMs[model] }) as const;
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

describe('a model with several deployments', () => {
  const shared = { classes: ['writing'] };
  const reversed: PlanRequest['balance'] = (deployments) => deployments.toReversed();
  const asked = (candidates: ReturnType<typeof plan>) =>
    candidates
      .filter(({ status }) => status === 'in')
      .map(({ model, provider }) => `${model}@${provider}`);

  it('stands in the plan with all of them before the next model, and says which is meant', () => {
    expect(plan(shared).map(({ model, status, reason }) => [model, status, reason])).toEqual([
      ['shared', 'in', 'corp: preferred by writing'],
      ['shared', 'in', 'other: preferred by writing'],
      ['shared', 'out', 'keyless: no API key configured'],
      ['large', 'in', 'alternative 1 of writing'],
      ['small', 'in', 'alternative 2 of writing'],
    ]);
  });

  it('is asked in the order of the balance, which is only told what can serve', () => {
    const offered: string[][] = [];
    const candidates = plan({
      ...shared,
      balance: (deployments) => {
        offered.push(deployments.map(({ name }) => name));
        return deployments.toReversed();
      },
    });
    expect(asked(candidates).slice(0, 2)).toEqual(['shared@other', 'shared@corp']);
    expect(offered[0]).toEqual(['shared@corp', 'shared@other']);
  });

  it('is one of the models that may be tried, however many providers it has', () => {
    expect(asked(plan({ ...shared, maxAttempts: 2 }))).toEqual([
      'shared@corp',
      'shared@other',
      'large@corp',
    ]);
    expect(
      plan({ ...shared, classes: ['coding', 'writing'], maxAttempts: 2 }).slice(-3),
    ).toMatchObject([
      { provider: 'corp', cause: 'attempt-limit' },
      { provider: 'other', cause: 'attempt-limit' },
      { provider: 'keyless', cause: 'unusable' },
    ]);
  });

  it('goes on with the others while one is out of order', () => {
    const candidates = plan({
      ...shared,
      whyUnavailable: ({ name }) =>
        name === 'shared@corp'
          ? { cause: 'unhealthy', reason: 'out of order', untilMs: 1_000 }
          : undefined,
    });
    expect(asked(candidates)).toEqual(['shared@other', 'large@corp', 'small@corp']);
    expect(candidates[1]).toMatchObject({
      cause: 'unhealthy',
      reason: 'corp: out of order',
      untilMs: 1_000,
    });
  });

  it('gives the last try to the one of them that is due soonest', () => {
    const whyUnavailable: PlanRequest['whyUnavailable'] = ({ provider }) => ({
      cause: 'unhealthy',
      reason: 'out of order',
      untilMs: provider === 'other' ? 1_000 : 2_000,
    });
    expect(asked(plan({ model: 'shared', classes: [], whyUnavailable }))).toEqual(['shared@other']);
  });

  it('is all of them when the request names it, and only the first where no fallback is wanted', () => {
    const named = { model: 'shared', classes: [], balance: reversed };
    expect(asked(plan(named))).toEqual(['shared@other', 'shared@corp']);
    expect(asked(plan({ ...named, noFallback: true }))).toEqual(['shared@other']);
  });

  it('costs what it costs where it is cheapest, and is asked there first when that is wanted', () => {
    const candidates = plan({ ...shared, order: 'cheap', balance: (given) => given });
    expect(asked(candidates).slice(0, 2)).toEqual(['shared@other', 'shared@corp']);
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
    classes: fc.shuffledSubarray(['coding', 'chat', 'math', 'writing'], { minLength: 1 }),
    model: fc.option(fc.constantFrom('large', 'small', 'spare', 'locked', 'shared'), {
      nil: undefined,
    }),
    tokens: fc.integer({ min: 1, max: 200_000 }),
    maxAttempts: fc.integer({ min: 1, max: 5 }),
  });

  it('names each deployment once, those of a model together, and keeps to the models allowed', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const candidates = createPlan(request);
        const names = candidates.map(({ model, provider }) => `${model}@${provider}`);
        expect(new Set(names).size).toBe(names.length);
        const models = candidates.map(({ model }) => model);
        const runs = models.filter((model, position) => model !== models[position - 1]);
        expect(new Set(runs).size).toBe(runs.length);
        expect(new Set(included(candidates)).size).toBeLessThanOrEqual(request.maxAttempts);
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

describe('the model that holds a conversation', () => {
  const held = { model: 'spare', provider: 'other', className: 'math', reason: 'at work' };
  const told = (candidates: ReturnType<typeof plan>) =>
    candidates.map(({ model, provider, status, cause }) => [
      `${model}@${provider}`,
      status === 'in' ? 'in' : cause,
    ]);

  it('comes before all others, for the class that it has served', () => {
    const [first, ...others] = plan({ held });
    expect(first).toMatchObject({
      model: 'spare',
      className: 'math',
      status: 'in',
      cause: 'held',
      reason: 'holds the conversation: at work',
    });
    expect(others).toEqual(plan({}).filter(({ model }) => model !== 'spare'));
  });

  it('serves the class that it is considered for where it is given none', () => {
    const [first] = plan({ held: { ...held, className: undefined } });
    expect(first).toMatchObject({ model: 'spare', className: 'chat', cause: 'held' });
  });

  it('is in the plan though no class that is considered has it', () => {
    expect(included(plan({ classes: ['coding'], held }))).toEqual(['spare', 'large', 'small']);
  });

  it('is one of the models allowed, and the only one where no fallback is wanted', () => {
    expect(included(plan({ held, maxAttempts: 2 }))).toEqual(['spare', 'large']);
    expect(included(plan({ held, noFallback: true }))).toEqual(['spare']);
  });

  it('is asked where it has served before its other deployments, whatever the balance says', () => {
    const order = (deployments: readonly Deployment[]) =>
      deployments.toSorted((a, b) => a.provider.localeCompare(b.provider));
    const shared = { ...held, model: 'shared' };
    const [first, second] = plan({ held: shared, balance: order });
    expect([first?.provider, second?.provider]).toEqual(['other', 'corp']);
    expect(first?.reason).toBe('other: holds the conversation: at work');
  });

  it('stays out where it can not serve', () => {
    const locked = plan({ held: { ...held, model: 'locked' } });
    expect(told(locked)[0]).toEqual(['locked@keyless', 'unusable']);
    expect(included(locked)).toEqual(included(plan({})));
    expect(plan({ held: { ...held, model: 'gone' } })).toEqual(plan({}));
  });
});
