import { describe, expect, it } from 'vitest';
import { keptIdOf } from '../../src/upstream/kept-id.ts';

const own = { protocol: 'responses', clientProtocol: 'responses' } as const;

describe('the id to go on from', () => {
  it.each([
    ['a whole answer', { id: 'resp_1', output: [] }],
    ['the first event of a stream', { type: 'response.created', response: { id: 'resp_1' } }],
  ])('is that of %s', (_case, payload) => {
    expect(keptIdOf(payload, own)).toBe('resp_1');
  });

  it.each([
    ['a translated answer', { id: 'resp_1' }, { ...own, protocol: 'messages' }],
    ['a chat', { id: 'chatcmpl-1' }, { protocol: 'chat', clientProtocol: 'chat' }],
    ['an event that is not JSON', undefined, own],
    ['an answer without one', { id: 7 }, own],
  ] as const)('is none for %s', (_case, payload, protocols) => {
    expect(keptIdOf(payload, protocols)).toBeUndefined();
  });
});
