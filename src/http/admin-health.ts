import { Router } from 'express';
import { z } from 'zod';
import { allDeployments } from '../config/catalogue.ts';
import { didYouMean } from '../config/suggest.ts';
import { RouterError } from '../errors.ts';
import type { BreakerReport } from '../upstream/health/health.ts';
import type { ProbeOutcome } from '../upstream/probes/probe-provider.ts';
import { parseBody, requireJson } from './json-body.ts';
import type { Services } from './services.ts';

export const isolationSchema = z.strictObject({
  model: z.string().describe('all of its deployments, or model@provider for one'),
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
  /** Of a provider that is probed. */
  readonly last_probe?: {
    readonly outcome: ProbeOutcome;
    readonly reason: string;
    readonly ago_ms: number;
  };
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
    const meant = running.health.isolate(model, reason);
    response.json({ object: 'list', data: showMeant(meant, model, running) });
  });

  router.post('/release', requireJson, (request, response) => {
    const { model } = parseBody(request, releaseSchema);
    const running = services();
    const meant = running.health.release(model);
    response.json({ object: 'list', data: showMeant(meant, model, running) });
  });

  return router;
}

export function showHealth({
  health,
  prober,
  clock,
}: Pick<Services, 'health' | 'prober' | 'clock'>): ShownHealth[] {
  const nowMs = clock.now();
  return health.report().map(({ kind, name, state, notBeforeMs }) => {
    const probe = kind === 'provider' ? prober.last(name) : undefined;
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
      ...(probe && {
        last_probe: {
          outcome: probe.outcome,
          reason: probe.reason,
          ago_ms: Math.round(nowMs - probe.atMs),
        },
      }),
    };
  });
}

function showMeant(meant: readonly string[], model: string, running: Services): ShownHealth[] {
  if (meant.length === 0) throw unknownModel(model, running);
  return showHealth(running).filter(({ kind, name }) => kind === 'model' && meant.includes(name));
}

function unknownModel(model: string, { catalogue }: Services): RouterError {
  const names = [...catalogue.models.keys(), ...allDeployments(catalogue).map(({ name }) => name)];
  if (names.includes(model)) {
    const message = 'No model is watched: breaker.enabled is false in the configuration.';
    return new RouterError('conflict', message);
  }
  const message = `There is no model "${model}"${didYouMean(model, names)}.`;
  return new RouterError('model_not_found', message, { param: 'model' });
}
