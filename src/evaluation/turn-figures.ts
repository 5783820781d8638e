import type { Figure, Prediction } from './metrics.ts';

/** Where a prompt stands in its conversation. */
export interface TurnFacts {
  readonly conversation: string;
  /** 0 opens it. */
  readonly position: number;
  readonly words: number;
  /** Its class is that of the turn before it. */
  readonly goesOn: boolean;
  /** How much of the decision came from before. */
  readonly contextShare: number;
}

/** How well the turns of conversations are decided; each figure null where no turn can tell it. */
export interface TurnFigures {
  readonly n: number;
  readonly conversations: number;
  /** Accuracy of the turns that open a conversation, and of all others. */
  readonly first: Figure;
  readonly later: Figure;
  /** Accuracy of the turns of at most four words that keep their class. */
  readonly shortKept: Figure;
  /** Accuracy of the turns whose class is another than before. */
  readonly changed: Figure;
  /** How often the predicted class changes within a conversation, relative to the true one. */
  readonly switchRatio: Figure;
  /** F1 of telling changes by a context share below one half. */
  readonly shiftF1: Figure;
}

const shortWords = 4;

type Turn = Pick<Prediction, 'accepted' | 'predicted'> & { readonly turn: TurnFacts };

/** Null where no prediction is of a conversation. The turns of a conversation stand in a row. */
export function turnFiguresOf(predictions: readonly Prediction[]): TurnFigures | null {
  const turns = predictions.flatMap(({ accepted, predicted, turn }): Turn[] =>
    turn === undefined ? [] : [{ accepted, predicted, turn }],
  );
  if (turns.length === 0) return null;
  const later = turns.filter(({ turn }) => turn.position > 0);
  const changed = later.filter(({ turn }) => !turn.goesOn);
  const switches = turns.filter(({ predicted, turn }, index) => {
    const before = turns[index - 1];
    const isSame = before?.turn.conversation === turn.conversation;
    return isSame && before.predicted !== predicted;
  });
  return {
    n: turns.length,
    conversations: new Set(turns.map(({ turn }) => turn.conversation)).size,
    first: accuracyOf(turns.filter(({ turn }) => turn.position === 0)),
    later: accuracyOf(later),
    shortKept: accuracyOf(later.filter(({ turn }) => turn.goesOn && turn.words <= shortWords)),
    changed: accuracyOf(changed),
    switchRatio: changed.length === 0 ? null : switches.length / changed.length,
    shiftF1: shiftF1Of(later),
  };
}

function accuracyOf(turns: readonly Turn[]): Figure {
  const right = turns.filter(({ accepted, predicted }) => accepted.has(predicted));
  return turns.length === 0 ? null : right.length / turns.length;
}

function shiftF1Of(later: readonly Turn[]): Figure {
  const isTold = ({ turn }: Turn) => turn.contextShare < 0.5;
  const told = later.filter(isTold).length;
  const real = later.filter(({ turn }) => !turn.goesOn);
  const hits = real.filter(isTold).length;
  return told + real.length === 0 ? null : (2 * hits) / (told + real.length);
}
