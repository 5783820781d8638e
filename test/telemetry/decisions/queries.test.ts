import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listDecisions } from '../../../src/telemetry/decisions/read-decisions.ts';
import type { DecisionQuery } from '../../../src/telemetry/decisions/stored-decision.ts';
import { databaseOf, empty, insert, startMs } from './database-of.ts';

type Database = ReturnType<typeof databaseOf>;

function idsOf(database: Database, query: Partial<DecisionQuery>): string[] {
  const { decisions } = listDecisions(database, { limit: 100, ...query });
  return decisions.map(({ id }) => id);
}

describe('a list of decisions', () => {
  it('has the newest first, in the order in which they came', () => {
    const database = databaseOf({ atMs: startMs + 5 }, { atMs: startMs + 9 }, { atMs: startMs });
    expect(idsOf(database, {})).toEqual(['dec_1', 'dec_0', 'dec_2']);
  });

  it.each<[string, Partial<DecisionQuery>, string[]]>([
    ['class', { className: 'math' }, ['dec_1']],
    ['model', { model: 'claude' }, ['dec_2']],
    ['outcome', { outcome: 'exhausted' }, ['dec_3']],
    ['abstentions', { abstained: true }, ['dec_4']],
    ['decisions that were made', { abstained: false, className: 'math' }, ['dec_1']],
    ['confidence from', { minConfidence: 0.8 }, ['dec_5', 'dec_4', 'dec_3', 'dec_2', 'dec_0']],
    ['confidence to', { maxConfidence: 0.5 }, ['dec_1']],
    [
      'time, the end excluded',
      { fromMs: startMs + 1, toMs: startMs + 4 },
      ['dec_3', 'dec_2', 'dec_1'],
    ],
    ['text', { text: 'PARSER' }, ['dec_5', 'dec_0']],
    ['text and class', { text: 'parser', className: 'coding' }, ['dec_5', 'dec_0']],
    ['all of them', { text: 'parser', model: 'gpt', toMs: startMs + 2 }, ['dec_0']],
  ])('can be narrowed by %s', (_what, query, expected) => {
    const database = databaseOf(
      { text: 'write a parser' },
      { className: 'math', confidence: 0.5 },
      { model: 'claude' },
      { outcome: 'exhausted', model: undefined },
      { basis: 'abstained', abstained: 'low-confidence' },
      { text: 'Ein Parser für «déjà vu»' },
    );
    expect(idsOf(database, query)).toEqual(expected);
  });

  it.each<[string, string[]]>([
    ['déjà', ['dec_1']],
    ['deja VU', ['dec_1']],
    ['a AND b', ['dec_0']],
    ['AND', ['dec_0']],
    ['NOT cats', ['dec_2']],
    ['cats*', ['dec_2']],
    ['ca*', []],
    ['text:cats', []],
    ['"cats', ['dec_2']],
    ['cats"" OR ""déjà', []],
    ['NEAR(cats dogs)', ['dec_2']],
    ["^cats - + {dogs} \\ ' ; -- near not", ['dec_2']],
    ['…!?"', []],
    ['\0', []],
  ])('takes %j for words, not for a formula', (text, expected) => {
    const database = databaseOf(
      { text: 'a and b' },
      { text: 'déjà vu' },
      { text: 'not near cats, dogs' },
    );
    expect(idsOf(database, { text })).toEqual(expected);
  });

  it.each<[string, string[]]>([
    ['修复', ['dec_0']],
    ['代码', ['dec_1', 'dec_0']],
    ['码代', []],
    ['python 修复', ['dec_0']],
    ['修复python', ['dec_0']],
    ['プログラム', ['dec_2']],
    ['ログ', ['dec_2']],
    ['書いて', ['dec_2']],
    ['서울', ['dec_3']],
    ['서울 날씨', ['dec_3']],
    ['𠮷野', ['dec_2']],
    ['hello', ['dec_3', 'dec_1']],
  ])('finds %j within what is written without spaces', (text, expected) => {
    const database = databaseOf(
      { text: '请修复python代码，谢谢' },
      { text: 'say hello：写代码' },
      { text: '𠮷野家のプログラムを書いてください' },
      { text: 'hello 서울에서 날씨가 어때' },
    );
    expect(idsOf(database, { text })).toEqual(expected);
    expect(database.prepare('PRAGMA quick_check').all()).toEqual([{ quick_check: 'ok' }]);
  });

  it('forgets the words of what is deleted', () => {
    const database = databaseOf({ text: '请修复python代码' }, { text: 'a parser' });
    empty(database);
    const found = database.prepare('SELECT rowid FROM texts WHERE texts MATCH ?');
    for (const word of ['修', '代', 'python', 'parser']) expect(found.all(word)).toEqual([]);
  });

  it('comes in pages that together are complete and without doubles', () => {
    const requests = fc.array(
      fc.record({
        offset: fc.integer({ min: 0, max: 5 }),
        className: fc.constantFrom('coding', 'math'),
        outcome: fc.constantFrom('ok', 'exhausted'),
        text: fc.constantFrom('red', 'red blue', undefined),
      }),
      { maxLength: 60 },
    );
    const filters = fc.record(
      {
        className: fc.constantFrom('coding', 'math'),
        outcome: fc.constantFrom('ok', 'exhausted'),
        text: fc.constantFrom('red', 'blue'),
        fromMs: fc.integer({ min: 0, max: 3 }).map((offset) => startMs + offset),
        toMs: fc.integer({ min: 2, max: 6 }).map((offset) => startMs + offset),
      },
      { requiredKeys: [] },
    );
    const limits = fc.integer({ min: 1, max: 7 });
    // Also with so little looked at for a page that many are cut short.
    const looks = fc.constantFrom(undefined, { matches: 2, rows: 3 });
    // One file for all runs: a new one costs more than emptying it.
    const database = databaseOf();
    fc.assert(
      fc.property(requests, filters, limits, looks, (made, filter, limit, look) => {
        empty(database);
        insert(
          database,
          made.map(({ offset, ...fields }, position) => ({
            ...fields,
            outcome: fields.outcome as 'ok',
            decisionId: `${position}`,
            atMs: startMs + offset + 0.5,
          })),
        );
        const paged: string[] = [];
        let cursor: string | undefined;
        do {
          const page = listDecisions(database, { ...filter, limit, cursor }, look);
          expect(page.decisions.length).toBeLessThanOrEqual(limit);
          paged.push(...page.decisions.map(({ id }) => id));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        const { className, outcome, text, fromMs = 0, toMs = Number.MAX_VALUE } = filter;
        const expected = [...made.entries()].filter(
          ([, each]) =>
            (className ?? each.className) === each.className &&
            (outcome ?? each.outcome) === each.outcome &&
            (text === undefined || each.text?.split(' ').includes(text)) &&
            startMs + each.offset >= fromMs &&
            startMs + each.offset < toMs,
        );
        const newestFirst = expected.sort(
          ([a, one], [b, other]) => other.offset - one.offset || b - a,
        );
        expect(paged).toEqual(newestFirst.map(([position]) => String(position)));
      }),
    );
  });

  it('tells more requests of one millisecond apart than it has numbers for', () => {
    const database = databaseOf(...Array.from({ length: 1_030 }, () => ({ atMs: startMs })));
    const first = listDecisions(database, { limit: 1_000 });
    const rest = listDecisions(database, { limit: 1_000, cursor: first.nextCursor });
    const ids = [...first.decisions, ...rest.decisions].map(({ id }) => id);
    expect(new Set(ids).size).toBe(1_030);
  });
});
