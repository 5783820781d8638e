import { z } from 'zod';
import { messageOf } from '../errors.ts';
import {
  type ConversationTurn,
  labelShape,
  toTurns,
  turnsSchema,
} from '../examples/conversations.ts';
import { DatasetError, type DatasetProblem, readLines } from '../examples/dataset.ts';
import { readConversation } from '../routing/conversation/read-conversation.ts';

interface TestMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string;
}

/** One prompt to be classified, with what counts as right. */
export interface TestItem {
  /** `file:line`, and `:turn` for a turn of a conversation; all count from 1. */
  readonly id: string;
  readonly messages: readonly TestMessage[];
  /** The prompt, where the line is a single text. */
  readonly text?: string;
  /** The same request in other words. */
  readonly paraphrases?: readonly string[] | undefined;
  readonly className: string;
  /** Every class that counts as right, `className` among them. */
  readonly accepted: ReadonlySet<string>;
  /** Where the line is a conversation whose turns have a class each. */
  readonly turn?: ConversationTurn;
}

/** A list of the wrong shape would otherwise be wrong once per element. */
const maxReasonsPerLine = 3;

type LabelledPrompt = Omit<TestItem, 'id'>;
type Reading = { kind: 'items'; items: TestItem[] } | { kind: 'problem'; reason: string };

const words = z.string().regex(/\S/, 'is blank');
const message = z.object({ role: z.enum(['user', 'assistant', 'system']), content: z.string() });

const shapes = {
  text: z
    .object({ text: words, paraphrases: z.array(words).optional(), ...labelShape })
    .transform(({ text, paraphrases, ...line }): LabelledPrompt => {
      const messages = [{ role: 'user' as const, content: text }];
      return { messages, text, ...(paraphrases && { paraphrases }), ...toLabel(line) };
    }),
  messages: z
    .object({
      messages: z
        .array(message)
        .refine((messages) => messages.some(({ role }) => role === 'user'), 'has no user message'),
      ...labelShape,
    })
    .transform((line): LabelledPrompt => ({ messages: line.messages, ...toLabel(line) })),
};

function toLabel(line: { class: string; classes?: string[] | undefined }) {
  return { className: line.class, accepted: new Set([line.class, ...(line.classes ?? [])]) };
}

/** A turn after the human's earlier ones, with the last reply. */
export function toTestItem(turn: ConversationTurn): TestItem {
  const { text, earlier, reply, className, accepted, conversation } = turn;
  const said = (role: TestMessage['role']) => (content: string) => ({ role, content });
  return {
    id: `${conversation}:${earlier.length + 1}`,
    messages: [
      ...earlier.map(said('user')),
      ...(reply === '' ? [] : [said('assistant')(reply)]),
      said('user')(text),
    ],
    className,
    accepted,
    turn,
  };
}

/** An item as it is taught with what came before it; undefined where nothing did. */
export function turnOf({
  turn,
  messages,
  className,
  accepted,
  id,
}: TestItem): ConversationTurn | undefined {
  if (turn !== undefined) return turn;
  const { ask, earlier, reply } = readConversation(messages);
  if (ask === undefined || earlier.length === 0) return undefined;
  // Whether it goes on is not known: the turns before it have no class.
  return { text: ask, className, accepted, earlier, reply, goesOn: false, conversation: id };
}

/** Picks the shape by its key before validating, so that the reasons speak of the shape that was meant. */
function readLine(line: string, id: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (thrown) {
    return { kind: 'problem', reason: `not JSON: ${messageOf(thrown)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'problem', reason: 'not a JSON object' };
  }
  const present = (['text', 'messages', 'turns'] as const).filter((key) => key in value);
  const [shape] = present;
  if (shape === undefined || present.length > 1) {
    return { kind: 'problem', reason: 'needs exactly one of "text", "messages" and "turns"' };
  }
  if (shape === 'turns') {
    const parsed = turnsSchema.safeParse(value);
    return parsed.success
      ? { kind: 'items', items: toTurns(parsed.data, id).map(toTestItem) }
      : toProblem(parsed.error);
  }
  const parsed = shapes[shape].safeParse(value);
  return parsed.success
    ? { kind: 'items', items: [{ id, ...parsed.data }] }
    : toProblem(parsed.error);
}

function toProblem(error: z.ZodError): Reading {
  const reasons = error.issues
    .slice(0, maxReasonsPerLine)
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { kind: 'problem', reason: reasons.join('; ') };
}

/**
 * Reads labelled prompts from a JSONL file; blank lines and unknown keys are ignored. A line with `turns` becomes one
 * item per user turn, with what was said before as its history. Throws one DatasetError for all bad lines together.
 */
export function loadTestSet(path: string): TestItem[] {
  const items: TestItem[] = [];
  const problems: DatasetProblem[] = [];
  for (const [index, line] of readLines(path).entries()) {
    if (line.trim() === '') continue;
    const reading = readLine(line, `${path}:${index + 1}`);
    if (reading.kind === 'items') items.push(...reading.items);
    else problems.push({ file: path, line: index + 1, message: reading.reason });
  }
  if (problems.length > 0) throw new DatasetError(problems);
  return items;
}
