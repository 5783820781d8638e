import { describe, expect, it } from 'vitest';
import { createVote, rank } from '../../src/routing/classify.ts';
import type { ContextFacts } from '../../src/routing/conversation/weigh-turns.ts';
import { classOrder, type DecisionNeighbour } from '../../src/routing/decision.ts';
import {
  decide,
  type Evidence,
  forcedDecision,
  inScopeScore,
  type RoutingRules,
} from '../../src/routing/router.ts';

const classNames = ['chat', 'coding', 'knowledge', 'math'];
const bundle = { encoderHash: 'encoder', exampleSetHash: 'examples' };
const ask = { excerpt: 'sort', characters: 20, read: 'whole', tokens: 5 } as const;
const vote = createVote({ classNames, sharpness: 1 });

function rules(thresholds: Readonly<Record<string, number>> = {}): RoutingRules {
  return {
    defaultClass: 'knowledge',
    thresholdOf: (className) => thresholds[className] ?? 0.5,
    outOfScopeBelow: 0,
  };
}

/** Evidence of one equally near neighbour for every name. */
function near(
  names: readonly string[],
  same?: { id: string; className: string },
  context?: ContextFacts,
): Evidence {
  const neighbours = names.map(
    (className, position): DecisionNeighbour => ({
      id: `id ${position}`,
      text: `text ${position}`,
      className,
      similarity: 0.7,
    }),
  );
  const tier = 'transformer';
  return { kind: 'weighed', tier, posterior: vote(neighbours), neighbours, same, context, ask };
}

describe('deciding', () => {
  it('serves the most likely class and keeps what led there', () => {
    const evidence = near(['coding', 'math', 'coding', 'coding']);
    const decision = decide(evidence, rules(), bundle);
    expect(decision).toMatchObject({
      className: 'coding',
      basis: { kind: 'posterior' },
      ask,
      bundle,
    });
    expect(decision.confidence).toBeCloseTo(0.75);
    expect(decision.posterior.map(({ className }) => className)).toEqual([
      'coding',
      'math',
      'chat',
      'knowledge',
    ]);
    expect(decision.neighbours).toHaveLength(4);
    expect(classOrder(decision)).toEqual(['coding', 'math', 'chat', 'knowledge']);
  });

  it('is the same for the same evidence', () => {
    const evidence = near(['coding', 'math', 'chat']);
    expect(decide(evidence, rules(), bundle)).toEqual(decide(evidence, rules(), bundle));
  });

  it('holds a class to its own threshold, which it may just reach', () => {
    const evidence = near(['coding', 'coding', 'coding', 'math']);
    expect(decide(evidence, rules({ coding: 0.75 }), bundle).className).toBe('coding');
    expect(decide(evidence, rules({ coding: 0.76 }), bundle).className).toBe('knowledge');
    expect(decide(evidence, rules({ math: 0.99 }), bundle).className).toBe('coding');
  });

  it('abstains below the threshold: the default class first, then the most likely', () => {
    const evidence = near(['coding', 'coding', 'math', 'chat', 'knowledge']);
    const decision = decide(evidence, rules(), bundle);
    expect(decision).toMatchObject({
      className: 'knowledge',
      basis: { kind: 'abstained', reason: 'low-confidence' },
    });
    expect(decision.confidence).toBeCloseTo(0.2);
    expect(decision.posterior[0]?.className).toBe('coding');
    expect(classOrder(decision)).toEqual(['knowledge', 'coding', 'chat', 'math']);
  });

  it('calls an ask out of scope that is unlike every example, however sure the class is', () => {
    const evidence = near(['coding', 'coding']);
    // The score is confidence × similarity of the nearest: 1 × 0.7.
    const strict = { ...rules(), outOfScopeBelow: 0.71 };
    expect(decide(evidence, strict, bundle)).toMatchObject({
      className: 'knowledge',
      basis: { kind: 'abstained', reason: 'out-of-scope' },
    });
    const lenient = { ...rules(), outOfScopeBelow: 0.69 };
    expect(decide(evidence, lenient, bundle)).toMatchObject({ className: 'coding' });
  });

  it('takes the class of an equal example, however the neighbours vote', () => {
    const same = { id: 'same', className: 'math' };
    const decision = decide(near(['coding', 'coding', 'chat'], same), rules({ math: 1 }), bundle);
    expect(decision).toMatchObject({
      className: 'math',
      confidence: 1,
      basis: { kind: 'example', exampleId: 'same' },
    });
    expect(decision.posterior).toEqual([
      { className: 'math', probability: 1 },
      { className: 'coding', probability: 0 },
      { className: 'chat', probability: 0 },
      { className: 'knowledge', probability: 0 },
    ]);
  });

  it('gives the default class no confidence when there is nothing to weigh', () => {
    const evidence: Evidence = { kind: 'none', reason: 'embedder-late', ask };
    const decision = decide(evidence, rules(), bundle);
    expect(decision).toEqual({
      className: 'knowledge',
      confidence: undefined,
      basis: { kind: 'abstained', reason: 'embedder-late' },
      posterior: [],
      neighbours: [],
      context: undefined,
      ask,
      bundle,
    });
    expect(classOrder(decision)).toEqual(['knowledge']);
  });

  it('does as the request says when it names the class or the model', () => {
    expect(forcedDecision('math', bundle)).toMatchObject({
      className: 'math',
      confidence: undefined,
      basis: { kind: 'forced' },
    });
    expect(classOrder(forcedDecision('math', bundle))).toEqual(['math']);
    expect(classOrder(forcedDecision(undefined, bundle))).toEqual([]);
  });
});

describe('deciding in a conversation', () => {
  const unsure = ['coding', 'coding', 'math', 'chat', 'knowledge'];
  const about = (weights: Readonly<Record<string, number>>, share = 0.3): ContextFacts => ({
    turns: 1,
    share,
    prior: rank(Object.entries(weights).map(([className, weight]) => ({ className, weight }))),
  });

  it('stays with what it was about when unsure, if that was likelier than not', () => {
    const context = about({ math: 51, chat: 49 });
    const decision = decide(near(unsure, undefined, context), rules(), bundle);
    expect(decision).toMatchObject({
      className: 'math',
      basis: { kind: 'abstained', reason: 'low-confidence' },
      context,
    });
    expect(decision.confidence).toBeCloseTo(0.2);
    expect(classOrder(decision)[0]).toBe('math');
  });

  it('serves the default class when what it was about is no likelier than the rest', () => {
    for (const prior of [about({ math: 50, chat: 50 }), { ...about({}), prior: [] }]) {
      const decision = decide(near(unsure, undefined, prior), rules(), bundle);
      expect(decision.className).toBe('knowledge');
      expect(decision.confidence).toBeCloseTo(0.2);
    }
  });

  it('stays with it for an ask that is unlike every example, too', () => {
    const foreign = near(['coding'], undefined, about({ math: 9, chat: 1 }, 0.1));
    expect(decide(foreign, { ...rules(), outOfScopeBelow: 0.9 }, bundle)).toMatchObject({
      className: 'math',
      basis: { kind: 'abstained', reason: 'out-of-scope' },
    });
  });

  it('takes a sure class, whatever it was about', () => {
    const sure = near(['coding', 'coding'], undefined, about({ math: 1 }));
    expect(decide(sure, rules(), bundle)).toMatchObject({
      className: 'coding',
      basis: { kind: 'posterior' },
    });
  });

  it('asks no example to be like an ask as far as that only goes on', () => {
    const score = (similarity: number, share: number) =>
      inScopeScore({
        tier: 'transformer',
        posterior: [{ className: 'coding', probability: 0.8 }],
        neighbours: [{ id: '', text: '', className: '', similarity }],
        context: { turns: 1, share, prior: [] },
      });
    expect(score(0.25, 0)).toBeCloseTo(0.8 * 0.25);
    expect(score(0.25, 0.5)).toBeCloseTo(0.8 * (0.5 + 0.5 * 0.25));
    expect(score(0.25, 1)).toBeCloseTo(0.8);
    expect(score(-0.4, 0.5)).toBeCloseTo(0.4);
  });

  it('asks no example to be like an ask that the first tier is sure of', () => {
    const strict = { ...rules(), outOfScopeBelow: 0.5 };
    const posterior = [{ className: 'coding', probability: 0.9 }];
    const sure = { ...near([]), tier: 'static', posterior } as Evidence;
    expect(decide(sure, strict, bundle)).toMatchObject({
      className: 'coding',
      basis: { kind: 'posterior' },
      tier: 'static',
    });
  });

  it('keeps an ask in scope that only goes on, and no other that is as far from the examples', () => {
    const strict = { ...rules(), outOfScopeBelow: 0.75 };
    // The nearest example has a similarity of .7, and the class is certain.
    const decided = (share: number) =>
      decide(near(['coding'], undefined, about({ coding: 1 }, share)), strict, bundle).basis;
    expect(decided(0.1)).toEqual({ kind: 'abstained', reason: 'out-of-scope' });
    expect(decided(0.2)).toEqual({ kind: 'posterior' });
  });
});
