import { Command, CommanderError } from 'commander';
import { ExplainedError, messageOf } from '../errors.ts';
import { addConfigCommand } from './config.ts';
import { type CommandContext, CommandError } from './context.ts';
import { addDecisionsCommand } from './decisions.ts';
import { addEvaluateCommand } from './evaluate.ts';
import { addExamplesCommand } from './examples.ts';
import { addIndexCommand } from './index-command.ts';
import { addRouteCommand } from './route.ts';
import { addServeCommand } from './serve.ts';

/** Runs one command line. Resolves with the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runProgram(
  args: readonly string[],
  context: CommandContext,
  version: string,
): Promise<number> {
  const program = new Command('switchyard')
    .description('A semantic router for language models.')
    .version(version)
    .option('-c, --config <file>', 'configuration file (default: ./switchyard.yaml)')
    .showHelpAfterError('(--help shows what is possible)')
    .configureOutput({ writeOut: context.print, writeErr: context.remark })
    .exitOverride();
  addServeCommand(program, context);
  addRouteCommand(program, context);
  addExamplesCommand(program, context);
  addDecisionsCommand(program, context);
  addIndexCommand(program, context);
  addEvaluateCommand(program, context);
  addConfigCommand(program, context);

  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    context.remark(`${describe(error)}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

/** The user's own mistakes are explained by their message; anything else needs its stack. */
function describe(error: unknown): string {
  if (error instanceof ExplainedError || !(error instanceof Error)) return messageOf(error);
  return error.stack ?? error.message;
}
