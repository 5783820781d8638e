import { blendVectors, toContextVector } from '../../classifier/context-vector.ts';
import { toReplyIds } from '../../classifier/feature-ids.ts';
import type { RecordedInput } from '../../classifier/linear-head.ts';
import type { ReadText } from '../../classifier/read-text.ts';
import type { Embedding } from '../../embedding/embedder.ts';
import { meanVector } from '../../index/embed-views.ts';
import type { ClassProbability, Voter } from '../classify.ts';
import type { Classifier } from '../posterior.ts';
import { carry, carryAll } from './carry.ts';

/** A human turn with what the encoder made of its views. */
export interface EmbeddedTurn {
  readonly read: ReadText;
  readonly views: readonly Embedding[];
}

/** What the turns before an ask have to do with it. */
export interface ContextFacts {
  /** How many of them were read. */
  readonly turns: number;
  /** How much of the posterior comes from before: how likely the ask only goes on with it. The rest is a new task. */
  readonly share: number;
  /** What they were about; empty where nothing is taken from there. */
  readonly prior: readonly ClassProbability[];
}

/** The ask is more likely a task of its own than one that goes on with what came before. */
export function isNewTask(context: Pick<ContextFacts, 'share'> | undefined): boolean {
  return context === undefined || context.share < 0.5;
}

export interface WeighedTurns<Near extends Voter> {
  /** What the head read of the ask. */
  readonly input: RecordedInput;
  readonly neighbours: readonly Near[];
  readonly posterior: readonly ClassProbability[];
  /** Undefined where the ask opens the conversation. */
  readonly context: ContextFacts | undefined;
}

/** Below this nothing can be seen of what came before. */
const negligible = 0.001;

/**
 * Weighs the ask among the turns before it, oldest first. A head that was taught conversations reads them itself; any
 * other says how likely the ask only goes on, and so much of what came before stays.
 */
export function weighTurns<Near extends Voter>(
  ask: EmbeddedTurn,
  earlier: readonly EmbeddedTurn[],
  how: {
    readonly reply: string;
    readonly classifier: Pick<Classifier, 'read' | 'classify'>;
    /** The nearest examples of a vector; without it there are no neighbours. */
    readonly search?: ((vector: Float32Array) => readonly Near[]) | undefined;
  },
): WeighedTurns<Near> {
  const { classifier, search, reply } = how;
  const views = earlier.map((turn) => turn.views);
  const input = toInput(ask, toContextVector(views, 'features'), reply);
  const reading = classifier.read(input);
  const share = earlier.length === 0 ? 0 : (reading?.goesOn ?? 0);
  const findNear = (context?: Float32Array): readonly Near[] => {
    if (search === undefined) return [];
    const mean = meanVector(ask.views);
    return search(context === undefined ? mean : blendVectors(mean, context, share));
  };
  if (share < negligible) {
    const neighbours = findNear();
    const posterior = classifier.classify(reading, neighbours);
    const context = earlier.length === 0 ? undefined : { turns: earlier.length, share, prior: [] };
    return { input, neighbours, posterior, context };
  }
  const neighbours = findNear(toContextVector(views, 'vector'));
  const prior = carryAll(
    earlier.map((turn) => {
      const read = classifier.read(toInput(turn));
      return { own: classifier.classify(read, []), goesOn: read?.goesOn ?? 0 };
    }),
  );
  const own = classifier.classify(reading, neighbours);
  return {
    input,
    neighbours,
    posterior: carry({ own, goesOn: share }, prior),
    context: { turns: earlier.length, share, prior },
  };
}

function toInput({ read, views }: EmbeddedTurn, context?: Float32Array, reply = ''): RecordedInput {
  const before = context === undefined ? undefined : { context, reply: toReplyIds(reply) };
  return {
    sparse: read.sparse,
    vectors: views.map(({ features }) => features),
    before,
  };
}
