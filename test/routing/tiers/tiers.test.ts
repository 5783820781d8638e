import { describe, expect, it } from 'vitest';
import { decodeFeatures } from '../../../src/classifier/feature-record.ts';
import { EmbedderError } from '../../../src/embedding/embedder.ts';
import { createExample } from '../../../src/examples/example.ts';
import { readConversation } from '../../../src/routing/conversation/read-conversation.ts';
import { createDecider } from '../../../src/routing/decider.ts';
import { createClassifier } from '../../../src/routing/posterior.ts';
import { createStaticTier } from '../../../src/routing/tiers/static-tier.ts';
import type { Weighed } from '../../../src/routing/tiers/tier.ts';
import { createTransformerTier } from '../../../src/routing/tiers/transformer-tier.ts';
import { wordHead } from '../../classifier/word-head.ts';
import { toyStaticEncoder } from '../../embedding/static/toy-static-encoder.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeEmbedder } from '../../support/fake-embedder.ts';

const classNames = ['chat', 'coding'];
const encoder = toyStaticEncoder();
const example = createExample({ text: 'maybe', class: 'coding' }, 'dataset');

function createParts({ sureFrom = 0.9, isUpToDate = (): boolean => true } = {}) {
  const embedder = createFakeEmbedder();
  const clock = createFakeClock();
  const posterior = { classNames, sharpness: 1, voteShare: 0, temperature: 1 };
  // The first tier is sure of "hello" and of "sort", which the last one takes for chat; "list" says something only to the last.
  const firstHead = wordHead({ hello: 'chat', sort: 'coding' }, { classNames });
  const first = createClassifier(posterior, () => firstHead);
  const { featureDimensions: dimensions } = embedder.encoder;
  const lastHead = wordHead({ sort: 'chat', list: 'coding' }, { classNames, dimensions });
  const last = createClassifier(posterior, () => lastHead);
  const compared: object[] = [];
  const considered: [string, Weighed][] = [];
  const decider = createDecider({
    tiers: [
      createStaticTier({ encoder, classifier: first, isUpToDate, sureFrom: () => sureFrom }),
      createTransformerTier({
        embedder,
        examples: { neighbours: () => [] },
        classifier: last,
        neighbours: 3,
        deadlineMs: 1_000,
      }),
    ],
    examples: {
      hash: 'examples',
      findByText: (text) => (text === example.text ? example : undefined),
    },
    rules: { defaultClass: 'chat', thresholdOf: () => 0.6, outOfScopeBelow: 0 },
    clock,
    observer: { compared: (result) => compared.push(result) },
    audit: {
      consider: ({ ask }, weighed) => considered.push([ask.text, weighed]),
      close: () => {},
    },
  });
  const decide = (content: string, ...later: string[]) =>
    decider.decide(
      readConversation([content, ...later].map((text) => ({ role: 'user', content: text }))),
    );
  return { embedder, decider, decide, compared, considered };
}

describe('the tiers of a decider', () => {
  it('leave what the first is sure of to it, without the encoder', async () => {
    const { decide, embedder } = createParts();
    const { decision } = await decide('sort list');
    expect(decision).toMatchObject({
      className: 'coding',
      tier: 'static',
      basis: { kind: 'posterior' },
      neighbours: [],
      ask: { tokens: 2 },
      bundle: { encoderHash: 'toy', exampleSetHash: 'examples' },
    });
    expect(decision.confidence).toBeGreaterThan(0.9);
    expect(embedder.calls).toEqual([]);
  });

  it('take everything else to the last one', async () => {
    const { decide, embedder } = createParts();
    const { decision } = await decide('list');
    expect(decision).toMatchObject({ className: 'coding', tier: 'transformer' });
    expect(decision.bundle.encoderHash).toBe('fake');
    expect(embedder.calls).toEqual([['list']]);
  });

  it('are sure only from the confidence that is tuned', async () => {
    const { decide } = createParts({ sureFrom: 0.9999 });
    expect((await decide('sort')).decision.tier).toBe('transformer');
  });

  it('are all asked where the first has no word for it', async () => {
    const { decide, compared } = createParts();
    expect((await decide('unheard')).decision.tier).toBe('transformer');
    expect(compared).toEqual([]);
  });

  it('let the last one decide a later turn, and an ask whose examples the first has not learnt yet', async () => {
    const following = createParts();
    expect((await following.decide('hello', 'sort')).decision.tier).toBe('transformer');
    let isUpToDate = false;
    const behind = createParts({ isUpToDate: () => isUpToDate });
    expect((await behind.decide('sort')).decision.tier).toBe('transformer');
    isUpToDate = true;
    expect((await behind.decide('sort')).decision.tier).toBe('static');
  });

  it('know again what was asked before, also while the encoder is down', async () => {
    const { decide, embedder } = createParts();
    const first = await decide('list');
    embedder.failWith(new EmbedderError('down', 'It has died.'));
    const again = await decide('list');
    expect(again.decision).toEqual(first.decision);
    expect(embedder.calls).toEqual([['list']]);
  });

  it('let the last one explain', async () => {
    const { decider } = createParts();
    const conversation = readConversation([{ role: 'user', content: 'sort' }]);
    const { decision } = await decider.decide(conversation, { explain: true });
    expect(decision).toMatchObject({ tier: 'transformer', className: 'chat' });
    expect(decision.reasons?.className).toBe('chat');
  });

  it('need no certainty to know an example again', async () => {
    const { decide, compared, considered } = createParts();
    const { decision } = await decide('maybe');
    expect(decision).toMatchObject({
      className: 'coding',
      confidence: 1,
      basis: { kind: 'example', exampleId: example.id },
      tier: 'static',
    });
    expect([compared, considered]).toEqual([[], []]);
  });

  it('are compared where both weighed, and audited where only the first did', async () => {
    const { decide, compared, considered } = createParts({ sureFrom: 0.9 });
    await decide('list');
    expect(compared).toEqual([{ wasSure: false, agrees: false }]);
    await decide('hello');
    expect(considered.map(([ask, { tier }]) => [ask, tier])).toEqual([['hello', 'static']]);
  });

  it('decide nothing while the encoder is down, but for what the first is sure of', async () => {
    const { decide, embedder } = createParts();
    embedder.failWith(new EmbedderError('down', 'No vector.'));
    const unsure = (await decide('list')).decision;
    expect(unsure.basis).toEqual({ kind: 'abstained', reason: 'embedder-down' });
    expect(unsure.tier).toBeUndefined();
    expect((await decide('sort')).decision).toMatchObject({ className: 'coding', tier: 'static' });
  });

  it('record what the tier that decided has read', async () => {
    const { decide } = createParts();
    const ofFirst = decodeFeatures((await decide('sort')).recordFeatures?.() ?? new Uint8Array());
    expect(ofFirst?.tier).toBe('static');
    expect(ofFirst?.views[0]?.vector).toHaveLength(2);
    const ofLast = decodeFeatures((await decide('list')).recordFeatures?.() ?? new Uint8Array());
    expect(ofLast?.tier).toBe('transformer');
    expect(ofLast?.views[0]?.vector).toHaveLength(64);
  });
});
