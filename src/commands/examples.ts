import type { Command } from 'commander';
import type { Config } from '../config/load.ts';
import { openStore } from '../open-routing.ts';
import { lockDataDirectory } from '../state/data-lock.ts';
import { type CommandContext, CommandError } from './context.ts';
import { toOpenOptions } from './open-options.ts';
import { callRunningServer } from './running-server.ts';

interface Listed {
  readonly id: string;
  readonly text: string;
  readonly class: string;
  readonly origin: string;
}

/** Additions and removals: through the server that holds the data directory, else straight to the journal. */
export function addExamplesCommand(program: Command, context: CommandContext): void {
  const { print } = context;
  const load = () => context.loadConfig(program.opts()['config']);
  const command = program.command('examples').description('list, add or remove labelled prompts');

  command
    .command('list')
    .description('the examples in force')
    .option('--class <name>', 'of one class')
    .option('--json', 'one JSON object a line')
    .action(({ class: className, json }: { class?: string; json?: boolean }) => {
      const config = load();
      if (className !== undefined && !Object.hasOwn(config.classes, className)) {
        throw new CommandError(`There is no class "${className}".`, 2);
      }
      const { store, close } = openStore(toOpenOptions(context, config));
      close();
      for (const { id, text, className: name, origin } of store.list(className)) {
        const line = JSON.stringify({ id, text, class: name, origin });
        print(json === true ? `${line}\n` : `${id}  ${name.padEnd(17)} ${JSON.stringify(text)}\n`);
      }
    });

  command
    .command('add')
    .description('teach the router a prompt')
    .argument('<class>', 'the class it belongs to')
    .argument('<text>', 'the prompt')
    .option('--json', 'as JSON')
    .action(async (className: string, text: string, { json }: { json?: boolean }) => {
      const added = await change(context, load(), {
        remote: { method: 'POST', path: '/admin/examples', body: { text, class: className } },
        local: (store) => {
          const example = store.check({ text, className });
          store.add(example);
          return { ...example, class: example.className };
        },
      });
      print(
        json === true ? `${JSON.stringify(added)}\n` : `Added ${added.id} to ${added.class}.\n`,
      );
    });

  command
    .command('remove')
    .description('take an example out of force')
    .argument('<id>', 'as in the list')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const removed = await change(context, load(), {
        remote: { method: 'DELETE', path: `/admin/examples/${encodeURIComponent(id)}` },
        local: (store) => {
          const example = store.remove(id);
          return { ...example, class: example.className };
        },
      });
      print(
        json === true
          ? `${JSON.stringify(removed)}\n`
          : `Removed ${removed.id} from ${removed.class}.\n`,
      );
    });
}

async function change(
  context: CommandContext,
  config: Config,
  how: {
    remote: { method: string; path: string; body?: object };
    local: (store: ReturnType<typeof openStore>['store']) => Listed;
  },
): Promise<Listed> {
  const { adminToken } = config.server;
  const lock = lockDataDirectory(config.dataDir);
  if (lock.kind === 'taken')
    return (await callRunningServer(lock.holder, { ...how.remote, adminToken })) as Listed;
  if (lock.kind === 'unwritable') {
    throw new CommandError(`The data directory can't be written: ${lock.reason}`);
  }
  try {
    const { store, close } = openStore(toOpenOptions(context, config, { isOwner: true }));
    try {
      return how.local(store);
    } finally {
      close();
    }
  } finally {
    lock.release();
  }
}
