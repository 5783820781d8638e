import { describe, expect, it } from 'vitest';
import { type Embedder, EmbedderError } from '../../src/embedding/embedder.ts';
import { createExample } from '../../src/examples/example.ts';
import { createExactIndex } from '../../src/index/exact-index.ts';
import { createExampleIndex } from '../../src/index/example-index.ts';
import { normaliseText } from '../../src/normalise-text.ts';
import { readConversation } from '../../src/routing/conversation/read-conversation.ts';
import { type Classifier, createClassifier } from '../../src/routing/posterior.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeEmbedder } from '../support/fake-embedder.ts';
import { createOneTierDecider } from '../support/one-tier-decider.ts';

const examples = [
  ['hello my friend', 'chat'],
  ['hello and good morning', 'chat'],
  ['sort a list of numbers', 'coding'],
  ['sort an array of words', 'coding'],
  ['what is the capital of france', 'knowledge'],
].map(([text = '', className = '']) => createExample({ text, class: className }, 'dataset'));

const classNames = ['chat', 'coding', 'knowledge'];
/** The neighbours decide alone. */
const voting = createClassifier(
  { classNames, sharpness: 12, voteShare: 1, temperature: 1 },
  () => undefined,
);

async function createParts() {
  const clock = createFakeClock();
  const embedder = createFakeEmbedder();
  const index = createExampleIndex(createExactIndex(embedder.encoder.dimensions));
  const embeddings = await embedder.embed(examples.map(({ text }) => text));
  for (const [position, { vector }] of embeddings.entries()) {
    const example = examples[position];
    if (example !== undefined) index.add(example, vector);
  }
  embedder.calls.length = 0;
  const options = {
    embedder: embedder as Embedder,
    examples: {
      hash: 'examples',
      findByText: (text: string) =>
        examples.find((example) => normaliseText(example.text) === normaliseText(text)),
      neighbours: index.neighbours,
    },
    classifier: voting,
    rules: {
      defaultClass: 'knowledge',
      thresholdOf: () => 0.6,
      outOfScopeBelow: 0,
    },
    neighbours: 3,
    deadlineMs: 1_000,
    clock,
  };
  return { clock, embedder, options };
}

const user = (content: string) => [{ role: 'user', content }];

describe('a decider', () => {
  it('takes a request to the class of the examples near it', async () => {
    const { options } = await createParts();
    const { decision } = await createOneTierDecider(options).decide(
      readConversation(user('please sort a list of names')),
    );
    expect(decision).toMatchObject({
      className: 'coding',
      basis: { kind: 'posterior' },
      ask: { excerpt: 'please sort a list of names', characters: 27, read: 'whole', tokens: 5 },
      bundle: { encoderHash: 'fake', exampleSetHash: 'examples' },
    });
    expect(decision.neighbours).toHaveLength(3);
    expect(decision.neighbours[0]).toEqual({
      id: examples[2]?.id,
      text: 'sort a list of numbers',
      className: 'coding',
      similarity: expect.any(Number),
    });
  });

  it('finds neighbours by the vector and lets the head read the features of each view', async () => {
    const { embedder, options } = await createParts();
    const read: Parameters<Classifier['read']>[0][] = [];
    const voters: Parameters<Classifier['classify']>[1][] = [];
    const classifier: Classifier = {
      ...voting,
      read(text) {
        read.push(text);
        return voting.read(text);
      },
      classify(reading, neighbours) {
        voters.push(neighbours);
        return voting.classify(reading, neighbours);
      },
    };
    const decider = createOneTierDecider({ ...options, classifier });
    await decider.decide(
      readConversation(user('sort a list '.repeat(20) + 'hello my friend '.repeat(20))),
    );
    const [views = []] = embedder.calls;
    expect(views).toHaveLength(2);
    const embeddings = await embedder.embed(views);
    expect(read[0]?.vectors).toEqual(embeddings.map(({ features }) => features));
    expect(voters[0]).toHaveLength(3);
  });

  it('says why the head favours the most likely class, also where it abstains', async () => {
    const { options } = await createParts();
    const reasonsFor = (className: string) => ({ className, wording: [], meaningShare: 1 });
    const decider = createOneTierDecider({
      ...options,
      rules: { ...options.rules, thresholdOf: () => 1.1 },
      classifier: { ...voting, reason: (_ask, className) => reasonsFor(className) },
    });
    const asked = user('please sort a list of names');
    const { decision } = await decider.decide(readConversation(asked), { explain: true });
    expect(decision).toMatchObject({ className: 'knowledge', basis: { kind: 'abstained' } });
    expect(decision.reasons).toEqual(reasonsFor('coding'));
    const equal = await decider.decide(readConversation(user('sort a list of numbers')), {
      explain: true,
    });
    expect(equal.decision.reasons).toBeUndefined();
    expect((await decider.decide(readConversation(asked))).decision.reasons).toBeUndefined();
  });

  it('weighs a prompt once, and again when the head is another', async () => {
    const { options } = await createParts();
    let head = {};
    let searches = 0;
    const neighbours: typeof options.examples.neighbours = (vector, count) => {
      searches += 1;
      return options.examples.neighbours(vector, count);
    };
    const decider = createOneTierDecider({
      ...options,
      examples: { ...options.examples, neighbours },
      classifier: { ...voting, basis: () => head },
    });
    const first = await decider.decide(readConversation(user('sort a list')));
    const second = await decider.decide(readConversation(user('sort a list')));
    expect(second.decision).toEqual(first.decision);
    expect(second.recordFeatures?.()).toEqual(first.recordFeatures?.());
    await decider.decide(readConversation(user('sort a list!')));
    expect(searches).toBe(2);
    head = {};
    await decider.decide(readConversation(user('sort a list')));
    expect(searches).toBe(3);
  });

  it('embeds what the human said, and nothing else', async () => {
    const { embedder, options } = await createParts();
    await createOneTierDecider(options).decide(
      readConversation([
        { role: 'system', content: 'You are a pirate.' },
        ...user('sort a list of numbers'),
        { role: 'assistant', content: 'Aye.' },
        ...user('  hello\n'),
      ]),
    );
    expect(embedder.calls).toEqual([['sort a list of numbers', 'hello']]);
  });

  it('says how long the encoder, the search and the rest took, and gives the encoder its deadline', async () => {
    const { clock, embedder, options } = await createParts();
    const deadlines: unknown[] = [];
    const slow: Embedder = {
      ...embedder,
      embed(texts, embedOptions) {
        deadlines.push(embedOptions?.deadlineMs);
        clock.advance(7);
        return embedder.embed(texts);
      },
    };
    const neighbours: typeof options.examples.neighbours = (vector, count) => {
      clock.advance(2);
      return options.examples.neighbours(vector, count);
    };
    const classifier: Classifier = {
      ...voting,
      classify(...known) {
        clock.advance(3);
        return voting.classify(...known);
      },
    };
    const slowParts = { examples: { ...options.examples, neighbours }, classifier };
    const decider = createOneTierDecider({ ...options, embedder: slow, ...slowParts });
    const { timings } = await decider.decide(readConversation(user('hello')));
    expect(timings).toEqual({ embedMs: 7, searchMs: 2, weighMs: 3 });
    expect(deadlines).toEqual([1_000]);
  });

  it.each(['late', 'down'] as const)(
    'lets the default class serve when the encoder is %s, and says so',
    async (kind) => {
      const { embedder, options } = await createParts();
      embedder.failWith(new EmbedderError(kind, 'No vector.'));
      const { decision } = await createOneTierDecider(options).decide(
        readConversation(user('sort a list')),
      );
      expect(decision).toMatchObject({
        className: 'knowledge',
        confidence: undefined,
        basis: { kind: 'abstained', reason: `embedder-${kind}` },
        posterior: [],
        ask: { excerpt: expect.any(String), characters: 11, read: 'whole', tokens: undefined },
      });
    },
  );

  it('takes any other failure of the encoder for its being down', async () => {
    const { options } = await createParts();
    const embedder: Embedder = {
      ...options.embedder,
      embed: () => Promise.reject(new Error('bug')),
    };
    const { decision } = await createOneTierDecider({ ...options, embedder }).decide(
      readConversation(user('hello')),
    );
    expect(decision.basis).toEqual({ kind: 'abstained', reason: 'embedder-down' });
  });

  it.each([
    ['there are no messages', []],
    ['nobody asked anything', [{ role: 'system', content: 'Be brief.' }]],
    ['the text is blank', user(' \n')],
    ['there is only an image', [{ role: 'user', content: [{ type: 'image_url' }] }]],
  ])('lets the default class serve when %s', async (_case, messages) => {
    const { embedder, options } = await createParts();
    const { decision, timings } = await createOneTierDecider(options).decide(
      readConversation(messages),
    );
    expect(decision).toMatchObject({
      className: 'knowledge',
      basis: { kind: 'abstained', reason: 'no-ask' },
      ask: undefined,
    });
    expect(timings).toEqual({ embedMs: 0, searchMs: 0, weighMs: 0 });
    expect(embedder.calls).toEqual([]);
  });

  it('knows an example again in any case and spacing, with its neighbours', async () => {
    const { options } = await createParts();
    const { decision } = await createOneTierDecider(options).decide(
      readConversation(user(' Sort a LIST of  numbers')),
    );
    expect(decision).toMatchObject({
      className: 'coding',
      confidence: 1,
      basis: { kind: 'example', exampleId: examples[2]?.id },
    });
    expect(decision.neighbours[0]?.similarity).toBeCloseTo(1, 5);
  });

  it('knows an example again even while the encoder is down', async () => {
    const { embedder, options } = await createParts();
    embedder.failWith(new EmbedderError('down', 'No worker can serve.'));
    const { decision } = await createOneTierDecider(options).decide(
      readConversation(user('Hello my friend')),
    );
    expect(decision).toMatchObject({
      className: 'chat',
      confidence: 1,
      basis: { kind: 'example' },
      neighbours: [],
    });
    expect(decision.posterior).toHaveLength(3);
  });

  it('weighs nothing when the request names the class or the model', async () => {
    const { embedder, options } = await createParts();
    const decider = createOneTierDecider(options);
    expect(decider.force('chat')).toMatchObject({
      decision: { className: 'chat', basis: { kind: 'forced' }, posterior: [] },
      timings: { embedMs: 0, searchMs: 0, weighMs: 0 },
    });
    expect(decider.force(undefined).decision.className).toBeUndefined();
    expect(embedder.calls).toEqual([]);
  });
});
