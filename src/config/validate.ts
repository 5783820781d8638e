import type { z } from 'zod';
import { findDeploymentProblems, namedProviders } from './deployment-problems.ts';
import { type ConfigFile, configSchema, toConfigJsonSchema } from './schema.ts';
import { didYouMean } from './suggest.ts';

export interface ConfigProblem {
  /** Where in the file, dotted. */
  readonly path: string;
  readonly message: string;
}

/** Names that mean something of their own as `model` in a request. */
const reservedModelNames = new Set(['auto', 'demo']);
/** The built-in provider. */
const reservedProviderName = 'demo';

/** Checks shapes and references together, so that a broken file shows every problem at once. */
export function validateConfig(
  input: unknown,
): { kind: 'valid'; config: ConfigFile } | { kind: 'invalid'; problems: ConfigProblem[] } {
  const parsed = configSchema.safeParse(input);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(toProblems)),
    ...findBrokenReferences(input),
  ];
  return parsed.success && problems.length === 0
    ? { kind: 'valid', config: parsed.data }
    : { kind: 'invalid', problems };
}

function toProblems(issue: z.core.$ZodIssue): ConfigProblem[] {
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({ path: issue.path.join('.'), message }));
  }
  if (issue.code !== 'unrecognized_keys') {
    return [{ path: issue.path.join('.'), message: issue.message }];
  }
  const known = knownKeys(issue.path);
  return issue.keys.map((key) => ({
    path: [...issue.path, key].join('.'),
    message: `unknown key "${key}"${didYouMean(key, known)}`,
  }));
}

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  additionalProperties?: SchemaNode | boolean;
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: SchemaNode | undefined = toConfigJsonSchema();
  for (const key of path) {
    const open: SchemaNode | boolean | undefined = node?.additionalProperties;
    node = node?.properties?.[String(key)] ?? (typeof open === 'object' ? open : node?.items);
  }
  return Object.keys(node?.properties ?? {});
}

// Works on the raw input: references are checked even while something else in the file is wrong.
function findBrokenReferences(input: unknown): ConfigProblem[] {
  const file = record(input);
  const providers = record(file['providers']);
  const models = record(file['models']);
  const classes = record(file['classes']);
  const problems: ConfigProblem[] = [];

  const check = (path: string, word: unknown, what: string, known: object): void => {
    if (typeof word !== 'string' || Object.hasOwn(known, word)) return;
    const message = `there is no ${what} "${word}"${didYouMean(word, Object.keys(known))}`;
    problems.push({ path, message });
  };

  const reserve = (path: string, name: string): void => {
    problems.push({ path, message: `"${name}" is a reserved name` });
  };

  if (Object.hasOwn(providers, reservedProviderName)) {
    reserve(`providers.${reservedProviderName}`, reservedProviderName);
  }
  for (const [name, model] of Object.entries(models)) {
    for (const { path, provider } of namedProviders(name, model)) {
      check(path, provider, 'provider', providers);
    }
    if (reservedModelNames.has(name) || name.startsWith('class:')) {
      reserve(`models.${name}`, name);
    }
  }
  for (const [name, taskClass] of Object.entries(classes)) {
    const preferred = record(taskClass)['models'];
    for (const [position, model] of (Array.isArray(preferred) ? preferred : []).entries()) {
      check(`classes.${name}.models.${position}`, model, 'model', models);
    }
  }
  problems.push(...findDeploymentProblems(models));
  check('routing.defaultClass', record(file['routing'])['defaultClass'], 'class', classes);
  return problems;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
