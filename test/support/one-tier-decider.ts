import { createDecider, type Decider, type DeciderOptions } from '../../src/routing/decider.ts';
import {
  createTransformerTier,
  type TransformerTierOptions,
} from '../../src/routing/tiers/transformer-tier.ts';

type Examples = DeciderOptions['examples'] & TransformerTierOptions['examples'];

/** A decider without a first tier. */
export function createOneTierDecider(
  options: Omit<DeciderOptions, 'tiers'> & TransformerTierOptions & { readonly examples: Examples },
): Decider {
  return createDecider({ ...options, tiers: [createTransformerTier(options)] });
}
