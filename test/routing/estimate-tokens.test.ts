import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../../src/routing/estimate-tokens.ts';

// The true numbers are those of o200k_base.
const known = [
  {
    text: 'The council decided on Wednesday to widen the grant for heat pumps. Owners can get up to seventy percent of the cost back when they replace their heating, and the new rules apply from January.',
    tokens: 38,
  },
  {
    text: 'export function sum(values: readonly number[]): number {\n  let total = 0;\n  for (const value of values) {\n    if (Number.isNaN(value)) continue;\n    total += value * 1.19;\n  }\n  return total;\n}\n',
    tokens: 54,
  },
  {
    text: '{"id": 4711, "name": "pump", "prices": [12.5, 13.75, 1204], "tags": ["heating", "grant"], "active": true, "owner": {"city": "Ulm", "zip": "89073"}}',
    tokens: 62,
  },
  {
    text: '政府は住宅所有者への補助金制度を拡大することを決定しました。新しい規則は来年一月一日から適用されます。',
    tokens: 38,
  },
  {
    text: 'Die Bundesregierung hat am Mittwoch beschlossen, die Förderung für Wärmepumpen auszuweiten. Hausbesitzer können künftig bis zu siebzig Prozent der Kosten erstattet bekommen, wenn sie ihre Heizung austauschen.',
    tokens: 45,
  },
  {
    text: '政府决定扩大对住宅业主的补贴计划。新规定将于明年一月一日生效，届时将覆盖更多地区的居民。',
    tokens: 34,
  },
  { text: '정부는 주택 소유자를 위한 보조금 제도를 확대하기로 결정했습니다.', tokens: 19 },
];

// Which older tokenizers split into far more.
const finelySplit = [
  {
    text: 'Правительство решило расширить программу субсидий для владельцев жилья. Новые правила вступят в силу первого января следующего года.',
    tokens: 28,
  },
  {
    text: 'सरकार ने घर के मालिकों के लिए अनुदान योजना का विस्तार करने का निर्णय लिया है। नए नियम अगले साल एक जनवरी से लागू होंगे।',
    tokens: 31,
  },
];

describe('estimating tokens', () => {
  it.each(finelySplit)('is well on the safe side for $text', ({ text, tokens }) => {
    expect(estimateTokens([text])).toBeGreaterThan(2 * tokens);
    expect(estimateTokens([text])).toBeLessThan(3.5 * tokens);
  });

  it('finds at least the true number, and less than twice as many', () => {
    for (const { text, tokens } of known) {
      expect(estimateTokens([text])).toBeGreaterThanOrEqual(tokens);
      expect(estimateTokens([text])).toBeLessThan(2 * tokens);
    }
  });

  it('finds more in code than in prose of the same length', () => {
    const code = 'for(let i=0;i<n;i++){t+=p[i]*1.19;}';
    expect(estimateTokens([code])).toBeGreaterThan(
      1.5 * estimateTokens(['A walk by the river does me good ..']),
    );
  });

  it('counts an image by the picture, not by its bytes', () => {
    const url = (bytes: number) => `data:image/png;base64,${'iVBORw0K'.repeat(bytes / 8)}`;
    const small = estimateTokens([{ type: 'image_url', image_url: { url: url(80) } }]);
    expect(estimateTokens([{ type: 'image_url', image_url: { url: url(8_000_000) } }])).toBe(small);
    expect(small).toBeGreaterThan(1_000);
    expect(small).toBeLessThan(2_000);
  });

  it('reads whatever a prompt is made of: parts, tools, arguments', () => {
    const text = 'x'.repeat(700);
    const alone = estimateTokens([text]);
    for (const prompt of [
      [[{ role: 'system', content: [{ type: 'text', text }] }]],
      [[{ type: 'function', function: { name: 'f', parameters: { description: text } } }]],
      [undefined, [{ role: 'assistant', tool_calls: [{ function: { arguments: text } }] }]],
    ]) {
      expect(estimateTokens(prompt)).toBeGreaterThanOrEqual(alone);
    }
  });

  it('takes nesting of any depth and texts of any length', () => {
    let nested: unknown = 'end';
    for (let depth = 0; depth < 200_000; depth += 1) nested = [nested];
    expect(estimateTokens([nested])).toBe(1);
    const word = 'word ';
    const short = estimateTokens([word.repeat(40_000)]);
    expect(estimateTokens([word.repeat(400_000)])).toBeCloseTo(10 * short, -2);
  });

  it('estimates a long text by pieces of all its parts', () => {
    const [prose, code, japanese] = [0, 1, 3].map((at) => (known[at]?.text ?? '').repeat(500));
    const text = `${prose}${code}${japanese}${prose}`;
    const size = 20_000;
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      text.slice(index * size, (index + 1) * size),
    );
    const exact = pieces.reduce((sum, piece) => sum + estimateTokens([piece]), 0);
    expect(estimateTokens([text])).toBeGreaterThan(0.9 * exact);
    expect(estimateTokens([text])).toBeLessThan(1.1 * exact);
  });

  it('never falls when a text grows', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(text, text, (before, more) => {
        expect(estimateTokens([before + more])).toBeGreaterThanOrEqual(estimateTokens([before]));
      }),
    );
  });
});
