import { join } from 'node:path';
import type { Command } from 'commander';
import { buildIndex } from '../index/build-index.ts';
import { readCurrent } from '../index/generations.ts';
import { createLiveExamples } from '../index/live-examples.ts';
import { openEmbedder, openHead, openIndexParts, openStore } from '../open-routing.ts';
import { type CommandContext, CommandError } from './context.ts';
import { toOpenOptions } from './open-options.ts';

export function addIndexCommand(program: Command, context: CommandContext): void {
  const command = program.command('index').description('build or inspect the index of examples');
  const load = () => context.loadConfig(program.opts()['config']);

  command
    .command('build')
    .description(
      'index all examples anew and fit the classifier; a running server swaps to the result',
    )
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const options = toOpenOptions(context, load());
      const startedAtMs = context.clock.now();
      const { store, close: closeStore } = openStore(options);
      const embedder = await openEmbedder(options);
      try {
        const { parts, close } = await openIndexParts(options, embedder);
        await buildIndex({ ...parts, examples: store.list() }, 'asked for');
        const { live } = await createLiveExamples(store, parts);
        const head = await openHead(options, live, embedder);
        await head.close();
        close();
        const durationMs = Math.round(context.clock.now() - startedAtMs);
        const facts = { examples: live.size, index: live.indexKind, hash: live.hash, durationMs };
        const text = `Indexed ${facts.examples} examples (${facts.index}) in ${durationMs} ms.\n`;
        context.print(json === true ? `${JSON.stringify(facts)}\n` : text);
      } finally {
        closeStore();
        await embedder.close();
      }
    });

  command
    .command('info')
    .description('what the index on disk was made from')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => {
      const indexDir = join(load().dataDir, 'index');
      const current = readCurrent(indexDir);
      if (current.kind === 'none') {
        throw new CommandError(
          `No usable index in ${indexDir}: ${current.reason}. Run switchyard index build.`,
        );
      }
      const { exampleIds, ...facts } = current.manifest;
      const examples = exampleIds.filter((id) => id !== null).length;
      const lines = Object.entries({ ...facts, examples, directory: current.directory });
      context.print(
        json === true
          ? `${JSON.stringify(Object.fromEntries(lines))}\n`
          : lines.map(([name, value]) => `${name.padEnd(16)} ${value}\n`).join(''),
      );
    });
}
