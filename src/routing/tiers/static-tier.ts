import type { ReadText } from '../../classifier/read-text.ts';
import type { TrainingSettings } from '../../classifier/train-head.ts';
import type { StaticEncoder } from '../../embedding/static/static-encoder.ts';
import type { EmbeddedTurn } from '../conversation/weigh-turns.ts';
import type { Classifier, PosteriorSettings } from '../posterior.ts';
import { rememberLast } from '../remember-last.ts';
import type { Stopwatch } from '../stopwatch.ts';
import type { AskedConversation, Tier, Weighed } from './tier.ts';
import { weigh } from './weigh.ts';

/** What is tuned for it. */
export interface FirstTierSettings {
  readonly encoderHash: string;
  readonly training: TrainingSettings;
  readonly posterior: Omit<PosteriorSettings, 'classNames'>;
  /** The confidence from which on it decides: what the class asks for, or more. */
  readonly sureFrom: (className: string) => number;
}

export interface StaticTierOptions {
  readonly encoder: StaticEncoder;
  /** Its own head alone: a vote of neighbours adds nothing here (docs/decisions/0014). */
  readonly classifier: Classifier;
  /** False while the head does not know of every example yet. */
  readonly isUpToDate: () => boolean;
  readonly sureFrom: FirstTierSettings['sureFrom'];
}

/**
 * Reads the ask in microseconds, on the event loop, and decides what it is sure of. It steps aside where a later turn
 * may only go on with an earlier one, and while its head is behind the examples.
 */
export function createStaticTier(options: StaticTierOptions): Tier {
  const { encoder, classifier, isUpToDate, sureFrom } = options;
  const remembered = rememberLast<{ readonly weighed: Weighed | undefined }>();

  function read({ ask, reply }: AskedConversation, stopwatch: Stopwatch): Weighed | undefined {
    const turn = embedTurn(ask, encoder);
    stopwatch.lap('embedMs');
    if (turn === undefined) return undefined;
    return weigh([turn], { tier: 'static', encoder: encoder.encoder, classifier, reply });
  }

  return {
    name: 'static',
    encoderHash: encoder.encoder.hash,
    isSure({ posterior: [best] }) {
      return best !== undefined && best.probability >= sureFrom(best.className);
    },
    weigh(conversation, stopwatch) {
      const { ask, earlier, reply } = conversation;
      if (earlier.length > 0 || !isUpToDate()) return undefined;
      return remembered.recall([reply, ask.text], classifier.basis(), () => ({
        weighed: read(conversation, stopwatch),
      })).weighed;
    },
  };
}

/** Undefined where a view has no word that the encoder knows. */
function embedTurn(read: ReadText, { embed }: StaticEncoder): EmbeddedTurn | undefined {
  const views = read.views.flatMap((view) => embed(view) ?? []);
  return views.length < read.views.length ? undefined : { read, views };
}
