import { calcPrice } from '@pydantic/genai-prices';

/** US dollars per million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number | undefined;
  readonly cacheWrite?: number | undefined;
}

export interface ListedModel {
  readonly contextWindow: number | undefined;
  readonly prices: Prices | undefined;
}

/** What the bundled price list knows of a model; all undefined when it is not listed. */
export function lookUpModel(priceList: string, upstreamName: string): ListedModel {
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, upstreamName, {
    providerId: priceList,
  });
  const input = baseRate(found?.model_price['input_mtok']);
  const output = baseRate(found?.model_price['output_mtok']);
  return {
    contextWindow: found?.model.context_window,
    prices:
      input === undefined || output === undefined
        ? undefined
        : {
            input,
            output,
            cachedInput: baseRate(found?.model_price['cache_read_mtok']),
            cacheWrite: baseRate(found?.model_price['cache_write_mtok']),
          },
  };
}

// Some prices rise with the prompt's length; the list then holds a base rate and tiers.
function baseRate(rate: number | { base: number } | undefined): number | undefined {
  return typeof rate === 'object' ? rate.base : rate;
}
