import { describe, expect, it } from 'vitest';
import { flipsOf } from '../../src/evaluation/flips.ts';
import { perturbations } from '../../src/evaluation/perturbations.ts';
import { createRandom } from '../../src/random.ts';

const prompt = 'Explain photosynthesis to somebody who never liked chemistry';

function perturb(kind: string, text = prompt, seed = 1): string {
  return perturbations[kind]?.(text, createRandom(seed)) ?? '';
}

describe('a perturbation', () => {
  it.each(Object.keys(perturbations))('changes the prompt, repeatably: %s', (kind) => {
    expect(perturb(kind)).not.toBe(prompt);
    expect(perturb(kind)).toBe(perturb(kind));
  });

  it('by typos keeps every letter and most words', () => {
    const mistyped = perturb('typos');
    expect([...mistyped].sort()).toEqual([...prompt].sort());
    const kept = mistyped.split(' ').filter((word) => prompt.includes(word));
    expect(kept.length).toBeGreaterThanOrEqual(prompt.split(' ').length - 2);
  });

  it.each(['', 'a b c', '1 + 1 = ?', '日本語'])('does no harm to %j', (text) => {
    for (const kind of Object.keys(perturbations)) {
      expect(perturb(kind, text)).toEqual(expect.any(String));
    }
  });
});

const sure = (predicted: string) => ({ predicted, abstained: false });

function perturbed(...predicted: string[]) {
  return predicted.map((name, position) => ({ kind: `kind ${position}`, ...sure(name) }));
}

describe('the flip rate', () => {
  it('is the share of perturbed prompts that are taken for another class', () => {
    expect(
      flipsOf([
        { ...sure('chat'), perturbed: perturbed('chat', 'math') },
        { ...sure('math'), perturbed: perturbed('math', 'math') },
        sure('chat'),
      ]),
    ).toEqual({
      flipRate: 0.25,
      decidedFlipRate: 0.25,
      flips: [
        { kind: 'kind 0', n: 2, rate: 0, decided: 2, decidedRate: 0 },
        { kind: 'kind 1', n: 2, rate: 0.5, decided: 2, decidedRate: 0.5 },
      ],
    });
  });

  it('is told apart where the prompt and its change are both decided', () => {
    const unsure = (name: string) => ({ ...sure(name), abstained: true });
    const changed = (prediction: ReturnType<typeof sure>) => [{ kind: 'typos', ...prediction }];
    const figures = flipsOf([
      { ...sure('chat'), perturbed: changed(unsure('math')) },
      { ...unsure('chat'), perturbed: changed(sure('math')) },
      { ...sure('chat'), perturbed: changed(sure('math')) },
      { ...sure('chat'), perturbed: changed(sure('chat')) },
    ]);
    expect(figures).toMatchObject({ flipRate: 0.75, decidedFlipRate: 0.5 });
    const undecided = flipsOf([{ ...unsure('chat'), perturbed: changed(sure('chat')) }]);
    expect(undecided).toMatchObject({ flipRate: 0, decidedFlipRate: null });
  });

  it('is unknown when nothing was perturbed', () => {
    const unknown = { flipRate: null, decidedFlipRate: null, flips: [] };
    expect(flipsOf([sure('chat')])).toEqual(unknown);
  });
});
