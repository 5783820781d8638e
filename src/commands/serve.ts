import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Command, InvalidArgumentError } from 'commander';
import { createApp } from '../app.ts';
import type { Clock } from '../clock.ts';
import type { Catalogue } from '../config/catalogue.ts';
import type { Config } from '../config/load.ts';
import { messageOf } from '../errors.ts';
import { isLoopback } from '../http/loopback.ts';
import { lockDataDirectory } from '../state/data-lock.ts';
import { type CommandContext, CommandError } from './context.ts';
import { toOpenOptions } from './open-options.ts';

export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('run the proxy')
    .option('-p, --port <port>', 'port to listen on, 0 for any free one', parsePort)
    .option('--host <address>', 'address to listen on; other than loopback only with API keys')
    .action((options: { port?: number; host?: string }) => {
      const file: string | undefined = program.opts()['config'];
      return serve(context, { file, ...options });
    });
}

async function serve(
  context: CommandContext,
  options: { file: string | undefined; port?: number; host?: string },
): Promise<void> {
  const config = context.loadConfig(options.file);
  const host = options.host ?? config.server.host;
  if (!isLoopback(host) && config.server.apiKeys.length === 0) {
    throw new CommandError(
      `Refusing to listen on ${host}: without client keys, anyone who reaches it could spend your money. Set SWITCHYARD_API_KEYS, or use 127.0.0.1.`,
    );
  }
  const lock = lockDataDirectory(config.dataDir);
  if (lock.kind === 'taken') {
    const where = lock.holder.url === undefined ? '' : ` at ${lock.holder.url}`;
    throw new CommandError(
      `Process ${lock.holder.pid}${where} already uses ${config.dataDir}. Stop it, or set SWITCHYARD_DATA_DIR.`,
    );
  }

  const isOwner = lock.kind === 'held';
  if (lock.kind === 'unwritable') {
    context.remark(
      `The data directory can't be written: ${lock.reason}. Serving without it: no decision is kept, no example can be added.\n`,
    );
  }

  const server = createServer();
  try {
    // Before anything is opened: whoever starts it learns at once that a port is taken.
    const url = await listen(server, options.port ?? config.server.port, host);
    if (isOwner) lock.announce(url);
    context.remark(`Listening on ${url}\n`);
    await answerUntilStopped(server, { url, context, config, isOwner });
  } finally {
    server.close();
    if (isOwner) lock.release();
  }
}

async function answerUntilStopped(
  server: Server,
  how: { url: string; context: CommandContext; config: Config; isOwner: boolean },
): Promise<void> {
  const { url, context, config, isOwner } = how;
  const { environment } = context;
  const app = createApp({ ...toOpenOptions(context, config, { isOwner }), environment });
  server.on('request', app.handler);
  const silent = trackSilent(server);
  // Longer than load balancers keep idle connections, so that they never reuse a closing one.
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 80_000;
  try {
    const stopRequested = context.stopRequested();
    const routing = await Promise.race([app.ready, stopRequested]);
    if (routing) context.remark(welcome(url, routing.catalogue));
    await stopRequested;
    app.drain();
    await closeServer(server, { silent, clock: context.clock, drainMs: config.server.drainMs });
  } finally {
    server.closeAllConnections();
    server.close();
    await app.close();
  }
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new CommandError(`Cannot listen on ${host}:${port}: ${messageOf(error)}`);
  }
  const address = server.address() as AddressInfo;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

/** The connections that have not asked anything yet, which clients open ahead: Node takes them for busy. */
function trackSilent(server: Server): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return silent;
}

async function closeServer(
  server: Server,
  { silent, clock, drainMs }: { silent: ReadonlySet<Socket>; clock: Clock; drainMs: number },
): Promise<void> {
  const deadline = clock.setTimer(drainMs, () => server.closeAllConnections());
  const closed = once(server, 'close');
  server.close();
  for (const socket of silent) socket.destroy();
  await closed;
  deadline.cancel();
}

function welcome(url: string, { providers }: Catalogue): string {
  const lines = providers.map(
    ({ name, unusable }) => `  ${name.padEnd(14)} ${unusable ?? 'usable'}\n`,
  );
  const demo = providers.every(({ unusable }) => unusable !== undefined)
    ? '  demo           answers until one of them is usable\n'
    : '';
  return `Ready. Providers:\n${lines.join('')}${demo}Try:\n  curl ${url}/v1/chat/completions -H 'content-type: application/json' \\\n    -d '{"model": "auto", "messages": [{"role": "user", "content": "Translate to French: where is the station?"}]}'\n`;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('expected a number from 0 to 65535');
}
