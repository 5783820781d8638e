import { describe, expect, it } from 'vitest';
import { readText } from '../../../src/classifier/read-text.ts';
import { createAudit } from '../../../src/routing/tiers/audit.ts';
import type { AskedConversation, Tier, Weighed } from '../../../src/routing/tiers/tier.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const conversation: AskedConversation = {
  ask: readText('sort'),
  earlier: [],
  reply: '',
};

function says(className: string): Weighed {
  return {
    kind: 'weighed',
    tier: 'transformer',
    encoderHash: '',
    ask: { read: readText('sort'), views: [] },
    posterior: [{ className, probability: 1 }],
    neighbours: [],
    context: undefined,
    reason: () => undefined,
    recordFeatures: () => new Uint8Array(),
  };
}

function createParts({ share = 1, draw = 0.5, isIdle = true } = {}) {
  const clock = createFakeClock();
  const compared: object[] = [];
  let asked = 0;
  const tier: Tier = {
    name: 'transformer',
    encoderHash: '',
    isSure: () => true,
    async weigh() {
      asked += 1;
      return says('coding');
    },
  };
  const audit = createAudit({
    share,
    random: () => draw,
    tier: () => tier,
    isIdle: () => isIdle,
    observer: { compared: (result) => compared.push(result) },
    clock,
  });
  return { audit, clock, compared, asked: () => asked };
}

describe('the audit of the first tier', () => {
  it('asks the last tier after the request, and tells whether it agrees', async () => {
    const { audit, clock, compared, asked } = createParts();
    audit.consider(conversation, says('coding'));
    audit.consider(conversation, says('chat'));
    expect(asked()).toBe(0);
    clock.advance(1_000);
    await Promise.resolve();
    await Promise.resolve();
    expect(compared).toEqual([
      { wasSure: true, agrees: true },
      { wasSure: true, agrees: false },
    ]);
  });

  it('asks about a share only', () => {
    const often = createParts({ share: 0.6 });
    often.audit.consider(conversation, says('coding'));
    often.clock.advance(1_000);
    expect(often.asked()).toBe(1);
    const seldom = createParts({ share: 0.4 });
    seldom.audit.consider(conversation, says('coding'));
    seldom.clock.advance(1_000);
    expect(seldom.asked()).toBe(0);
  });

  it('never makes requests wait for the encoder', () => {
    const { audit, clock, asked } = createParts({ isIdle: false });
    audit.consider(conversation, says('coding'));
    clock.advance(1_000);
    expect(asked()).toBe(0);
  });

  it('keeps few prompts waiting, and none once it is closed', () => {
    const { audit, clock, asked } = createParts();
    for (let i = 0; i < 100; i += 1) audit.consider(conversation, says('coding'));
    clock.advance(1_000);
    expect(asked()).toBe(16);
    audit.consider(conversation, says('coding'));
    audit.close();
    clock.advance(1_000);
    expect(asked()).toBe(16);
  });
});
