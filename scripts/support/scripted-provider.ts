/** What a configuration says of a provider that is a script of a bench: one model of it, `mock`. */
export function toScriptedProvider(upstreamUrl: string): object {
  return {
    providers: { mock: { baseUrl: `${upstreamUrl}/v1`, apiKey: 'none' } },
    models: { mock: { provider: 'mock', prices: { input: 1, output: 2 } } },
  };
}
