// The points of a curve take turns, and at each a decision and a forced class do, so that whatever else happens on the machine
// hits all.
import { rotate } from '../bench/course.ts';
import { type Figures, ratioOf, toFigures } from '../bench/figures.ts';
import type { PromptSet } from '../bench/prompts.ts';
import { type Target, toOwnTarget } from '../bench/targets.ts';
import { type Turn, takeTurn } from '../bench/turn.ts';
import type { Point } from './curves.ts';

export interface MeasuredPoint {
  readonly size: number;
  readonly decided: Figures;
  /** The same requests to a class by its name. */
  readonly forced: Figures;
  /** How many times as long a decided request takes as a forced one, by the medians of the same round. */
  readonly toForced: number;
}

export interface Pace {
  /** Each point has a turn of both kinds in each. */
  readonly rounds: number;
  readonly turnMs: number;
}

/** Until all that is measured has been compiled. */
const warmUp = { clients: 16, durationMs: 1_500 };
const kinds = ['decided', 'forced'] as const;

export async function measureCurve(
  points: readonly Point[],
  { rounds, turnMs }: Pace,
  prompts: PromptSet,
): Promise<MeasuredPoint[]> {
  async function ask(point: Point, kind: string, durationMs: number): Promise<Turn> {
    const { clients, supply } = point;
    const scenario = { clients, size: 'as-written', stream: false } as const;
    const target = targetOf(point, kind);
    return takeTurn({ target, set: prompts, scenario, supply, durationMs });
  }

  const turns = points.map(() => new Map<string, Turn[]>(kinds.map((kind) => [kind, []])));
  for (const point of points) {
    for (const kind of kinds) {
      await ask({ ...point, clients: warmUp.clients }, kind, warmUp.durationMs);
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, point] of rotate([...points.entries()], round)) {
      for (const kind of rotate(kinds, round)) {
        turns[index]?.get(kind)?.push(await ask(point, kind, turnMs));
      }
    }
  }
  return points.map(({ size }, index) => toMeasured(size, turns[index] ?? new Map()));
}

function targetOf({ router, forcedClass }: Point, kind: string): Target {
  return toOwnTarget(router, {
    name: kind,
    model: kind === 'forced' ? `class:${forcedClass}` : 'auto',
  });
}

function toMeasured(size: number, turns: ReadonlyMap<string, readonly Turn[]>): MeasuredPoint {
  const [decided, forced] = toFigures(turns);
  if (decided === undefined || forced === undefined) throw new Error('A point has both kinds.');
  const ratio = ratioOf(turns.get('decided') ?? [], turns.get('forced'));
  return { size, decided, forced, toForced: ratio?.latency ?? Number.NaN };
}
