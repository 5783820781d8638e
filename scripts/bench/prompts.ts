// Prompts from JSONL files, made into request bodies ahead of time: while it measures, the bench only puts pieces together.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `as-written`: the prompt as it stands in the file. */
export const sizes = ['as-written', '256-token', 'agent-20kb'] as const;
export type Size = (typeof sizes)[number];

export interface PromptSet {
  readonly name: string;
  readonly texts: readonly string[];
}

/** At a little more than four characters a token. */
const charactersOf256Tokens = 1_100;
/** Of everything in an agent's request but what the human asked. */
const agentBytes = 20_000;
/** Asked again and again. */
const repeatedPrompts = 50;

const shipped = 'datasets/eval';

/** One set a file; without files those that ship. Lines without `text` don't count. */
export function readPromptSets(files: readonly string[]): PromptSet[] {
  const paths =
    files.length > 0
      ? files
      : readdirSync(shipped)
          .filter((file) => file.endsWith('.jsonl'))
          .map((file) => join(shipped, file));
  const sets = paths.map((path) => ({ name: nameOf(path), texts: readTexts(path) }));
  return sets.filter(({ texts }) => texts.length > 0);
}

function nameOf(path: string): string {
  return `${basename(dirname(path))}/${basename(path, '.jsonl')}`;
}

function readTexts(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => JSON.parse(line).text ?? []);
}

/** Gives the prompts of a set one after the other, as the inside of a JSON string. */
export interface Supply {
  next(): Buffer;
}

/** None of them twice: from the second pass on a number follows each. */
export function supplyNew(set: PromptSet, size: Size): Supply {
  const prompts = toPrompts(set, size);
  let given = 0;
  return {
    next() {
      const prompt = prompts[given % prompts.length] as Buffer;
      const pass = Math.floor(given / prompts.length);
      given += 1;
      return pass === 0 ? prompt : Buffer.concat([prompt, Buffer.from(` #${pass}`)]);
    },
  };
}

/** A few of them, over and over. */
export function supplyRepeated(set: PromptSet, size: Size): Supply {
  const prompts = toPrompts(set, size).slice(0, repeatedPrompts);
  let given = 0;
  return {
    next() {
      given += 1;
      return prompts[given % prompts.length] as Buffer;
    },
  };
}

function toPrompts({ texts }: PromptSet, size: Size): Buffer[] {
  const whole = size === '256-token' ? texts.map((_, from) => longFrom(texts, from)) : texts;
  return whole.map((text) => Buffer.from(JSON.stringify(text).slice(1, -1)));
}

/** As many prompts as it takes, from one on. */
function longFrom(texts: readonly string[], from: number): string {
  let text = '';
  for (let position = from; text.length < charactersOf256Tokens; position += 1) {
    text += `${texts[position % texts.length]} `;
  }
  return text.slice(0, charactersOf256Tokens).trim();
}

/** What stands around the prompt in the messages of a request; `content` is open where the prompt goes. */
export function messagesAround({ texts }: PromptSet, size: Size): [before: string, after: string] {
  if (size !== 'agent-20kb') return ['[{"role":"user","content":"', '"}]'];
  let filler = '';
  for (let position = 0; filler.length < agentBytes / 2; position += 1) {
    filler += `${texts[position % texts.length]}\n`;
  }
  const text = filler.slice(0, agentBytes / 2);
  const call = { name: 'read_file', arguments: '{"path":"notes.txt"}' };
  const system = JSON.stringify({ role: 'system', content: text });
  const calls = {
    role: 'assistant',
    tool_calls: [{ id: 'call_1', type: 'function', function: call }],
  };
  const result = { role: 'tool', tool_call_id: 'call_1', content: text };
  return [
    `[${system},{"role":"user","content":"`,
    `"},${JSON.stringify(calls)},${JSON.stringify(result)}]`,
  ];
}
