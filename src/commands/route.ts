import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { openRouting } from '../open-routing.ts';
import { type ChatMessage, readConversation } from '../routing/conversation/read-conversation.ts';
import { classOrder } from '../routing/decision.ts';
import { estimateTokens } from '../routing/estimate-tokens.ts';
import { createPlan } from '../routing/plan.ts';
import { type CommandContext, CommandError } from './context.ts';
import { describeDecision } from './describe-decision.ts';
import { toOpenOptions } from './open-options.ts';

interface Options {
  readonly json?: boolean;
  readonly messages?: string;
}

export function addRouteCommand(program: Command, context: CommandContext): void {
  program
    .command('route')
    .description('show where a prompt would go and why, without calling anyone')
    .argument('[prompt]', 'the prompt; with --messages, the next turn of that conversation')
    .option(
      '--messages <file>',
      'a conversation so far: JSON, a list of messages or a chat request',
    )
    .option('--json', 'as JSON, like POST /v1/route')
    .action(async (prompt: string | undefined, { json, messages: file }: Options) => {
      const messages = readMessages(prompt, file);
      const config = context.loadConfig(program.opts()['config']);
      // Explanations are the last tier's.
      const embedding = { ...config.embedding, firstTier: false };
      const routing = await openRouting(toOpenOptions(context, { ...config, embedding }));
      try {
        const { decision, timings } = await routing.decider.decide(readConversation(messages), {
          explain: true,
        });
        const candidates = createPlan({
          catalogue: routing.catalogue,
          classes: classOrder(decision),
          tokens: estimateTokens([messages]),
          maxAttempts: config.routing.maxAttempts,
        });
        const facts = { ...decision, candidates, timings };
        context.print(
          json === true ? `${JSON.stringify(facts, null, 2)}\n` : describeDecision(facts),
        );
      } finally {
        await routing.close();
      }
    });
}

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part)]).nullish(),
});
const conversation = z.union([
  z.array(message).min(1),
  z.looseObject({ messages: z.array(message).min(1) }).transform(({ messages }) => messages),
]);

function readMessages(prompt: string | undefined, file: string | undefined): ChatMessage[] {
  const asked = prompt === undefined ? [] : [{ role: 'user', content: prompt }];
  if (file === undefined) {
    if (prompt === undefined)
      throw new CommandError('Say what to route: a prompt, or --messages <file>.', 2);
    return asked;
  }
  return [...readConversationFile(file), ...asked];
}

function readConversationFile(file: string): ChatMessage[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandError(`${file} can't be read: ${messageOf(error)}`);
  }
  const parsed = conversation.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new CommandError(
    `${file} is no conversation: a list of {"role", "content"}, or an object with it as "messages".`,
  );
}
