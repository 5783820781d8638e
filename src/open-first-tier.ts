import type { Fit } from './classifier/fit-in-worker.ts';
import type { FitRequest } from './classifier/fit-worker.ts';
import type { LiveHead } from './classifier/live-head.ts';
import type { ReadyModel } from './embedding/model-files.ts';
import {
  ensureStaticEncoder,
  loadStaticEncoder,
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
 * Opens the static tier. Where its table has to be distilled first, that goes on in the background, and until then
 * it decides nothing: a server is to be there.
 */
export async function openFirstTier(
  options: OpenOptions,
  parts: FirstTierParts,
): Promise<FirstTier> {
  const { model, examples, settings, startFit, onReady } = parts;
  const logger = options.loggers.embedding;
  const closing = new AbortController();
  let opened: { readonly encoder: StaticEncoder; readonly head: LiveHead } | undefined;

  async function start(encoder: StaticEncoder | undefined): Promise<void> {
    const tuned = settings();
    if (encoder === undefined || closing.signal.aborted) return;
    if (tuned?.encoderHash !== encoder.encoder.hash) {
      logger.info({}, 'the first tier decides nothing: run switchyard index build to tune it');
      return;
    }
    const head = await openHead(options, examples, {
      file: headFiles.static,
      encoder: encoder.encoder,
      training: () => (settings() ?? tuned).training,
      read: (inputs) => toStaticInputs(inputs, encoder),
      startFit,
    });
    opened = { encoder, head };
    if (closing.signal.aborted) await head.close();
    else onReady();
  }

  async function distil(): Promise<void> {
    try {
      const { signal } = closing;
      await start(await ensureStaticEncoder({ ...options, model, logger, signal }));
    } catch (error) {
      const details = { reason: messageOf(error) };
      if (!closing.signal.aborted) logger.warn(details, 'there is no first tier: it failed');
    }
  }

  const stored = await loadStaticEncoder(model);
  let distilling: Promise<void> | undefined;
  if (stored === undefined) distilling = distil();
  else await start(stored);

  return {
    assemble(tuned, classNames) {
      if (opened === undefined || tuned === undefined) return undefined;
      const { encoder, head } = opened;
      if (tuned.encoderHash !== encoder.encoder.hash) return undefined;
      const classifier = createClassifier({ classNames, ...tuned.posterior }, head.current);
      const { isUpToDate } = head;
      return createStaticTier({ encoder, classifier, isUpToDate, sureFrom: tuned.sureFrom });
    },
    refitSoon: () => opened?.head.refitSoon(),
    async close() {
      closing.abort();
      await distilling;
      await opened?.head.close();
    },
  };
}
