/** Told what two tiers make of the same prompt. Never throws. */
export interface TierObserver {
  /** Whether the first was sure, and whether it and the last one mean the same class. */
  compared(result: { readonly wasSure: boolean; readonly agrees: boolean }): void;
}
