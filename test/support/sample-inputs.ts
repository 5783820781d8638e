import type { ScriptedCall } from './scripted-calls.ts';

/** A PNG of one pixel, in base64. */
export const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The parameters of the tool `get_weather`. */
export const weatherParameters = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
};

/** What a model calls that is asked how the weather is in two cities. */
export const weatherCalls = [
  { id: 'call_1', name: 'get_weather', input: { city: 'Zürich' } },
  { id: 'call_2', name: 'get_weather', input: { city: 'Bern' } },
] as const satisfies ScriptedCall[];
