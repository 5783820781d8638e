import type { Protocol } from '../protocol.ts';
import { deploymentName } from './deployment-name.ts';
import type { Config } from './load.ts';
import { lookUpModel, type Prices } from './prices.ts';
import type { DeploymentConfig, ModelConfig, ProviderConfig } from './schema.ts';

/** A model at one of its providers: what can be asked. */
export interface Deployment {
  /** What operators know it by: the model's name, `model@provider` where it has several. */
  readonly name: string;
  readonly model: string;
  readonly provider: string;
  /** Its share of the model's requests, against the weights of the others. */
  readonly weight: number;
  /** The provider's own name for it. */
  readonly upstreamName: string;
  /** Tokens; undefined when nobody knows. */
  readonly contextWindow: number | undefined;
  readonly prices: Prices | undefined;
  readonly speaks: readonly Protocol[];
  /** Tokens; undefined when nobody knows. */
  readonly maxOutputTokens: number | undefined;
  readonly maxTokensField: string;
  readonly reportsUsage: boolean;
  readonly capabilities: ModelConfig['capabilities'];
  readonly timeouts: ModelConfig['timeouts'];
  /** Why it can't be called, in words for the operator; undefined when it can. */
  readonly unusable: string | undefined;
}

export interface Model {
  readonly name: string;
  readonly tier: number;
  /** At least one, no two at the same provider. */
  readonly deployments: readonly Deployment[];
}

interface TaskClass {
  readonly name: string;
  readonly description: string;
  /** Names of models, preferred first. */
  readonly models: readonly string[];
}

/** What there is to route to: the configuration with prices looked up and missing keys found out. */
export interface Catalogue {
  readonly models: ReadonlyMap<string, Model>;
  readonly classes: ReadonlyMap<string, TaskClass>;
  readonly defaultClass: string;
  readonly providers: readonly { readonly name: string; readonly unusable: string | undefined }[];
}

export function createCatalogue(config: Config): Catalogue {
  const providers = Object.entries(config.providers).map(([name, provider]) => ({
    name,
    unusable: whyUnusable(provider, config.variables.get(`providers.${name}.apiKey`)),
  }));
  const unusable = new Map(providers.map((provider) => [provider.name, provider.unusable]));

  const toDeployment = (name: string, model: ModelConfig, at: DeploymentConfig): Deployment => {
    const upstreamName = at.name ?? model.name ?? name;
    const provider = config.providers[at.provider];
    const listed = lookUpModel(provider?.priceList ?? at.provider, upstreamName);
    return {
      name:
        model.deployments.length === 1
          ? name
          : deploymentName({ model: name, provider: at.provider }),
      model: name,
      provider: at.provider,
      weight: at.weight,
      upstreamName,
      contextWindow: model.contextWindow ?? listed.contextWindow,
      prices: at.prices ?? model.prices ?? listed.prices,
      speaks: model.speaks ?? provider?.speaks ?? [],
      maxOutputTokens: model.maxOutputTokens,
      maxTokensField: provider?.maxTokensField ?? 'max_tokens',
      reportsUsage: provider?.reportsUsage ?? false,
      capabilities: model.capabilities,
      timeouts: model.timeouts,
      unusable: unusable.get(at.provider),
    };
  };
  const toModel = ([name, model]: [string, ModelConfig]): [string, Model] => {
    const deployments = model.deployments.map((each) => toDeployment(name, model, each));
    return [name, { name, tier: model.tier, deployments }];
  };

  return {
    models: new Map(Object.entries(config.models).map(toModel)),
    classes: new Map(
      Object.entries(config.classes).map(([name, { description, models }]) => [
        name,
        { name, description, models },
      ]),
    ),
    defaultClass: config.routing.defaultClass,
    providers,
  };
}

/** Undefined for the demo, and for what a configuration of the past had. */
export function findDeployment(
  { models }: Pick<Catalogue, 'models'>,
  { model, provider }: Pick<Deployment, 'model' | 'provider'>,
): Deployment | undefined {
  return models.get(model)?.deployments.find((each) => each.provider === provider);
}

export function allDeployments({ models }: Pick<Catalogue, 'models'>): Deployment[] {
  return [...models.values()].flatMap(({ deployments }) => deployments);
}

function whyUnusable(
  provider: ProviderConfig,
  keyVariable: string | undefined,
): string | undefined {
  if (!provider.enabled) return 'not enabled';
  if (!provider.keyRequired || provider.apiKey !== '') return undefined;
  return keyVariable === undefined ? 'no API key configured' : `no API key: set ${keyVariable}`;
}
