import { Command, CommanderError } from 'commander';
import { ExplainedError, messageOf } from '../errors.ts';
import { type CommandContext, CommandError } from './context.ts';

type AddCommand = (program: Command, context: CommandContext) => void;

/** In the order of the help. Read when they are wanted: most need little of what `serve` brings. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import('./serve.ts')).addServeCommand,
  route: async () => (await import('./route.ts')).addRouteCommand,
  examples: async () => (await import('./examples.ts')).addExamplesCommand,
  decisions: async () => (await import('./decisions.ts')).addDecisionsCommand,
  health: async () => (await import('./health.ts')).addHealthCommand,
  index: async () => (await import('./index-command.ts')).addIndexCommand,
  evaluate: async () => (await import('./evaluate.ts')).addEvaluateCommand,
  config: async () => (await import('./config.ts')).addConfigCommand,
};

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
  const all = Object.keys(commands);
  const named = all.filter((name) => args.includes(name));
  // Where none is named, help and suggestions name them all.
  for (const name of named.length > 0 ? named : all) {
    const add = await commands[name]?.();
    add?.(program, context);
  }

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
