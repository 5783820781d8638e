/** A model at one of its providers. */
export interface Deployment {
  readonly model: string;
  readonly provider: string;
}

/** No provider's name holds a slash. */
export function keyOf({ model, provider }: Deployment): string {
  return `${provider}/${model}`;
}
