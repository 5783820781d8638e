import type { Response } from 'express';
import { type Catalogue, findDeployment } from '../config/catalogue.ts';
import { assertNever } from '../errors.ts';
import type { Decision } from '../routing/decision.ts';
import type { Attempt } from '../upstream/attempt.ts';
import { costUsdOf } from '../upstream/cost.ts';
import type { Execution } from '../upstream/execute.ts';
import { sendError } from './error-handler.ts';
import { exhaustedError, listAttempts, toJsonAttempt } from './exhausted.ts';
import { type Routed, setServingClass } from './route-request.ts';

/** Who was asked, and who answers. */
export function setAttemptHeaders(
  response: Response,
  execution: Execution,
  decision: Decision,
): void {
  response.setHeader('x-switchyard-attempts', listAttempts(execution.attempts));
  if (!('target' in execution)) return;
  const { target } = execution;
  response.setHeader('x-switchyard-model', target.model);
  response.setHeader('x-switchyard-provider', target.provider);
  // A fallback into the next-best class changes which class serves.
  if (target.className !== undefined && target.className !== decision.className) {
    setServingClass(response, target.className, decision);
  }
}

/** Only of a whole reply: of a stream nobody knows it before its end. */
export function setCost(
  response: Response,
  execution: Execution,
  attempts: readonly Attempt[],
  catalogue: Catalogue,
): void {
  if (execution.kind !== 'reply') return;
  const { prices } = findDeployment(catalogue, execution.target) ?? {};
  const costUsd = costUsdOf(attempts.at(-1)?.usage, prices);
  if (costUsd === undefined) return;
  response.setHeader('x-switchyard-cost-usd', Number(costUsd.toPrecision(6)));
}

/** Sends what came of it; resolves when the client has it all, or has left. */
export async function answer(
  response: Response,
  execution: Execution,
  { routed, unserved, nowMs }: { routed: Routed; unserved: object; nowMs: number },
): Promise<void> {
  switch (execution.kind) {
    case 'reply':
    case 'refused':
      setHead(response, execution.status, execution.headers);
      response.end(execution.body);
      return;
    case 'stream':
      setHead(response, 200, execution.headers);
      await stream(execution.frames, response);
      return;
    case 'exhausted':
      sendError(response, exhaustedError(execution, routed.candidates, nowMs), {
        attempts: execution.attempts.map(toJsonAttempt),
        ...(execution.attempts.length === 0 ? unserved : {}),
      });
      return;
    case 'client-gone':
      response.destroy();
      return;
    default:
      assertNever(execution);
  }
}

function setHead(
  response: Response,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  response.statusCode = status;
  for (const name in headers) response.setHeader(name, headers[name] ?? '');
}

async function stream(frames: AsyncIterable<Uint8Array>, response: Response): Promise<void> {
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  response.setHeader('cache-control', 'no-cache, no-transform');
  response.setHeader('x-accel-buffering', 'no');
  response.flushHeaders();
  for await (const frame of frames) {
    if (response.destroyed) return;
    if (!response.write(frame)) await untilEither(response, 'drain', 'close');
  }
  if (response.destroyed) return;
  response.end();
  await untilEither(response, 'finish', 'close');
}

function untilEither(response: Response, ...events: [string, string]): Promise<void> {
  return new Promise((resolve) => {
    function settle(): void {
      for (const event of events) response.off(event, settle);
      resolve();
    }
    for (const event of events) response.on(event, settle);
  });
}
