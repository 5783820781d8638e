import { describe, expect, it } from 'vitest';
import { toReplyIds, toSparseIds } from '../../src/classifier/feature-ids.ts';
import { blocksOf, encodeInput, predict } from '../../src/classifier/linear-head.ts';
import { type LabelledInput, trainHead } from '../../src/classifier/train-head.ts';
import { dimensions, settings, toyInputs } from './toy-inputs.ts';
import { wordHead } from './word-head.ts';

const singles = toyInputs({ coding: 20, poetry: 20 }).map((input, position) => ({
  ...input,
  // Every text its own, as in a set of examples.
  text: `${input.text} n${position}`,
}));
const axisOf = (axis: number) =>
  Float32Array.from({ length: dimensions }, (_, position) => Number(position === axis));
const [codingContext, poetryContext, askVector] = [axisOf(0), axisOf(1), axisOf(5)];

/** The same ask after each context. */
function follow(text: string, reply: { coding: string; poetry: string }): LabelledInput[] {
  const vectors = [askVector];
  return [
    {
      text,
      vectors,
      className: 'coding',
      before: { context: codingContext, reply: reply.coding },
    },
    {
      text,
      vectors,
      className: 'poetry',
      before: { context: poetryContext, reply: reply.poetry },
    },
  ];
}

const asks = Array.from({ length: 12 }, (_, number) => `make it shorter ${number}`);
const same = { coding: 'done', poetry: 'done' };
const taught = trainHead([...singles, ...asks.flatMap((text) => follow(text, same))], settings);
const ask = { text: 'make it shorter', vectors: [askVector] };

describe('a head that was taught conversations', () => {
  it('takes the same ask for another task after something else', () => {
    const predictAfter = (context: Float32Array) =>
      predict(taught, { ...ask, before: { context, reply: 'done' } });
    expect(predictAfter(codingContext).get('coding')).toBeGreaterThan(0.8);
    expect(predictAfter(poetryContext).get('poetry')).toBeGreaterThan(0.8);
  });

  it('reads an ask that opens a conversation by itself', () => {
    for (const input of singles.slice(0, 5)) {
      expect(predict(taught, input).get(input.className)).toBeGreaterThan(0.8);
    }
  });

  it('reads the reply apart from the ask', () => {
    const replies = { coding: 'function sorted', poetry: 'autumn leaves' };
    const head = trainHead(
      asks.flatMap((text) =>
        follow(text, replies).map((input) => ({
          ...input,
          // Only the reply tells them apart.
          before: { context: askVector, reply: input.before?.reply ?? '' },
        })),
      ),
      settings,
    );
    const codingAfter = (reply: string, text = ask.text) =>
      predict(head, { ...ask, text, before: { context: askVector, reply } }).get('coding') ?? 0;
    expect(codingAfter('function sorted')).toBeGreaterThan(0.8);
    expect(codingAfter('autumn leaves')).toBeLessThan(0.2);
    // The same words in the ask were never seen there.
    expect(codingAfter('', 'function sorted')).toBeCloseTo(codingAfter('', 'never seen'), 6);
  });

  it('is the same for the same inputs in any order', () => {
    const inputs = [...singles, ...asks.flatMap((text) => follow(text, same))];
    expect(trainHead(inputs.toReversed(), settings)).toEqual(taught);
  });
});

describe('a head that was taught single texts', () => {
  const head = trainHead(singles, settings);

  it('has no weights for what came before', () => {
    expect(head.readsContext).toBe(false);
    expect(blocksOf(head)).toBe(2);
    expect(head.denseWeights).toHaveLength(2 * 2 * dimensions);
    expect(taught.denseWeights).toHaveLength(2 * 3 * dimensions);
  });

  it('does not care what came before', () => {
    const before = { context: poetryContext, reply: 'autumn leaves' };
    for (const input of singles.slice(0, 3)) {
      expect(predict(head, { ...input, before })).toEqual(predict(head, input));
    }
  });
});

describe('an input with something before it', () => {
  const head = wordHead(
    { sort: 'a', '<sort': 'b' },
    { classNames: ['a', 'b'], readsContext: true, strength: 3 },
  );
  const vectors = [Float32Array.of(1, 0)];
  const context = Float32Array.of(0, 1);

  it('has the context in a block of its own', () => {
    const { dense } = encodeInput({ text: '', vectors, before: { context, reply: '' } }, head);
    expect(dense).toEqual(Float32Array.of(1, 0, 0, 0, 0, 1));
  });

  it('has the features of ask and reply each as long as the sparse scale', () => {
    const before = { context, reply: 'sort' };
    const { columns, values } = encodeInput({ text: 'sort', vectors, before }, head);
    expect([...columns].toSorted()).toEqual([0, 1]);
    expect([...values]).toEqual([3, 3]);
  });

  it('says the same when only its features are left', () => {
    const recorded = { vectors, sparse: toSparseIds('sort'), before: undefined };
    const reply = toReplyIds('please sort');
    expect(encodeInput({ ...recorded, before: { context, reply } }, head)).toEqual(
      encodeInput({ text: 'sort', vectors, before: { context, reply: 'please sort' } }, head),
    );
  });

  it('shares no feature between ask and reply', () => {
    const text = 'sort a list of numbers?';
    const ofReply = new Set(toReplyIds(text).keys());
    expect([...toSparseIds(text).keys()].filter((id) => ofReply.has(id))).toEqual([]);
    expect(ofReply.size).toBe(toSparseIds(text).size);
  });
});
