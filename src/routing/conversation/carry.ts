import { type ClassProbability, rank } from '../classify.ts';

/** Of a turn: how likely each class is by itself, and how likely it only goes on with what came before. */
export interface Turn {
  readonly own: readonly ClassProbability[];
  readonly goesOn: number;
}

/** What a turn is about, given what the one before it was about: as far as it goes on, the same. */
export function carry(
  { own, goesOn }: Turn,
  before: readonly ClassProbability[],
): ClassProbability[] {
  const carried = new Map(before.map(({ className, probability }) => [className, probability]));
  return rank(
    own.map(({ className, probability }) => ({
      className,
      weight: (1 - goesOn) * probability + goesOn * (carried.get(className) ?? 0),
    })),
  );
}

/** The posterior after several turns, oldest first; nothing comes before the first. Empty without turns. */
export function carryAll(turns: readonly Turn[]): readonly ClassProbability[] {
  return turns.reduce<readonly ClassProbability[]>(
    (before, turn) => (before.length === 0 ? turn.own : carry(turn, before)),
    [],
  );
}
