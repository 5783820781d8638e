import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { ExplainedError, messageOf } from '../errors.ts';
import { interpolate } from './interpolate.ts';
import type { ConfigFile } from './schema.ts';
import { type ConfigProblem, validateConfig } from './validate.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The validated configuration, deep-frozen, with every path absolute. */
export interface Config extends Omit<ConfigFile, 'dataDir' | 'modelsDir'> {
  readonly file: string;
  readonly dataDir: string;
  /** Undefined: the caller's own place for models. */
  readonly modelsDir: string | undefined;
  /** Which environment variable a value was taken from, by dotted path. */
  readonly variables: ReadonlyMap<string, string>;
}

/** The file can't be used: lists every problem with its path. */
export class ConfigError extends ExplainedError {
  override readonly name = 'ConfigError';
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ path, message }) => `  ${path === '' ? '' : `${path}: `}${message}`,
    );
    super(`The configuration ${file} can't be used:\n${lines.join('\n')}`);
    this.file = file;
    this.problems = problems;
  }
}

export interface LoadOptions {
  readonly file: string;
  readonly environment: Environment;
  readonly workingDirectory: string;
}

/**
 * Reads a YAML or JSON file. `PORT`, `HOST`, `LOG_LEVEL`, `SWITCHYARD_API_KEYS`, `SWITCHYARD_ADMIN_TOKEN` and
 * `SWITCHYARD_DATA_DIR` in the environment win over the file, and so does what OpenTelemetry calls its endpoint. Throws
 * ConfigError with all problems at once.
 */
export function loadConfig({ file: named, environment, workingDirectory }: LoadOptions): Config {
  const file = resolve(workingDirectory, named);
  const { value, missing, variables } = interpolate(readYaml(file), environment);
  const overridden = applyEnvironment(value, environment);
  const result = validateConfig(overridden);
  const unset = missing.map(({ path, variable }) => ({
    path: path.join('.'),
    message: `the environment variable ${variable} is not set (a default is written \${${variable}:-default})`,
  }));
  if (result.kind === 'invalid' || unset.length > 0) {
    throw new ConfigError(file, [...unset, ...(result.kind === 'invalid' ? result.problems : [])]);
  }

  const base = dirname(file);
  const { config } = result;
  return deepFreeze({
    ...config,
    file,
    variables,
    dataDir: placeOfData(config, { base, environment, workingDirectory }),
    modelsDir: config.modelsDir === undefined ? undefined : resolve(base, config.modelsDir),
    examples: {
      ...config.examples,
      directory: resolve(base, config.examples.directory),
      conversations:
        config.examples.conversations === undefined
          ? undefined
          : resolve(base, config.examples.conversations),
      tuning:
        config.examples.tuning === undefined ? undefined : resolve(base, config.examples.tuning),
    },
  });
}

function placeOfData(
  config: ConfigFile,
  from: { base: string; environment: Environment; workingDirectory: string },
): string {
  const named = from.environment['SWITCHYARD_DATA_DIR'];
  if (named) return resolve(from.workingDirectory, named);
  return config.dataDir === undefined
    ? resolve(from.workingDirectory, '.switchyard')
    : resolve(from.base, config.dataDir);
}

function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [{ path: '', message: `cannot be read: ${messageOf(error)}` }]);
  }
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message }) => ({ path: '', message: message.trim() }));
    throw new ConfigError(file, problems);
  }
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // Aliases are only followed here.
    throw new ConfigError(file, [{ path: '', message: messageOf(error) }]);
  }
}

function applyEnvironment(value: unknown, environment: Environment): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const file = value as Record<string, unknown>;
  const server = {
    ...(environment['HOST'] ? { host: environment['HOST'] } : {}),
    ...(environment['SWITCHYARD_API_KEYS'] ? { apiKeys: environment['SWITCHYARD_API_KEYS'] } : {}),
    ...(environment['SWITCHYARD_ADMIN_TOKEN']
      ? { adminToken: environment['SWITCHYARD_ADMIN_TOKEN'] }
      : {}),
    ...(environment['PORT'] ? { port: Number(environment['PORT']) } : {}),
  };
  const log = environment['LOG_LEVEL'] ? { level: environment['LOG_LEVEL'] } : {};
  return {
    ...file,
    server: mergeSection(file['server'], server),
    log: mergeSection(file['log'], log),
    telemetry: mergeSection(file['telemetry'], telemetryOf(environment)),
  };
}

/** The names that every OpenTelemetry SDK goes by; those that are not about where or whether are left to it. */
function telemetryOf(environment: Environment): object {
  const base = environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const traces = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const isOff =
    environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' ||
    environment['OTEL_TRACES_EXPORTER'] === 'none';
  return {
    ...(isOff ? { enabled: false } : {}),
    // Over the file's whole address for traces, too.
    ...(base ? { otlpEndpoint: base, otlpTracesEndpoint: undefined } : {}),
    ...(traces ? { otlpTracesEndpoint: traces } : {}),
  };
}

/** What is no section stays as it is, for the schema to complain about. */
function mergeSection(section: unknown, values: object): unknown {
  if (section === undefined) return values;
  return typeof section === 'object' && !Array.isArray(section)
    ? { ...section, ...values }
    : section;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Map)) {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}
