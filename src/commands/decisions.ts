import { type Command, Option } from 'commander';
import type { Config } from '../config/load.ts';
import { unknownDecision, withExampleTexts } from '../http/admin-decisions.ts';
import { openStore } from '../open-routing.ts';
import { findLockHolder } from '../state/data-lock.ts';
import {
  type DecisionReader,
  decisionFile,
  readDecisionFile,
} from '../telemetry/decisions/decision-file.ts';
import type { DecisionSummary } from '../telemetry/decisions/stored-decision.ts';
import { requestOutcomes } from '../telemetry/request-record.ts';
import { type CommandContext, CommandError } from './context.ts';
import { describeStored, describeSummaries, type ShownDecision } from './describe-stored.ts';
import { toOpenOptions } from './open-options.ts';
import { parseCount } from './parse-count.ts';
import { callRunningServer } from './running-server.ts';

interface ListOptions {
  readonly class?: string;
  readonly model?: string;
  readonly outcome?: string;
  readonly abstained?: boolean;
  readonly text?: string;
  readonly limit: number;
  readonly json?: boolean;
}

interface Page {
  readonly data: readonly DecisionSummary[];
  readonly next_cursor: string | null;
}

/** What happened: through the server that holds the data directory, else straight from the file. */
export function addDecisionsCommand(program: Command, context: CommandContext): void {
  const { print } = context;
  const load = () => context.loadConfig(program.opts()['config']);
  const command = program.command('decisions').description('what was decided, tried and answered');

  command
    .command('list')
    .description('the latest decisions, newest first')
    .option('--class <name>', 'that was decided')
    .option('--model <name>', 'that answered')
    .addOption(new Option('--outcome <name>', 'how it ended').choices(requestOutcomes))
    .option('--abstained', 'only where the default class stepped in')
    .option('--text <words>', 'that all are in the prompt, as far as it is kept')
    .option('--limit <count>', 'how many', parseCount, 20)
    .option('--json', 'one JSON object a line')
    .action(async (options: ListOptions) => {
      const found = await look(load(), {
        remote: (get) => collect(options, (query) => get(`?${query}`) as Promise<Page>),
        local: (reader) => collect(options, (query) => readPage(reader, query)),
      });
      print(
        options.json === true
          ? found.map((decision) => `${JSON.stringify(decision)}\n`).join('')
          : describeSummaries(found),
      );
    });

  command
    .command('show')
    .description('one decision and everything that led to it')
    .argument('<id>', 'as in the list and in x-switchyard-decision-id')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const config = load();
      const decision = await look<ShownDecision>(config, {
        remote: async (get) => (await get(`/${encodeURIComponent(id)}`)) as ShownDecision,
        local: (reader) => showLocal(context, config, reader, id),
      });
      print(json === true ? `${JSON.stringify(decision, null, 2)}\n` : describeStored(decision));
    });
}

async function look<Result>(
  config: Config,
  how: {
    remote: (get: (path: string) => Promise<unknown>) => Promise<Result>;
    local: (reader: DecisionReader) => Result | Promise<Result>;
  },
): Promise<Result> {
  const holder = findLockHolder(config.dataDir);
  if (holder?.url !== undefined) {
    const { adminToken } = config.server;
    return how.remote((path) =>
      callRunningServer(holder, { method: 'GET', path: `/admin/decisions${path}`, adminToken }),
    );
  }
  const reader = readDecisionFile(decisionFile(config.dataDir));
  if (reader === undefined) {
    throw new CommandError(`No decision has been kept in ${config.dataDir} yet.`);
  }
  try {
    return await how.local(reader);
  } finally {
    reader.close();
  }
}

/** Page after page, since one may hold fewer than asked for. */
async function collect(
  { json: _json, limit, ...filters }: ListOptions,
  read: (query: URLSearchParams) => Page | Promise<Page>,
): Promise<DecisionSummary[]> {
  const found: DecisionSummary[] = [];
  const query = new URLSearchParams(
    Object.entries(filters).map(([key, value]): [string, string] => [key, String(value)]),
  );
  for (;;) {
    query.set('limit', String(Math.min(limit - found.length, 1_000)));
    const { data, next_cursor: cursor } = await read(query);
    found.push(...data);
    if (cursor === null || found.length >= limit) return found;
    query.set('cursor', cursor);
  }
}

function readPage(reader: DecisionReader, query: URLSearchParams): Page {
  const get = (key: string) => query.get(key) ?? undefined;
  const { decisions, nextCursor } = reader.list({
    className: get('class'),
    model: get('model'),
    outcome: get('outcome'),
    abstained: query.has('abstained') ? true : undefined,
    text: get('text'),
    limit: Number(query.get('limit')),
    cursor: get('cursor'),
  });
  return { data: decisions, next_cursor: nextCursor ?? null };
}

function showLocal(
  context: CommandContext,
  config: Config,
  reader: DecisionReader,
  id: string,
): ShownDecision {
  const decision = reader.get(id);
  if (decision === undefined) throw unknownDecision(id);
  const { store, close } = openStore(toOpenOptions(context, config));
  close();
  return withExampleTexts(decision, store.list());
}
