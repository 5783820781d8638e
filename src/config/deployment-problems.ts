// What can be wrong with where models are served. Works on the raw input, as all checks of references do.
import { asJsonObject, type JsonObject } from '../json.ts';
import { deploymentName } from './deployment-name.ts';
import type { ConfigProblem } from './validate.ts';

interface NamedProvider {
  readonly path: string;
  readonly provider: unknown;
}

/** Every provider that a model names, with its place. */
export function namedProviders(name: string, model: unknown): NamedProvider[] {
  const provider = asJsonObject(model)?.['provider'];
  return [{ path: `models.${name}.provider`, provider }, ...listedProviders(name, model)];
}

function listedProviders(name: string, model: unknown): NamedProvider[] {
  const deployments = asJsonObject(model)?.['deployments'];
  return (Array.isArray(deployments) ? deployments : []).map((each, position) => ({
    path: `models.${name}.deployments.${position}.provider`,
    provider: asJsonObject(each)?.['provider'],
  }));
}

/** A model has a provider or deployments, no provider twice, and no name that a deployment of another model has. */
export function findDeploymentProblems(models: JsonObject): ConfigProblem[] {
  return Object.entries(models).flatMap(([name, model]) => [
    ...findChoiceProblems(name, asJsonObject(model)),
    ...findRepetitions(name, model),
    ...findTakenNames(name, model, models),
  ]);
}

function findChoiceProblems(name: string, model: JsonObject | undefined): ConfigProblem[] {
  if (model === undefined) return [];
  const hasProvider = model['provider'] !== undefined;
  const hasDeployments = model['deployments'] !== undefined;
  if (hasProvider !== hasDeployments) return [];
  return hasProvider
    ? [{ path: `models.${name}.deployments`, message: 'has a provider already; name it here' }]
    : [{ path: `models.${name}`, message: 'names neither a provider nor deployments' }];
}

function findRepetitions(name: string, model: unknown): ConfigProblem[] {
  const listed = listedProviders(name, model);
  return listed
    .filter((each, position) => isAmong(listed.slice(0, position), each))
    .map(({ path, provider }) => ({
      path,
      message: `"${provider}" is listed already; another account of it is a provider of its own`,
    }));
}

function isAmong(earlier: readonly NamedProvider[], { provider }: NamedProvider): boolean {
  return typeof provider === 'string' && earlier.some((each) => each.provider === provider);
}

function findTakenNames(name: string, model: unknown, models: JsonObject): ConfigProblem[] {
  const listed = listedProviders(name, model);
  // One alone has the name of its model.
  if (listed.length < 2) return [];
  const names = listed.map(({ provider }) =>
    deploymentName({ model: name, provider: String(provider) }),
  );
  return [...new Set(names)]
    .filter((taken) => Object.hasOwn(models, taken))
    .map((taken) => ({
      path: `models.${taken}`,
      message: `"${taken}" is what a deployment of "${name}" is called`,
    }));
}
