import type { Protocol } from '../protocol.ts';
import type { Config } from './load.ts';
import { lookUpModel, type Prices } from './prices.ts';
import type { ModelConfig, ProviderConfig } from './schema.ts';

export interface Model {
  readonly name: string;
  readonly provider: string;
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
  readonly tier: number;
  readonly capabilities: ModelConfig['capabilities'];
  readonly timeouts: ModelConfig['timeouts'];
  /** Why it can't be called, in words for the operator; undefined when it can. */
  readonly unusable: string | undefined;
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

  const toModel = ([name, model]: [string, ModelConfig]): [string, Model] => {
    const upstreamName = model.name ?? name;
    const provider = config.providers[model.provider];
    const priceList = provider?.priceList ?? model.provider;
    const listed = lookUpModel(priceList, upstreamName);
    return [
      name,
      {
        name,
        provider: model.provider,
        upstreamName,
        contextWindow: model.contextWindow ?? listed.contextWindow,
        prices: model.prices ?? listed.prices,
        speaks: model.speaks ?? provider?.speaks ?? [],
        maxOutputTokens: model.maxOutputTokens,
        maxTokensField: provider?.maxTokensField ?? 'max_tokens',
        reportsUsage: provider?.reportsUsage ?? false,
        tier: model.tier,
        capabilities: model.capabilities,
        timeouts: model.timeouts,
        unusable: unusable.get(model.provider),
      },
    ];
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

function whyUnusable(
  provider: ProviderConfig,
  keyVariable: string | undefined,
): string | undefined {
  if (!provider.enabled) return 'not enabled';
  if (!provider.keyRequired || provider.apiKey !== '') return undefined;
  return keyVariable === undefined ? 'no API key configured' : `no API key: set ${keyVariable}`;
}
