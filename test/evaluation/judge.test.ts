import { describe, expect, it } from 'vitest';
import { goesOn } from '../../src/classifier/goes-on.ts';
import { type JudgeOptions, judge } from '../../src/evaluation/judge.ts';
import { perturbations } from '../../src/evaluation/perturbations.ts';
import { toTestItem } from '../../src/evaluation/test-set.ts';
import { toTurns } from '../../src/examples/conversations.ts';
import { teach } from '../../src/index/teach.ts';
import { createRandom } from '../../src/random.ts';
import { openParts } from '../index/open-parts.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';

const examples = ['sort a list', 'sort an array', 'sort these words', 'sort the rows', 'sort names']
  .map((text) => ({ text, className: 'coding' }))
  .concat(
    ['poem about rain', 'poem about love', 'a sad poem', 'poem for mum', 'funny poem'].map(
      (text) => ({ text, className: 'poetry' }),
    ),
  );
const learnt = toTurns(
  {
    turns: [
      { user: 'sort my files', class: 'coding' },
      { user: 'shorter', class: 'coding' },
      { user: 'even shorter please', class: 'coding' },
      { user: 'shorter still', class: 'coding' },
    ],
  },
  'learnt',
);
const asked = toTurns(
  {
    turns: [
      { user: 'poem about my cat', assistant: 'Soft paws.', class: 'poetry' },
      { user: 'make it shorter', class: 'poetry' },
    ],
  },
  'asked',
);

async function setUp(perturb: JudgeOptions['perturb']) {
  const parts = openParts({ directory: makeTempDirectory(), library: undefined });
  const { inputs, lessons } = await teach({ examples, conversations: learnt }, parts);
  parts.embedder.calls.length = 0;
  const options: JudgeOptions = {
    ...parts,
    lessons,
    neighbours: 3,
    training: { scales: { dense: 2, sparse: 3 }, epochs: 20, seed: 1 },
    posterior: { sharpness: 10, voteShare: 0.1, temperature: 1 },
    thresholdOf: () => 0,
    outOfScopeBelow: 0,
    defaultClass: 'coding',
    outOfScopeLabel: undefined,
    perturb,
    onProgress: () => {},
  };
  return { inputs, options, calls: parts.embedder.calls };
}

describe('judging a conversation', () => {
  it('judges each turn after the ones before it', async () => {
    const { inputs, options } = await setUp(undefined);
    const [first, second] = await judge(inputs, asked.map(toTestItem), options);
    expect(first).toMatchObject({ trueClass: 'poetry', predicted: 'poetry' });
    expect(second).toMatchObject({ trueClass: 'poetry', predicted: 'poetry' });
    expect([first?.predicted, second?.predicted]).not.toContain(goesOn);
  });

  it('changes the words of the ask, which does not make it follow itself', async () => {
    const { inputs, options, calls } = await setUp(createRandom(1));
    const items = asked.map(toTestItem).slice(1);
    const [prediction] = await judge(inputs, items, options);
    const [unchanged = [], ...changed] = calls;
    expect(unchanged).toEqual(['poem about my cat', 'make it shorter']);
    const kinds = Object.keys(perturbations);
    expect(prediction?.perturbed?.map(({ kind }) => kind)).toEqual(kinds);
    // All but what was in lower case already.
    expect(changed).toHaveLength(kinds.length - 1);
    for (const texts of changed) {
      expect(texts).toHaveLength(2);
      expect(texts[0]).toBe('poem about my cat');
    }
  });
});
