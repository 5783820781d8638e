/** Tells a model at one of its providers from all others; no provider's name holds an @. */
export function deploymentName({
  model,
  provider,
}: {
  readonly model: string;
  readonly provider: string;
}): string {
  return `${model}@${provider}`;
}
