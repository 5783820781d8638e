import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { replaceFile } from '../replace-file.ts';

const share = z.number().min(0).max(1);

const tuningSchema = z.strictObject({
  formatVersion: z.literal(2),
  /** What it was fitted on. */
  encoderHash: z.string(),
  exampleSetHash: z.string(),
  examples: z.int().positive(),
  /** The promise that the thresholds keep on held-out examples. */
  targetPrecision: share,
  outOfScopeShare: share,
  /** How the classifier is put together. */
  denseScale: z.number().positive(),
  sparseScale: z.number().nonnegative(),
  neighbours: z.int().positive(),
  sharpness: z.number().positive(),
  voteShare: share,
  temperature: z.number().positive(),
  /** Of every class: the confidence below which it does not serve. */
  thresholds: z.record(z.string(), share),
  /** Confidence × similarity of the nearest example, below which an ask is unlike every example. */
  outOfScopeBelow: share,
  /** On held-out examples, before abstention. */
  estimate: z.strictObject({ accuracy: share, logLoss: z.number(), ece: share }),
  /** Null where it was tuned without one. */
  firstTier: z
    .strictObject({
      encoderHash: z.string(),
      denseScale: z.number().positive(),
      sparseScale: z.number().nonnegative(),
      temperature: z.number().positive(),
      /** The confidence from which on it decides; above 1 it never does. */
      sureFrom: z.number().positive(),
      /** Of what opens a conversation: what it decides, and how often that is right. */
      estimate: z.strictObject({ share, accuracy: share.nullable() }),
    })
    .nullable(),
});

/** Everything about a classifier that is chosen by cross-validation over its examples. */
export type Tuning = z.infer<typeof tuningSchema>;

/** What a tuning must have been made for to be used. */
export interface TuningTarget {
  readonly encoderHash: string;
  readonly classNames: readonly string[];
}

export type FoundTuning =
  | { readonly kind: 'tuning'; readonly tuning: Tuning }
  | { readonly kind: 'none'; readonly reason: string };

/** Reads a tuning that fits the encoder and the classes; anything else is refused with the reason. */
export function readTuning(path: string, target: TuningTarget): FoundTuning {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const isAbsent = messageOf(error).startsWith('ENOENT');
    return { kind: 'none', reason: isAbsent ? `${path} does not exist` : messageOf(error) };
  }
  const parsed = tuningSchema.safeParse(content);
  if (!parsed.success) {
    return { kind: 'none', reason: `${path} is damaged or of another version` };
  }
  const misfit = findMisfit(parsed.data, target);
  return misfit === undefined
    ? { kind: 'tuning', tuning: parsed.data }
    : { kind: 'none', reason: `${path} was made ${misfit}` };
}

function findMisfit(tuning: Tuning, { encoderHash, classNames }: TuningTarget): string | undefined {
  if (tuning.encoderHash !== encoderHash) return 'with another encoder';
  const known = Object.keys(tuning.thresholds).sort();
  return known.join() === [...classNames].sort().join() ? undefined : 'for other classes';
}

/** Replaces the file as a whole, or throws and leaves it as it was. */
export function writeTuning(path: string, tuning: Tuning): void {
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, `${JSON.stringify(tuning, null, 2)}\n`);
}
