import { describe, expect, it } from 'vitest';
import type { SpeakingFeature } from '../../src/classifier/explain-head.ts';
import { explainInHeader } from '../../src/http/explain.ts';
import { makeRouted } from './routed-fixture.ts';

function routed(wording: readonly SpeakingFeature[] | undefined) {
  return makeRouted({
    className: 'coding',
    confidence: 0.8,
    basis: { kind: 'posterior' },
    posterior: [{ className: 'coding', probability: 0.8 }],
    reasons: wording && { className: 'coding', wording, meaningShare: 0.61234 },
  });
}

describe('a decision explained in a header', () => {
  it('names the words that spoke for the class, and how much meaning did', () => {
    const wording = [{ kind: 'opening' as const, text: 'düzelt bunu', weight: 1.23456 }];
    const header = explainInHeader(routed(wording));
    expect(header).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(header)).toMatchObject({
      wording: [['opening', 'düzelt bunu', 1.235]],
      meaningShare: 0.612,
    });
  });

  it('says nothing of words where the head had no part in it', () => {
    expect(Object.keys(JSON.parse(explainInHeader(routed(undefined))))).toEqual([
      'basis',
      'posterior',
      'neighbours',
      'candidates',
    ]);
  });
});
