import { Router } from 'express';
import { z } from 'zod';
import { didYouMean } from '../config/suggest.ts';
import { RouterError } from '../errors.ts';
import type { BreakerReport } from '../upstream/health/health.ts';
import { parseBody, requireJson } from './json-body.ts';
import type { Services } from './services.ts';

export const isolationSchema = z.strictObject({
  model: z.string(),
  reason: z.string().trim().min(1).max(200).default('by hand'),
});
export const releaseSchema = isolationSchema.pick({ model: true });

/** What one breaker looks like from outside. */
export interface ShownHealth {
  readonly kind: BreakerReport['kind'];
  readonly name: string;
  readonly state: BreakerReport['state']['kind'];
  readonly reason?: string;
  /** While it is coming back: of its calls. */
  readonly share?: number;
  /** When it gets its next call, in milliseconds from now. */
  readonly next_call_in_ms?: number;
}

/** GET /admin/health: every model and provider; POST …/isolate and …/release: by hand, beyond the end of the process. */
export function createHealthRouter(services: () => Services): Router {
  const router = Router();

  router.get('/', (_request, response) => {
    response.json({ object: 'list', data: showHealth(services()) });
  });

  router.post('/isolate', requireJson, (request, response) => {
    const { model, reason } = parseBody(request, isolationSchema);
    const running = services();
    if (!running.health.isolate(model, reason)) throw unknownModel(model, running);
    response.json(showHealth(running).find(({ name }) => name === model));
  });

  router.post('/release', requireJson, (request, response) => {
    const { model } = parseBody(request, releaseSchema);
    const running = services();
    if (!running.health.release(model)) throw unknownModel(model, running);
    response.json(showHealth(running).find(({ name }) => name === model));
  });

  return router;
}

export function showHealth({ health, clock }: Pick<Services, 'health' | 'clock'>): ShownHealth[] {
  const nowMs = clock.now();
  return health.report().map(({ kind, name, state, notBeforeMs }) => {
    const untilMs = state.kind === 'open' ? state.untilMs : notBeforeMs;
    return {
      kind,
      name,
      state: state.kind,
      ...('reason' in state ? { reason: state.reason } : {}),
      ...('share' in state ? { share: state.share } : {}),
      ...(untilMs === undefined
        ? {}
        : { next_call_in_ms: Math.max(0, Math.round(untilMs - nowMs)) }),
    };
  });
}

function unknownModel(model: string, { catalogue }: Services): RouterError {
  if (catalogue.models.has(model)) {
    const message = 'No model is watched: breaker.enabled is false in the configuration.';
    return new RouterError('conflict', message);
  }
  const hint = didYouMean(model, catalogue.models.keys());
  return new RouterError('model_not_found', `There is no model "${model}"${hint}.`, {
    param: 'model',
  });
}
