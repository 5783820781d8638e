import { join } from 'node:path';
import { goesOn } from '../../src/classifier/goes-on.ts';
import { type Provenance, saveHead } from '../../src/classifier/head-file.ts';
import { type LiveHead, openLiveHead } from '../../src/classifier/live-head.ts';
import { type LabelledInput, trainHead } from '../../src/classifier/train-head.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';
import { createScriptedFits } from './scripted-fits.ts';
import { settings, toyInputs } from './toy-inputs.ts';

export const few = toyInputs({ coding: 2, math: 2 });

/** Examples that can change, and all that a head needs to follow them. */
export function createExamples(first: LabelledInput[] = few) {
  let current = first;
  let reading = async (): Promise<void> => {};
  const clock = createFakeClock();
  const warnings: object[] = [];
  const progress: string[] = [];
  const { startFit, started } = createScriptedFits();
  const path = join(makeTempDirectory(), 'head.bin');
  const provenanceOf = (inputs: LabelledInput[]): Provenance => ({
    encoderHash: 'encoder',
    exampleSetHash: inputs.map(({ text }) => text).join('\n'),
    settings,
  });
  return {
    path,
    clock,
    warnings,
    progress,
    started,
    provenanceOf,
    /** From now on there are these. */
    become(inputs: LabelledInput[]) {
      current = inputs;
    },
    /** From now on this comes before every reading of the inputs. */
    readAfter(wait: () => Promise<void>) {
      reading = wait;
    },
    open: ({ mayBeBehind = false } = {}) =>
      openLiveHead({
        mayBeBehind,
        classNames: () =>
          [...new Set(current.map(({ className }) => className))].filter((name) => name !== goesOn),
        path,
        clock,
        startFit,
        provenance: () => provenanceOf(current),
        async inputs() {
          const inputs = current;
          await reading();
          return inputs;
        },
        logger: { info: () => {}, warn: (details) => warnings.push(details) },
        onProgress: (message) => progress.push(message),
      }),
  };
}

export type Examples = ReturnType<typeof createExamples>;

/** A live head over a few examples, opened from its file. */
export async function openStored(): Promise<{ examples: Examples; live: LiveHead }> {
  const examples = createExamples();
  saveHead(examples.path, trainHead(few, settings), examples.provenanceOf(few));
  return { examples, live: await examples.open() };
}
