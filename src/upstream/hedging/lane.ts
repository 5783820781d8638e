import { type AskOptions, askTarget } from '../ask-target.ts';
import type { Attempt } from '../attempt.ts';
import type { AttemptResult } from '../attempt-target.ts';
import { createCallGuard } from '../call-guard.ts';
import type { Target } from '../target.ts';

/** One of the models that are asked at the same time. What it tries is told once it is known who serves. */
export interface Lane {
  readonly target: Target;
  /** Rejects with bugs only. */
  readonly result: Promise<AttemptResult | undefined>;
  /** Settles with the result, and never rejects. */
  readonly ended: Promise<void>;
  /** Somebody else serves. Resolves when nothing of it is under way any more. */
  breakOff(): Promise<void>;
  /** Tells of its attempts, from now on as they end; returns those so far, a stream's as of its first content. */
  tell(): readonly Attempt[];
}

export function openLane(
  options: AskOptions,
  { target, isHedge = false }: { readonly target: Target; readonly isHedge?: boolean },
): Lane {
  const { clock, signal, retrying } = options;
  // Ends this one alone, too.
  const guard = createCallGuard({ clock, signal });
  const attempts: Attempt[] = [];
  const untold: Attempt[] = [];
  let isBrokenOff = false;
  let onAttempt = (attempt: Attempt): void => void untold.push(attempt);

  const result = askTarget({
    ...options,
    target,
    signal: guard.signal,
    attempts,
    // The other one is under way: a hedge that failed has lost its bet.
    retrying: isHedge ? { ...retrying, next: () => undefined } : retrying,
    onAttempt: (attempt) => onAttempt(attempt),
  });
  const over = finish();

  async function finish(): Promise<void> {
    try {
      const end = await result;
      if (end?.kind === 'stream') await end.finished;
    } catch {
      // Whoever awaits the result learns of it.
    }
    guard.close();
  }

  function label(attempt: Attempt): Attempt {
    const isOutrun =
      isBrokenOff &&
      guard.interruption() === undefined &&
      (attempt.outcome === 'ok' || attempt.outcome === 'client-gone');
    return {
      ...attempt,
      ...(isHedge ? { isHedge } : {}),
      ...(isOutrun ? { outcome: 'outrun' } : {}),
    };
  }

  return {
    target,
    result,
    ended: result.then(
      () => {},
      () => {},
    ),
    breakOff() {
      isBrokenOff = true;
      guard.close();
      return over;
    },
    tell() {
      onAttempt = (attempt) => options.onAttempt?.(label(attempt));
      for (const attempt of untold.splice(0)) onAttempt(attempt);
      const labelled = attempts.map(label);
      options.attempts.push(...labelled);
      return labelled;
    },
  };
}
