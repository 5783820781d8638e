import type { Fit } from './classifier/fit-in-worker.ts';
import type { FitRequest } from './classifier/fit-worker.ts';
import type { LiveHead } from './classifier/live-head.ts';
import type { ReadyModel } from './embedding/model-files.ts';
import {
  ensureStaticEncoder,
  hasTable,
  staticHashOf,
} from './embedding/static/ensure-static-encoder.ts';
import type { StaticEncoder } from './embedding/static/static-encoder.ts';
import { messageOf } from './errors.ts';
import type { LiveExamples } from './index/live-examples.ts';
import { toStaticInputs } from './index/static-inputs.ts';
import { headFiles, openHead } from './open-head.ts';
import type { OpenOptions } from './open-routing.ts';
import { createClassifier } from './routing/posterior.ts';
import { createStaticTier, type FirstTierSettings } from './routing/tiers/static-tier.ts';
import type { Tier } from './routing/tiers/tier.ts';

export interface FirstTier {
  /** The tier as it is tuned now; undefined while it can't decide yet, or is not tuned. */
  assemble(
    settings: FirstTierSettings | undefined,
    classNames: readonly string[],
  ): Tier | undefined;
  /** The examples have changed. */
  refitSoon(): void;
  close(): Promise<void>;
}

export interface FirstTierParts {
  readonly model: ReadyModel;
  readonly examples: LiveExamples;
  /** As of now. */
  readonly settings: () => FirstTierSettings | undefined;
  readonly startFit: (request: FitRequest) => Fit;
  /** It can decide from now on. */
  readonly onReady: () => void;
}

/**
 * Opens the static tier, once something is tuned for it. Where its table has to be distilled first, that goes on in the
 * background, and until then it decides nothing: a server is to be there.
 */
export async function openFirstTier(
  options: OpenOptions,
  parts: FirstTierParts,
): Promise<FirstTier> {
  const { model, examples, settings, startFit, onReady } = parts;
  const logger = options.loggers.embedding;
  const closing = new AbortController();
  const { signal } = closing;
  const hash = staticHashOf(model);
  let opened: { readonly encoder: StaticEncoder; readonly head: LiveHead } | undefined;
  let opening: Promise<void> | undefined;

  async function open(tuned: FirstTierSettings): Promise<void> {
    const { onProgress } = options;
    const encoder = await ensureStaticEncoder({ model, logger, onProgress, signal });
    if (encoder === undefined || signal.aborted) return;
    const head = await openHead(options, examples, {
      file: headFiles.static,
      encoder: encoder.encoder,
      training: () => (settings() ?? tuned).training,
      read: (inputs) => toStaticInputs(inputs, encoder),
      startFit,
    });
    opened = { encoder, head };
    if (signal.aborted) return;
    // They may have changed meanwhile.
    if (!head.isUpToDate()) head.refitSoon();
    onReady();
  }

  async function openIfTuned(): Promise<void> {
    const tuned = settings();
    if (tuned?.encoderHash !== hash) {
      logger.info({}, 'the first tier decides nothing: switchyard index build tunes it');
      return;
    }
    try {
      await open(tuned);
    } catch (error) {
      const details = { reason: messageOf(error) };
      if (!signal.aborted) logger.warn(details, 'there is no first tier: it could not be opened');
    }
  }

  function openSoon(): void {
    opening ??= openIfTuned().finally(() => {
      opening = undefined;
    });
  }

  openSoon();
  if (hasTable(model)) await opening;

  return {
    assemble(tuned, classNames) {
      if (opened === undefined || tuned?.encoderHash !== hash) return undefined;
      const { encoder, head } = opened;
      const classifier = createClassifier({ classNames, ...tuned.posterior }, head.current);
      const { isUpToDate } = head;
      return createStaticTier({ encoder, classifier, isUpToDate, sureFrom: tuned.sureFrom });
    },
    refitSoon() {
      if (opened === undefined) openSoon();
      else opened.head.refitSoon();
    },
    async close() {
      closing.abort();
      await opening;
      await opened?.head.close();
    },
  };
}
