import { join } from 'node:path';
import type { Fit } from './classifier/fit-in-worker.ts';
import type { FitRequest } from './classifier/fit-worker.ts';
import { type LiveHead, openLiveHead } from './classifier/live-head.ts';
import type { TrainingSettings } from './classifier/train-head.ts';
import type { Encoder } from './embedding/embedder.ts';
import type { TrainingInput } from './index/embed-views.ts';
import type { LiveExamples } from './index/live-examples.ts';
import type { OpenOptions } from './open-routing.ts';

/** Where each tier's head is kept in the data directory. */
export const headFiles = { transformer: 'head.bin', static: 'static-head.bin' } as const;

export interface HeadParts {
  /** Its name in the data directory. */
  readonly file: string;
  readonly encoder: Encoder;
  readonly training: () => TrainingSettings;
  /** What it is taught, as its encoder reads it. */
  readonly read?: (inputs: TrainingInput[]) => Promise<TrainingInput[]>;
  readonly startFit?: (request: FitRequest) => Fit;
}

/** A classifier's head for the examples in force, fitted first where none is stored. */
export function openHead(
  options: OpenOptions,
  examples: Pick<LiveExamples, 'hash' | 'taught' | 'list'>,
  { file, encoder, training, read = async (inputs) => inputs, ...parts }: HeadParts,
): Promise<LiveHead> {
  const { config, clock, loggers, onProgress } = options;
  return openLiveHead({
    ...parts,
    path: join(config.dataDir, file),
    provenance: () => ({
      encoderHash: encoder.hash,
      exampleSetHash: examples.hash,
      settings: training(),
    }),
    inputs: async () => {
      const { inputs, lessons } = await examples.taught();
      return read([...inputs, ...lessons]);
    },
    classNames: () => [...new Set(examples.list().map(({ className }) => className))],
    // A server is to be there; a command is to show what the examples are worth.
    mayBeBehind: options.isOwner,
    clock,
    logger: loggers.index,
    onProgress,
  });
}
