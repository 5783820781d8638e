import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { goesOn } from '../../src/classifier/goes-on.ts';
import { loadHead, saveHead } from '../../src/classifier/head-file.ts';
import type { LiveHead } from '../../src/classifier/live-head.ts';
import { type LabelledInput, trainHead } from '../../src/classifier/train-head.ts';
import { createExamples, type Examples, few, openStored } from './changing-examples.ts';
import { settings, toyInputs } from './toy-inputs.ts';

const settleMs = 500;
const more = toyInputs({ coding: 3, math: 2 });
const most = toyInputs({ coding: 3, math: 3 });
const oneClass = toyInputs({ coding: 3 });

/** Changes the examples and lets the fit start. */
async function startRefit({ examples, live }: { examples: Examples; live: LiveHead }) {
  examples.become(more);
  live.refitSoon();
  examples.clock.advance(settleMs);
  await setImmediate();
  expect(examples.started).toHaveLength(1);
}

describe('opening a head', () => {
  it('loads the stored one without a fit when it was fitted on the same', async () => {
    const { examples, live } = await openStored();
    expect(live.current()).toEqual(trainHead(few, settings));
    expect(examples.started).toEqual([]);
    expect(examples.progress).toEqual([]);
    expect(examples.clock.pending()).toBe(0);
  });

  it('fits and stores one when there is none', async () => {
    const examples = createExamples();
    const opening = examples.open();
    await setImmediate();
    examples.started[0]?.finish();
    const live = await opening;
    expect(live.current()).toEqual(trainHead(few, settings));
    expect(examples.started.map(({ request }) => request)).toEqual([{ inputs: few, settings }]);
    expect(examples.progress).toEqual(['Fitting the classifier']);
    expect((await examples.open()).current()).toEqual(live.current());
    expect(examples.started).toHaveLength(1);
  });

  it('lets one of an earlier set serve a server, which catches up in the background', async () => {
    const { examples, live: before } = await openStored();
    examples.become(more);
    const live = await examples.open({ mayBeBehind: true });
    expect(live.current()).toEqual(before.current());
    expect(examples.started).toHaveLength(0);
    examples.clock.advance(settleMs);
    await setImmediate();
    examples.started[0]?.finish();
    await setImmediate();
    expect(live.current()).toEqual(trainHead(more, settings));
    await live.close();
  });

  it('knows when it is behind the examples, from their change to the swap', async () => {
    const { examples, live } = await openStored();
    expect(live.isUpToDate()).toBe(true);
    await startRefit({ examples, live });
    expect(live.isUpToDate()).toBe(false);
    examples.started[0]?.finish();
    await setImmediate();
    expect(live.isUpToDate()).toBe(true);
    examples.become(most);
    const later = await examples.open({ mayBeBehind: true });
    expect(later.isUpToDate()).toBe(false);
    await Promise.all([live.close(), later.close()]);
  });

  it('lets one serve that was also taught what only goes on, which no example is called', async () => {
    const onward = toyInputs({ onward: 1 }).map((input) => ({ ...input, className: goesOn }));
    const withOnward = (inputs: LabelledInput[]) => [...inputs, ...onward];
    const examples = createExamples(withOnward(few));
    saveHead(
      examples.path,
      trainHead(withOnward(few), settings),
      examples.provenanceOf(withOnward(few)),
    );
    examples.become(withOnward(more));
    const live = await examples.open({ mayBeBehind: true });
    expect(live.current()).toEqual(trainHead(withOnward(few), settings));
    expect(examples.started).toHaveLength(0);
    await live.close();
  });

  it('waits for a head that knows every class, and where nobody wants an earlier one', async () => {
    const newClass = toyInputs({ coding: 2, math: 2, chat: 2 });
    for (const [inputs, mayBeBehind] of [
      [newClass, true],
      [more, false],
    ] as const) {
      const { examples } = await openStored();
      examples.become(inputs);
      const opening = examples.open({ mayBeBehind });
      await setImmediate();
      examples.started[0]?.finish();
      expect((await opening).current()).toEqual(trainHead(inputs, settings));
    }
  });

  it('rejects when the first fit fails', async () => {
    const examples = createExamples();
    const rejection = expect(examples.open()).rejects.toThrow('out of memory');
    await setImmediate();
    examples.started[0]?.fail('out of memory');
    await rejection;
  });

  it.each([
    ['no example', []],
    ['one class', oneClass],
  ])('gives none where there is %s', async (_, inputs) => {
    const examples = createExamples(inputs);
    expect((await examples.open()).current()).toBeUndefined();
    expect(examples.started).toEqual([]);
  });
});

describe('a live head', () => {
  it('is fitted once for several changes, after they have settled', async () => {
    const { examples, live } = await openStored();
    const old = live.current();
    examples.become(more);
    for (let change = 0; change < 3; change += 1) live.refitSoon();
    expect(examples.clock.pending()).toBe(1);
    examples.clock.advance(settleMs - 1);
    await setImmediate();
    expect(examples.started).toHaveLength(0);
    examples.clock.advance(1);
    await setImmediate();
    expect(live.current()).toBe(old);
    examples.started[0]?.finish();
    await setImmediate();
    expect(live.current()).toEqual(trainHead(more, settings));
    expect(loadHead(examples.path, examples.provenanceOf(more))?.head).toEqual(live.current());
    expect(examples.started).toHaveLength(1);
    expect(examples.clock.pending()).toBe(0);
  });

  it('is fitted once more for changes during a fit', async () => {
    const { examples, live } = await openStored();
    await startRefit({ examples, live });
    examples.become(most);
    live.refitSoon();
    live.refitSoon();
    expect(examples.clock.pending()).toBe(0);
    examples.started[0]?.finish();
    await setImmediate();
    expect(live.current()).toEqual(trainHead(more, settings));
    examples.started[1]?.finish();
    await setImmediate();
    expect(live.current()).toEqual(trainHead(most, settings));
    examples.clock.advance(10 * settleMs);
    await setImmediate();
    expect(examples.started).toHaveLength(2);
  });

  it('is never fitted twice at once, also when a change comes while the inputs are read', async () => {
    const { examples, live } = await openStored();
    let read = (): void => {};
    examples.readAfter(() => new Promise((resolve) => (read = resolve)));
    examples.become(more);
    live.refitSoon();
    examples.clock.advance(settleMs);
    const readFirst = read;
    examples.become(most);
    live.refitSoon();
    examples.clock.advance(settleMs);
    expect(read).toBe(readFirst);
    readFirst();
    await setImmediate();
    examples.started[0]?.finish();
    await setImmediate();
    read();
    await setImmediate();
    examples.started[1]?.finish();
    await setImmediate();
    expect(live.current()).toEqual(trainHead(most, settings));
    expect(examples.started).toHaveLength(2);
  });

  it('takes what another process has fitted on the same examples', async () => {
    const { examples, live } = await openStored();
    saveHead(examples.path, trainHead(more, settings), examples.provenanceOf(more));
    examples.become(more);
    live.refitSoon();
    examples.clock.advance(settleMs);
    await setImmediate();
    expect(live.current()).toEqual(trainHead(more, settings));
    expect(examples.started).toEqual([]);
  });

  it('stays the old one when a fit fails, says so, and follows the next change', async () => {
    const { examples, live } = await openStored();
    const old = live.current();
    await startRefit({ examples, live });
    examples.started[0]?.fail('out of memory');
    await setImmediate();
    expect(live.current()).toBe(old);
    expect(examples.warnings).toEqual([{ reason: 'out of memory' }]);
    live.refitSoon();
    examples.clock.advance(settleMs);
    await setImmediate();
    examples.started[1]?.finish();
    await setImmediate();
    expect(live.current()).toEqual(trainHead(more, settings));
    expect(examples.warnings).toHaveLength(1);
  });

  it('stays the old one when the inputs can not be read', async () => {
    const { examples, live } = await openStored();
    const old = live.current();
    examples.readAfter(() => Promise.reject(new Error('the embedder is down')));
    examples.become(more);
    live.refitSoon();
    examples.clock.advance(settleMs);
    await setImmediate();
    expect(live.current()).toBe(old);
    expect(examples.warnings).toEqual([{ reason: 'the embedder is down' }]);
  });

  it('is gone while fewer than two classes have examples', async () => {
    const { examples, live } = await openStored();
    examples.become(oneClass);
    live.refitSoon();
    examples.clock.advance(settleMs);
    await setImmediate();
    expect(live.current()).toBeUndefined();
    await startRefit({ examples, live });
    examples.started[0]?.finish();
    await setImmediate();
    expect(live.current()).toEqual(trainHead(more, settings));
    expect(examples.warnings).toEqual([]);
  });
});

describe('closing a live head', () => {
  it('cancels the timer, and may happen twice', async () => {
    const { examples, live } = await openStored();
    examples.become(more);
    live.refitSoon();
    await live.close();
    expect(examples.clock.pending()).toBe(0);
    await live.close();
    expect(examples.started).toEqual([]);
  });

  it('makes it deaf to changes', async () => {
    const { examples, live } = await openStored();
    await live.close();
    live.refitSoon();
    expect(examples.clock.pending()).toBe(0);
  });

  it('cancels a fit that is under way, without a warning, and starts none for a change during it', async () => {
    const { examples, live } = await openStored();
    const old = live.current();
    await startRefit({ examples, live });
    let readings = 0;
    examples.readAfter(async () => {
      readings += 1;
    });
    live.refitSoon();
    await live.close();
    await setImmediate();
    expect(readings).toBe(0);
    expect(examples.started.map(({ isCancelled }) => isCancelled)).toEqual([true]);
    expect(live.current()).toBe(old);
    expect(loadHead(examples.path, examples.provenanceOf(few))).toEqual({
      head: old,
      isOfTheseExamples: true,
    });
    expect(examples.warnings).toEqual([]);
    expect(examples.clock.pending()).toBe(0);
  });

  it('waits for the reading of the inputs, and fits nothing on them', async () => {
    const { examples, live } = await openStored();
    const old = live.current();
    let read = (): void => {};
    examples.readAfter(() => new Promise((resolve) => (read = resolve)));
    examples.become(more);
    live.refitSoon();
    examples.clock.advance(settleMs);
    let isClosed = false;
    const closing = live.close().then(() => {
      isClosed = true;
    });
    await setImmediate();
    expect(isClosed).toBe(false);
    read();
    await closing;
    expect(examples.started).toEqual([]);
    expect(live.current()).toBe(old);
    expect(examples.warnings).toEqual([]);
  });
});
