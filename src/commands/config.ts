import type { Command } from 'commander';
import { stringify } from 'yaml';
import { createCatalogue } from '../config/catalogue.ts';
import type { Config } from '../config/load.ts';
import { toConfigJsonSchema } from '../config/schema.ts';
import type { CommandContext } from './context.ts';

const mask = '********';

export function addConfigCommand(program: Command, context: CommandContext): void {
  const { print } = context;
  const load = () => context.loadConfig(program.opts()['config']);
  const command = program
    .command('config')
    .description('check, print or describe the configuration');

  command
    .command('check')
    .description('report every mistake, and which providers are usable')
    .action(() => {
      const config = load();
      print(`${config.file} is valid.\n`);
      for (const { name, unusable } of createCatalogue(config).providers) {
        print(`  ${name.padEnd(14)} ${unusable ?? 'usable'}\n`);
      }
    });

  command
    .command('print')
    .description('the configuration in force, defaults included, secrets masked')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => {
      const masked = maskSecrets(load());
      print(json === true ? `${JSON.stringify(masked, null, 2)}\n` : stringify(masked));
    });

  command
    .command('schema')
    .description('JSON schema of the configuration file')
    .action(() => print(`${JSON.stringify(toConfigJsonSchema(), null, 2)}\n`));
}

/** As the file could say it. */
function maskSecrets({ file: _file, variables: _variables, ...config }: Config): object {
  const { providers, server, ...rest } = config;
  const masked = Object.entries(providers).map(([name, provider]) => [
    name,
    {
      ...provider,
      apiKey: provider.apiKey === '' ? '' : mask,
      headers: Object.fromEntries(Object.keys(provider.headers).map((header) => [header, mask])),
    },
  ]);
  const maskedServer = {
    ...server,
    apiKeys: server.apiKeys.map(() => mask),
    adminToken: server.adminToken === '' ? '' : mask,
  };
  return { ...rest, server: maskedServer, providers: Object.fromEntries(masked) };
}
