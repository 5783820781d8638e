import { describe, expect, it } from 'vitest';
import { type TurnFacts, turnFiguresOf } from '../../src/evaluation/turn-figures.ts';
import { makePrediction } from './make-prediction.ts';

const turn = (conversation: string, position: number, facts: Partial<TurnFacts> = {}) => ({
  conversation,
  position,
  words: 10,
  goesOn: position > 0,
  contextShare: 0.9,
  ...facts,
});
const decided = (trueClass: string, predicted: string, facts: TurnFacts) =>
  makePrediction({ trueClass, accepted: new Set([trueClass]), predicted, turn: facts });

describe('the turns of conversations', () => {
  const predictions = [
    decided('coding', 'coding', turn('a', 0)),
    decided('coding', 'coding', turn('a', 1, { words: 2 })),
    decided('coding', 'chat', turn('a', 2, { words: 4, contextShare: 0.2 })),
    decided('poems', 'poems', turn('a', 3, { goesOn: false, contextShare: 0.1 })),
    decided('math', 'chat', turn('b', 0)),
    decided('poems', 'math', turn('b', 1, { goesOn: false })),
  ];

  it('are judged by where they stand', () => {
    expect(turnFiguresOf(predictions)).toEqual({
      n: 6,
      conversations: 2,
      first: 1 / 2,
      later: 2 / 4,
      shortKept: 1 / 2,
      changed: 1 / 2,
      // coding to chat, chat to poems, and chat to math in the other one.
      switchRatio: 3 / 2,
      // Two told, two real, one of them both.
      shiftF1: 1 / 2,
    });
  });

  it('have no figures where there are none, or none that could tell', () => {
    expect(turnFiguresOf([makePrediction({})])).toBeNull();
    expect(turnFiguresOf([decided('coding', 'coding', turn('a', 0))])).toMatchObject({
      later: null,
      shortKept: null,
      changed: null,
      switchRatio: null,
      shiftF1: null,
    });
  });
});
