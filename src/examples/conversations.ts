import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { DatasetError, type DatasetProblem, readLines } from './dataset.ts';

/** A human turn of a labelled conversation, with what came before it. */
export interface ConversationTurn {
  readonly text: string;
  readonly className: string;
  /** Every class that may be called right, `className` among them. */
  readonly accepted: ReadonlySet<string>;
  /** The human turns before it, oldest first. */
  readonly earlier: readonly string[];
  /** What the model said before it; empty where it opens the conversation. */
  readonly reply: string;
  /** It goes on with what was asked before: its class is that of the turn before it. */
  readonly goesOn: boolean;
  /** The same for all turns of a conversation. */
  readonly conversation: string;
}

const words = z.string().regex(/\S/, 'is blank');

export const labelShape = { class: words, classes: z.array(words).optional() };

/** One line: a conversation whose turns have a class each. */
export const turnsSchema = z.object({
  turns: z.array(z.object({ user: words, assistant: z.string().optional(), ...labelShape })).min(1),
});

export function toTurns(
  { turns }: z.infer<typeof turnsSchema>,
  conversation: string,
): ConversationTurn[] {
  return turns.map(({ user, class: className, classes = [] }, index) => ({
    text: user,
    className,
    accepted: new Set([className, ...classes]),
    earlier: turns.slice(0, index).map((turn) => turn.user),
    reply: turns[index - 1]?.assistant ?? '',
    goesOn: turns[index - 1]?.class === className,
    conversation,
  }));
}

/** Reads a JSONL file of conversations. Throws one DatasetError for all bad lines together. */
export function readConversations(path: string): ConversationTurn[] {
  const problems: DatasetProblem[] = [];
  const turns: ConversationTurn[] = [];
  for (const [index, line] of readLines(path).entries()) {
    if (line.trim() === '') continue;
    try {
      turns.push(...toTurns(turnsSchema.parse(JSON.parse(line)), `${path}:${index + 1}`));
    } catch (error) {
      const reasons =
        error instanceof z.ZodError
          ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
          : `not JSON: ${messageOf(error)}`;
      problems.push({ file: path, line: index + 1, message: reasons });
    }
  }
  if (problems.length > 0) throw new DatasetError(problems);
  return turns;
}
