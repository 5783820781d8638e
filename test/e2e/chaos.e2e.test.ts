import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../src/random.ts';
import { makeUnreliable, runChaos } from '../support/chaos.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';

const requests = 400;
const patience = { timeout: 20_000 };
let proxy: TwoProtocolsServer;

beforeAll(async () => {
  proxy = await startTwoProtocols({ config: { retries: {}, breaker: {} } });
  const random = createRandom(11);
  makeUnreliable(proxy.open, { protocol: 'chat', failing: 0.3, random });
  makeUnreliable(proxy.claude, { protocol: 'messages', failing: 0.3, random });
});

afterAll(() => proxy.close());

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${proxy.url}/metrics`)).text();
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** The ids of everything that the store has, each as often as it has it. */
async function keptIds(): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const reply = await fetch(`${proxy.url}/admin/decisions?limit=500${cursor}`);
    const page = (await reply.json()) as { data: { id: string }[]; next_cursor: string | null };
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
  } while (cursor !== '');
  return ids;
}

describe('a router among providers that fail and clients that leave', () => {
  it('accounts for every request once, and tears no stream', async () => {
    const report = await runChaos({
      url: proxy.url,
      clients: 8,
      isOver: (asked) => asked >= requests,
      seed: 5,
      leaving: 0.1,
    });
    expect(report.outcomes.torn).toBe(0);
    expect(report.outcomes.left).toBeGreaterThan(0);
    expect(report.outcomes['broken-off']).toBeGreaterThan(0);
    expect(report.outcomes.whole).toBeGreaterThan(requests / 2);

    // What clients left may still be ending.
    await vi.waitFor(
      async () => expect(await metric('switchyard_inflight_requests')).toBe(0),
      patience,
    );
    const counted = await metric('switchyard_requests_total');
    await vi.waitFor(
      async () => expect(await metric('switchyard_decision_store_written')).toBe(counted),
      patience,
    );
    const kept = await keptIds();
    expect(kept).toHaveLength(counted);
    expect(new Set(kept).size).toBe(counted);
    expect(kept).toEqual(expect.arrayContaining([...report.decisionIds]));
    expect(await metric('switchyard_decision_store_dropped')).toBe(0);

    // Seven breakers: each may open, be probed and come back, but not again and again.
    expect(await metric('switchyard_breaker_changes_total')).toBeLessThan(30);
  }, 90_000);
});
