import type { Command } from 'commander';
import { openRouting } from '../open-routing.ts';
import { classOrder } from '../routing/decision.ts';
import { estimateTokens } from '../routing/estimate-tokens.ts';
import { createPlan } from '../routing/plan.ts';
import type { CommandContext } from './context.ts';
import { describeDecision } from './describe-decision.ts';
import { toOpenOptions } from './open-options.ts';

export function addRouteCommand(program: Command, context: CommandContext): void {
  program
    .command('route')
    .description('show where a prompt would go and why, without calling anyone')
    .argument('<prompt>', 'the prompt')
    .option('--json', 'as JSON, like POST /v1/route')
    .action(async (prompt: string, { json }: { json?: boolean }) => {
      const config = context.loadConfig(program.opts()['config']);
      const routing = await openRouting(toOpenOptions(context, config));
      try {
        const messages = [{ role: 'user', content: prompt }];
        const { decision, timings } = await routing.decider.decide(messages, { explain: true });
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
