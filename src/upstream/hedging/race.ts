// One model is asked and, when it is late, one more beside it. Whoever answers first serves; the other is broken off.
import type { Clock } from '../../clock.ts';
import { type AskOptions, askTarget } from '../ask-target.ts';
import type { AttemptResult } from '../attempt-target.ts';
import type { Target } from '../target.ts';
import { type Lane, openLane } from './lane.ts';

/** What came of asking one model. */
export interface Asked {
  readonly target: Target;
  readonly result: AttemptResult;
}

export interface RaceOptions extends AskOptions {
  /** The next candidate that may be asked beside this one, out of the plan from now on. */
  readonly takeRival: (isWorthIt: (rival: Target) => boolean) => Target | undefined;
}

/**
 * What came of a model, and of its rival if there was one, in the order of the plan. Once one has settled the request,
 * nothing of the other; nothing of a model that was not to be asked any more.
 */
export async function askInRace(options: RaceOptions): Promise<Asked[]> {
  const { target, hedging, clock } = options;
  if (hedging === undefined) {
    const result = await askTarget(options);
    return result === undefined ? [] : [{ target, result }];
  }
  const first = openLane(options, { target });
  const lanes = [first];
  const ended: Lane[] = [];
  try {
    if (await isLate(first, { clock, afterMs: hedging.lateAfterMs(target) })) {
      const rival = options.takeRival(hedging.withdraw);
      if (rival !== undefined) lanes.push(openLane(options, { target: rival, isHedge: true }));
    }
    while (ended.length < lanes.length) {
      const lane = await nextToEnd(lanes.filter((each) => !ended.includes(each)));
      ended.push(lane);
      if (settles(await lane.result)) break;
    }
    const asked = await Promise.all(lanes.filter((lane) => ended.includes(lane)).map(toAsked));
    return asked.flat();
  } finally {
    // Whoever answered is told last, so that the last attempt is the one that serves.
    const losers = lanes.filter((lane) => !ended.includes(lane));
    await Promise.all(losers.map((lane) => lane.breakOff()));
    for (const lane of [...losers, ...ended]) {
      for (const attempt of lane.tell()) hedging.observe(attempt);
    }
  }
}

/** Whether it is still under way after this time, in milliseconds. */
function isLate(
  lane: Lane,
  { clock, afterMs }: { readonly clock: Clock; readonly afterMs: number | undefined },
): Promise<boolean> {
  if (afterMs === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = clock.setTimer(afterMs, () => resolve(true));
    void lane.ended.then(() => {
      timer.cancel();
      resolve(false);
    });
  });
}

function nextToEnd(lanes: readonly Lane[]): Promise<Lane> {
  return Promise.race(lanes.map((lane) => lane.result.then(() => lane)));
}

/** Other failures leave the request to whoever is still under way. */
function settles(result: AttemptResult | undefined): boolean {
  if (result === undefined) return false;
  return result.kind !== 'failed' || result.failure.consequence === 'stop';
}

async function toAsked({ target, result }: Lane): Promise<Asked[]> {
  const end = await result;
  return end === undefined ? [] : [{ target, result: end }];
}
