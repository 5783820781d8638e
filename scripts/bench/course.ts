// All scenarios one after the other; in each the targets take turns, so that whatever else happens on the machine hits all.
import { type Figures, toFigures } from './figures.ts';
import type { PromptSet, Supply } from './prompts.ts';
import { type Course, describeScenario, type Scenario } from './scenarios.ts';
import type { Target } from './targets.ts';
import { type Turn, takeTurn } from './turn.ts';

export interface Result {
  readonly title: string;
  readonly prompts: string;
  readonly scenario: Scenario;
  readonly figures: readonly Figures[];
}

export interface CourseOptions {
  readonly course: Course;
  readonly sets: readonly PromptSet[];
  readonly targets: readonly Target[];
}

/** Until all that is measured has been compiled. */
const warmUpMs = 1_000;
const warmUps = [false, true].map(
  (stream) => ({ clients: 16, size: 'as-written', stream }) as const,
);

export async function* runCourse({ course, sets, targets }: CourseOptions): AsyncGenerator<Result> {
  const { scenarios, rounds, turnMs } = course;
  const supplyOf = rememberSupplies();
  for (const set of sets) {
    for (const scenario of warmUps) {
      for (const target of targets) {
        const supply = supplyOf(target, set, scenario);
        await takeTurn({ target, set, scenario, supply, durationMs: warmUpMs });
      }
    }
    for (const scenario of scenarios) {
      const turns = new Map<string, Turn[]>(targets.map(({ name }) => [name, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const target of rotate(targets, round)) {
          const supply = supplyOf(target, set, scenario);
          const turn = await takeTurn({ target, set, scenario, supply, durationMs: turnMs });
          turns.get(target.name)?.push(turn);
        }
      }
      const title = `${set.name}: ${describeScenario(scenario)}`;
      yield { title, prompts: set.name, scenario, figures: toFigures(turns) };
    }
  }
}

/** What a target has been asked once is not new to it in any later scenario. */
function rememberSupplies(): (target: Target, set: PromptSet, scenario: Scenario) => Supply {
  const known = new Map<string, Supply>();
  return (target, set, { size }) => {
    // The ask of an agent's request is a prompt as it was written.
    const asked = size === '256-token' ? size : 'as-written';
    const key = [target.name, set.name, asked].join();
    const supply = known.get(key) ?? target.toSupply(set, asked);
    known.set(key, supply);
    return supply;
  };
}

/** Whoever comes first changes every round. */
export function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const from = by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}
