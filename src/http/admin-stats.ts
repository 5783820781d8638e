import type { RequestHandler } from 'express';
import { RouterError } from '../errors.ts';
import { longestWindowMs } from '../telemetry/stats/stats.ts';
import type { Services } from './services.ts';

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** GET /admin/stats?window=15m: what happened lately, by model, class and outcome. */
export function createStatsEndpoint(services: () => Services): RequestHandler {
  return (request, response) => {
    const window = request.query['window'] ?? '1h';
    response.json(services().stats.summarise(parseWindow(String(window))));
  };
}

function parseWindow(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const windowMs = Number(amount) * (unitsMs[unit] ?? Number.NaN);
  if (windowMs > 0 && windowMs <= longestWindowMs) return windowMs;
  throw new RouterError('invalid_request', 'window: is a time such as 15m or 24h, at most 24h.', {
    param: 'window',
  });
}
