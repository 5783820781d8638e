import { describe, expect, it } from 'vitest';
import { goesOn } from '../../src/classifier/goes-on.ts';
import { createCachedEmbedder } from '../../src/embedding/cached-embedder.ts';
import { type Embedder, EmbedderError } from '../../src/embedding/embedder.ts';
import { createWorkerPool } from '../../src/embedding/worker-pool.ts';
import { createExample } from '../../src/examples/example.ts';
import { createExactIndex } from '../../src/index/exact-index.ts';
import { createExampleIndex } from '../../src/index/example-index.ts';
import { normaliseText } from '../../src/normalise-text.ts';
import { readConversation } from '../../src/routing/conversation/read-conversation.ts';
import { createClassifier } from '../../src/routing/posterior.ts';
import { wordHead } from '../classifier/word-head.ts';
import { createScriptedWorkers, settle, silentObserver } from '../embedding/scripted-workers.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeEmbedder } from '../support/fake-embedder.ts';
import { createOneTierDecider } from '../support/one-tier-decider.ts';

const classNames = ['chat', 'coding', 'knowledge', 'rewriting'];
const examples = [
  ['hello my friend', 'chat'],
  ['sort a list of numbers', 'coding'],
  ['what is the capital of france', 'knowledge'],
  ['make it shorter', 'rewriting'],
].map(([text = '', className = '']) => createExample({ text, class: className }, 'dataset'));
const words = {
  hello: 'chat',
  sort: 'coding',
  capital: 'knowledge',
  shorter: goesOn,
  again: 'coding',
};

async function createParts({ strength = 8 } = {}) {
  const embedder = createFakeEmbedder();
  const { dimensions, featureDimensions } = embedder.encoder;
  const index = createExampleIndex(createExactIndex(dimensions));
  for (const [position, { vector }] of (
    await embedder.embed(examples.map(({ text }) => text))
  ).entries()) {
    const example = examples[position];
    if (example !== undefined) index.add(example, vector);
  }
  embedder.calls.length = 0;
  const head = wordHead(words, {
    classNames: [goesOn, ...classNames],
    dimensions: featureDimensions,
    strength,
  });
  const options = {
    embedder: embedder as Embedder,
    examples: {
      hash: 'examples',
      findByText: (text: string) =>
        examples.find((example) => normaliseText(example.text) === normaliseText(text)),
      neighbours: index.neighbours,
    },
    classifier: createClassifier(
      { classNames, sharpness: 12, voteShare: 0.2, temperature: 1 },
      () => head,
    ),
    rules: { defaultClass: 'knowledge', thresholdOf: () => 0.6, outOfScopeBelow: 0 },
    neighbours: 3,
    deadlineMs: 1_000,
    clock: createFakeClock(),
  };
  return { embedder, options };
}

const user = (content: string) => ({ role: 'user', content });
const model = (content: string) => ({ role: 'assistant', content });
const asked = [user('please sort a list of names'), model('names.sort()')];

describe('a decider in a conversation', () => {
  it('takes an ask that only goes on to the class of what was before, and says so', async () => {
    const { options } = await createParts();
    const { decision } = await createOneTierDecider(options).decide(
      readConversation([...asked, user('a bit shorter')]),
    );
    expect(decision).toMatchObject({ className: 'coding', basis: { kind: 'posterior' } });
    expect(decision.context).toMatchObject({ turns: 1, share: expect.closeTo(1, 2) });
    expect(decision.context?.prior[0]?.className).toBe('coding');
    expect(decision.ask).toMatchObject({ characters: 13, read: 'whole', tokens: 3 });
  });

  it('takes a new task to its own class, with nothing from before', async () => {
    const { options } = await createParts();
    const { decision } = await createOneTierDecider(options).decide(
      readConversation([...asked, user('what is the capital of spain')]),
    );
    expect(decision.className).toBe('knowledge');
    expect(decision.context).toEqual({ turns: 1, share: expect.closeTo(0, 2), prior: [] });
  });

  it('has no context for an ask that opens the conversation', async () => {
    const { options } = await createParts();
    const { decision } = await createOneTierDecider(options).decide(
      readConversation([{ role: 'system', content: 'Sort everything.' }, user('a bit shorter')]),
    );
    expect(decision.context).toBeUndefined();
    expect(decision.className).not.toBe('coding');
  });

  it('decides what an agent is at work on as before its tools were called', async () => {
    const { options } = await createParts();
    const decider = createOneTierDecider(options);
    const before = await decider.decide(readConversation([user('sort a list of names')]));
    const after = await decider.decide(
      readConversation([
        user('sort a list of names'),
        model('I look.'),
        { role: 'tool', content: 'hello hello hello' },
      ]),
    );
    expect(after.decision).toEqual(before.decision);
  });

  it('takes words of an example for that example only where they do not go on with something', async () => {
    const { options } = await createParts();
    const decider = createOneTierDecider(options);
    const opening = (await decider.decide(readConversation([user('Make it SHORTER')]))).decision;
    expect(opening).toMatchObject({ className: 'rewriting', basis: { kind: 'example' } });
    const following = (await decider.decide(readConversation([...asked, user('Make it SHORTER')])))
      .decision;
    expect(following.context?.share).toBeGreaterThanOrEqual(0.5);
    expect(following).toMatchObject({ className: 'coding', basis: { kind: 'posterior' } });
  });

  it('takes them for the example where they are more likely a task of their own', async () => {
    // A probability of going on of e^1 / (e^1 + 4).
    const { options } = await createParts({ strength: 1 });
    const { decision } = await createOneTierDecider(options).decide(
      readConversation([...asked, user('make it shorter')]),
    );
    expect(decision.context?.share).toBeGreaterThan(0.1);
    expect(decision.context?.share).toBeLessThan(0.5);
    expect(decision).toMatchObject({ className: 'rewriting', basis: { kind: 'example' } });
  });

  it('stays with the class before when it is unsure', async () => {
    const { options } = await createParts();
    const rules = { ...options.rules, thresholdOf: () => 1.1 };
    const { decision } = await createOneTierDecider({ ...options, rules }).decide(
      readConversation([...asked, user('a bit shorter')]),
    );
    expect(decision).toMatchObject({
      className: 'coding',
      basis: { kind: 'abstained', reason: 'low-confidence' },
    });
  });

  it('has no context to tell of while the encoder is down', async () => {
    const { embedder, options } = await createParts();
    embedder.failWith(new EmbedderError('down', 'No vector.'));
    const { decision } = await createOneTierDecider(options).decide(
      readConversation([...asked, user('a bit shorter')]),
    );
    expect(decision).toMatchObject({
      className: 'knowledge',
      basis: { kind: 'abstained', reason: 'embedder-down' },
      context: undefined,
    });
  });

  it('embeds a turn once in the course of a conversation', async () => {
    const { startWorker, started } = createScriptedWorkers();
    const clock = createFakeClock();
    const embedder = createCachedEmbedder({
      encoder: { id: 'scripted', hash: 'none', dimensions: 2, featureDimensions: 4, maxTokens: 99 },
      pool: createWorkerPool({ startWorker, workers: 1, clock }),
      cacheBytes: 1_000_000,
      clock,
      observer: silentObserver,
    });
    const [worker] = started;
    worker?.ready();
    const { options } = await createParts();
    const decider = createOneTierDecider({
      ...options,
      embedder,
      examples: { ...options.examples, neighbours: () => [] },
    });
    const messages = [];
    for (const text of ['sort a list of names', 'and shorter', 'shorter still']) {
      messages.push(user(text));
      const deciding = decider.decide(readConversation([...messages]));
      await settle();
      worker?.answer();
      expect((await deciding).decision.ask?.characters).toBe(text.length);
      messages.push(model('names.sort()'));
    }
    expect(worker?.batches).toEqual([['sort a list of names'], ['and shorter'], ['shorter still']]);
    await embedder.close();
  });
});
