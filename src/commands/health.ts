import type { Command } from 'commander';
import type { ShownHealth } from '../http/admin-health.ts';
import { findLockHolder } from '../state/data-lock.ts';
import { type CommandContext, CommandError } from './context.ts';
import { callRunningServer } from './running-server.ts';

const modelHelp = 'all of its deployments, or model@provider for one of them';

interface List {
  readonly data: readonly ShownHealth[];
}

type Call = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;

/** How the models of the running server do, and what to do about it by hand. */
export function addHealthCommand(program: Command, context: CommandContext): void {
  const { print } = context;
  const command = program.command('health').description('how models and providers do');
  const call: Call = (method, path, body) => {
    const { dataDir, server } = context.loadConfig(program.opts()['config']);
    const holder = findLockHolder(dataDir);
    if (holder === undefined) {
      throw new CommandError(`No server is running with the data directory ${dataDir}.`);
    }
    return callRunningServer(holder, {
      method,
      path: `/admin/health${path}`,
      adminToken: server.adminToken,
      ...(body === undefined ? {} : { body }),
    });
  };

  command
    .command('list', { isDefault: true })
    .description('every model and provider of the running server')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: boolean }) => {
      const { data } = (await call('GET', '')) as List;
      print(json === true ? data.map((each) => `${JSON.stringify(each)}\n`).join('') : table(data));
    });

  command
    .command('isolate')
    .description('make no calls to a model until it is released, also when the server starts anew')
    .argument('<model>', modelHelp)
    .option('--reason <text>', 'for whoever asks', 'by hand')
    .action(async (model: string, { reason }: { reason: string }) => {
      const { data } = (await call('POST', '/isolate', { model, reason })) as List;
      for (const { name } of data) print(`${name} gets no calls until it is released.\n`);
    });

  command
    .command('release')
    .description('make calls to a model again, whatever happened')
    .argument('<model>', modelHelp)
    .action(async (model: string) => {
      const { data } = (await call('POST', '/release', { model })) as List;
      for (const { name } of data) print(`${name} gets all of its calls.\n`);
    });
}

function table(health: readonly ShownHealth[]): string {
  const names = Math.max(0, ...health.map(({ name }) => name.length));
  return health
    .map((each) => `${each.kind.padEnd(8)}  ${each.name.padEnd(names)}  ${describe(each)}\n`)
    .join('');
}

function describe(health: ShownHealth): string {
  const { state, reason, share, next_call_in_ms: inMs, last_probe: probe } = health;
  return [
    share === undefined ? state : `${state}: gets ${Math.round(share * 100)} % of its calls`,
    ...(reason === undefined ? [] : [reason]),
    ...(inMs === undefined ? [] : [`next call in ${Math.ceil(inMs / 1_000)} s`]),
    ...(probe === undefined
      ? []
      : [`probed ${Math.round(probe.ago_ms / 1_000)} s ago: ${probe.outcome} (${probe.reason})`]),
  ].join(', ');
}
