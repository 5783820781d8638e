import { describe, expect, it } from 'vitest';
import { holdFirst } from '../../src/routing/hold-first.ts';
import type { Candidate } from '../../src/routing/plan.ts';

const candidate = (model: string, changes: Partial<Candidate> = {}): Candidate => ({
  model,
  provider: 'provider',
  className: 'coding',
  status: 'in',
  cause: 'preferred',
  reason: 'preferred by coding',
  ...changes,
});
const held = {
  model: 'held',
  provider: 'provider',
  className: 'chat',
  reason: 'at work on the same request',
};
const limit = { status: 'out', cause: 'attempt-limit', reason: 'beyond' } as const;
const noFallback = { status: 'out', cause: 'no-fallback', reason: 'no fallback' } as const;

describe('the model that holds a conversation', () => {
  it.each([
    ['in the plan', candidate('held')],
    ['beyond the attempts allowed', candidate('held', limit)],
    ['not to be asked by the decision', candidate('held', noFallback)],
  ])('comes first, for the class that it has served, where it is %s', (_case, found) => {
    const plan = holdFirst([candidate('new'), candidate('other'), found], held);
    expect(plan?.map(({ model }) => model)).toEqual(['held', 'new', 'other']);
    expect(plan?.[0]).toMatchObject({
      status: 'in',
      cause: 'held',
      className: 'chat',
      reason: 'holds the conversation: at work on the same request',
    });
  });

  it('comes first at all of its providers, the one that has served before the others', () => {
    const heldAt = (provider: string) => candidate('held', { provider });
    const east = { ...held, provider: 'east' };
    const plan = holdFirst([candidate('new'), heldAt('west'), heldAt('east')], east);
    expect(plan?.map(({ model, provider }) => `${model}@${provider}`)).toEqual([
      'held@east',
      'held@west',
      'new@provider',
    ]);
    expect(plan?.[0]?.reason).toBe('east: holds the conversation: at work on the same request');
  });

  it('serves the class that was decided where it is given none', () => {
    const plan = holdFirst([candidate('held')], { ...held, className: undefined });
    expect(plan?.[0]).toMatchObject({ cause: 'held', className: 'coding' });
  });

  it('takes the place of the last one where it was beyond the attempts allowed', () => {
    const [east, west] = ['east', 'west'].map((provider) => candidate('last', { provider }));
    const plan = [candidate('new'), east, west, candidate('held', limit)] as Candidate[];
    expect(toStatus(holdFirst(plan, held))).toEqual([
      'held in',
      'new in',
      'last attempt-limit',
      'last attempt-limit',
    ]);
  });

  it('is the only one to be asked where the request wants no fallback', () => {
    const [east, west] = ['east', 'west'].map((provider) =>
      candidate('held', { provider, ...noFallback }),
    );
    const plan = [candidate('new'), east, west] as Candidate[];
    expect(toStatus(holdFirst(plan, { ...held, provider: 'west' }))).toEqual([
      'held in',
      'held no-fallback',
      'new no-fallback',
    ]);
  });

  it('stays out where it can not serve the request', () => {
    const plan = [
      candidate('new'),
      candidate('held', { status: 'out', cause: 'unhealthy', reason: 'out of order' }),
    ];
    expect(holdFirst(plan, held)).toBeUndefined();
  });
});

function toStatus(plan: readonly Candidate[] = []): string[] {
  return plan.map(({ model, status, cause }) => `${model} ${status === 'in' ? 'in' : cause}`);
}
