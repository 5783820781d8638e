import { describe, expect, it } from 'vitest';
import { goesOn } from '../../../src/classifier/goes-on.ts';
import type { LinearHead } from '../../../src/classifier/linear-head.ts';
import { readText } from '../../../src/classifier/read-text.ts';
import { trainHead } from '../../../src/classifier/train-head.ts';
import type { Voter } from '../../../src/routing/classify.ts';
import { type EmbeddedTurn, weighTurns } from '../../../src/routing/conversation/weigh-turns.ts';
import { createClassifier } from '../../../src/routing/posterior.ts';
import { wordHead } from '../../classifier/word-head.ts';

const classNames = ['chat', 'coding', 'poetry'];
const words = { hello: 'chat', sort: 'coding', poem: 'poetry', shorter: goesOn };
const head = wordHead(words, { classNames: [goesOn, ...classNames], strength: 12 });
/** Unsure whether anything goes on: that is as likely as each of the classes. */
const unsure = wordHead(words, { classNames: [goesOn, ...classNames], strength: Math.log(3) });

function turn(text: string, ...vector: number[]): EmbeddedTurn {
  const features = Float32Array.from(vector);
  return {
    read: readText(text),
    views: [{ vector: features, features, tokens: 1, truncated: false }],
  };
}

const sort = turn('sort a list', 1, 0);
const hello = turn('hello', 0, -1);
const poem = turn('now a poem', 0, 1);
const shorter = turn('shorter', 0, 1);

/** Weighs with a head alone, unless neighbours are found, and keeps what was searched for. */
function weigh(
  ask: EmbeddedTurn,
  earlier: readonly EmbeddedTurn[],
  how: { head?: LinearHead; found?: readonly Voter[]; voteShare?: number; reply?: string } = {},
) {
  const { found = [], voteShare = 0, reply = '' } = how;
  const searched: Float32Array[] = [];
  const classifier = createClassifier(
    { classNames, sharpness: 10, voteShare, temperature: 1 },
    () => how.head ?? head,
  );
  const weighed = weighTurns(ask, earlier, {
    reply,
    classifier,
    search(vector) {
      searched.push(vector);
      return found;
    },
  });
  const probabilityOf = (name: string) =>
    weighed.posterior.find(({ className }) => className === name)?.probability ?? 0;
  return { ...weighed, searched, probabilityOf };
}

describe('an ask that opens its conversation', () => {
  it('has nothing before it, even where it sounds as if it went on', () => {
    const weighed = weigh(shorter, []);
    expect(weighed.context).toBeUndefined();
    expect(weighed.input.before).toBeUndefined();
    expect(weighed.probabilityOf('coding')).toBeCloseTo(1 / 3, 6);
    expect(weighed.searched).toEqual([Float32Array.of(0, 1)]);
  });
});

describe('an ask that only goes on', () => {
  it('is about what the turn before it was about', () => {
    const { context, posterior, probabilityOf } = weigh(shorter, [sort]);
    expect(posterior[0]?.className).toBe('coding');
    expect(probabilityOf('coding')).toBeGreaterThan(0.98);
    expect(context).toMatchObject({ turns: 1, share: expect.closeTo(1, 3) });
    expect(context?.prior[0]?.className).toBe('coding');
    expect(context?.prior).toHaveLength(3);
  });

  it('finds what it goes on with several turns back', () => {
    const { context, posterior } = weigh(shorter, [hello, sort, shorter, shorter]);
    expect(context?.turns).toBe(4);
    expect(context?.prior[0]?.className).toBe('coding');
    expect(posterior[0]?.className).toBe('coding');
  });

  it('takes what it goes on with from the last task alone', () => {
    const { probabilityOf } = weigh(shorter, [sort, poem]);
    expect(probabilityOf('poetry')).toBeGreaterThan(0.98);
  });

  it('looks for neighbours where the conversation was', () => {
    const [vector] = weigh(shorter, [sort]).searched;
    expect(vector?.[0]).toBeGreaterThan(0.99);
    expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 6);
  });
});

describe('a new task in a conversation', () => {
  it('keeps a posterior of its own, found by its own vector', () => {
    const weighed = weigh(poem, [sort]);
    expect(weighed.probabilityOf('poetry')).toBeGreaterThan(0.98);
    expect(weighed.context).toEqual({ turns: 1, share: expect.closeTo(0, 3), prior: [] });
    expect(weighed.searched).toEqual([Float32Array.of(0, 1)]);
    expect(weighed.posterior).toEqual(weigh(poem, []).posterior);
  });
});

describe('an ask that may go on or not', () => {
  it('takes its share from what was before, and the rest from itself', () => {
    const { context, probabilityOf } = weigh(shorter, [sort], { head: unsure });
    expect(context?.share).toBeCloseTo(0.5, 6);
    const before = new Map(context?.prior.map((entry) => [entry.className, entry.probability]));
    expect(before.get('coding')).toBeCloseTo(3 / 5, 6);
    expect(probabilityOf('coding')).toBeCloseTo(0.5 / 3 + 0.5 * (3 / 5), 6);
    expect(probabilityOf('chat')).toBeCloseTo(0.5 / 3 + 0.5 * (1 / 5), 6);
  });

  it('looks for neighbours half way, and lets them vote on what is its own', () => {
    const found = [{ className: 'chat', similarity: 0.9 }];
    const how = { head: unsure, found, voteShare: 0.5 };
    const { searched, probabilityOf, neighbours } = weigh(shorter, [sort], how);
    const [x = 0, y = 0] = searched[0] ?? [];
    expect(x / y).toBeCloseTo(1, 5);
    expect(neighbours).toBe(found);
    expect(probabilityOf('chat')).toBeGreaterThan(0.5 * (0.5 + 0.5 / 3));
  });
});

describe('a head that was taught conversations', () => {
  const vectors = [Float32Array.of(0.6, 0.8)];
  const learnt = trainHead(
    Array.from({ length: 12 }, (_, number) => ({ text: `shorter ${number}`, vectors })).flatMap(
      (input) => [
        { ...input, className: 'coding', before: { context: Float32Array.of(1, 0), reply: 'a' } },
        { ...input, className: 'poetry', before: { context: Float32Array.of(0, 1), reply: 'a' } },
      ],
    ),
    { scales: { dense: 2, sparse: 1 }, epochs: 20, seed: 1 },
  );
  const ask = turn('shorter', 0.6, 0.8);

  it('reads them itself: nothing is carried, and neighbours are those of the ask', () => {
    const weighAfter = (earlier: EmbeddedTurn) =>
      weigh(ask, [earlier], { head: learnt, reply: 'a' });
    expect(weighAfter(sort).posterior[0]?.className).toBe('coding');
    expect(weighAfter(poem).posterior[0]?.className).toBe('poetry');
    expect(weighAfter(poem).context).toEqual({ turns: 1, share: 0, prior: [] });
    expect(weighAfter(poem).searched).toEqual(vectors);
  });

  it('is shown the reply', () => {
    const read = (reply: string) => weigh(ask, [sort], { head: learnt, reply }).input.before?.reply;
    expect(read('a')?.size).toBeGreaterThan(0);
    expect(read('a')).not.toEqual(read('b'));
  });
});

describe('without a head', () => {
  it('the neighbours of the ask decide alone', () => {
    const found = [{ className: 'poetry', similarity: 0.9 }];
    const classifier = createClassifier(
      { classNames, sharpness: 10, voteShare: 0.5, temperature: 1 },
      () => undefined,
    );
    const how = { reply: '', classifier, search: () => found };
    const { posterior, context } = weighTurns(shorter, [sort], how);
    expect(posterior[0]).toEqual({ className: 'poetry', probability: 1 });
    expect(context).toEqual({ turns: 1, share: 0, prior: [] });
  });
});
