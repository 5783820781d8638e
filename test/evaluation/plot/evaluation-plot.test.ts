import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measure } from '../../../src/evaluation/metrics.ts';
import { toHtml, toSvg } from '../../../src/evaluation/plot/evaluation-plot.ts';
import { createReport } from '../../../src/evaluation/report.ts';
import { makePrediction } from '../make-prediction.ts';
import { readXml } from './read-xml.ts';

const right = makePrediction({ trueClass: 'math', confidence: 0.9 });
const wrong = makePrediction({ trueClass: 'math', predicted: 'chat', confidence: 0.4 });

function textsOf(svg: string): string[] {
  return readXml(svg)
    .filter(({ name }) => name === 'text')
    .map(({ text }) => text);
}

function tooltipsOf(svg: string): string[] {
  return readXml(svg)
    .filter(({ name }) => name === 'title')
    .map(({ text }) => text);
}

/** Every class is taken for the next one; the later in the alphabet, the more often. */
function confuse(classCount: number) {
  const nameOf = (index: number) => `class ${String(index % classCount).padStart(3, '0')}`;
  return Array.from({ length: classCount }, (_, index) => [
    makePrediction({ trueClass: nameOf(index) }),
    ...Array(index).fill(
      makePrediction({ trueClass: nameOf(index), predicted: nameOf(index + 1) }),
    ),
  ]).flat();
}

describe('toSvg', () => {
  it('draws three drawings on white, without script or anything from elsewhere', () => {
    const svg = toSvg(measure([right, right, wrong]));
    const texts = textsOf(svg);
    expect(texts).toContain('Confusion matrix');
    expect(texts).toContain('Reliability: ECE 0.200');
    expect(texts).toContain('Risk–coverage: AURC 0.111');
    const [root, title, background] = readXml(svg);
    expect(root).toMatchObject({ name: 'svg', attributes: { width: '1220' } });
    expect(title).toMatchObject({ name: 'title' });
    expect(background).toMatchObject({
      name: 'rect',
      attributes: { width: '1220', fill: '#ffffff' },
    });
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/script|https?:|url\(|href/);
  });

  it('writes the count of every cell, and what it means for the pointer', () => {
    const svg = toSvg(measure([right, right, wrong]));
    expect(tooltipsOf(svg).filter((text) => text.includes('→'))).toEqual([
      'chat → chat: 0 of 0 (0 %)',
      'chat → math: 0 of 0 (0 %)',
      'math → chat: 1 of 3 (33.3 %)',
      'math → math: 2 of 3 (66.7 %)',
    ]);
    expect(textsOf(svg).filter((text) => /^\d+$/.test(text))).toEqual(['1', '2']);
  });

  it('says accuracy and number of each bin of confidence', () => {
    const bins = tooltipsOf(toSvg(measure([right, wrong]))).filter((text) =>
      text.includes('lines'),
    );
    expect(new Set(bins)).toEqual(
      new Set([
        '33.3 % to 40 %: 1 lines, confidence 40 %, accuracy 0 %',
        '86.7 % to 93.3 %: 1 lines, confidence 90 %, accuracy 100 %',
      ]),
    );
  });

  it('names every class as a row and as a column, up to twenty', () => {
    const texts = textsOf(toSvg(measure(confuse(20))));
    for (const { className } of measure(confuse(20)).classes) {
      expect(texts.filter((text) => text === className)).toHaveLength(2);
    }
    expect(texts).toContain('Confusion matrix');
    expect(texts).not.toContain('any other class');
  });

  it('keeps the twenty classes with the most mistakes, and says so in the title', () => {
    const svg = toSvg(measure(confuse(150)));
    const texts = textsOf(svg);
    expect(texts).toContain('Confusion matrix: the 20 of 150 classes with the most mistakes');
    const names = new Set(texts.filter((text) => /^class \d+$/.test(text)));
    expect(names.size).toBe(20);
    expect(names).toContain('class 149');
    expect(names).toContain('class 131');
    expect(names).not.toContain('class 129');
    // Class 149 is taken for class 000, which isn't shown.
    expect(tooltipsOf(svg)).toContain('class 149 → any other class: 149 of 150 (99.3 %)');
  });

  it('cuts a long name in its middle and tells it whole to the pointer', () => {
    const trueClass = 'request_a_replacement_for_card';
    const svg = toSvg(measure([makePrediction({ trueClass })]));
    expect(textsOf(svg)).toContain('request_a_r…nt_for_card');
    expect(tooltipsOf(svg)).toContain(`${trueClass} → ${trueClass}: 1 of 1 (100 %)`);
  });

  it('shows names of markup as they are', () => {
    const svg = toSvg(measure([makePrediction({ trueClass: '<b>&"c"</b>' })]));
    expect(textsOf(svg)).toContain('<b>&"c"</b>');
    expect(svg).not.toContain('<b>');
  });

  it('is well-formed for any name of a class', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (names) => {
        const run = names.map((trueClass, index) =>
          makePrediction({ trueClass, predicted: names[index + 1] ?? '\u0000\uD800]]>' }),
        );
        readXml(toSvg(measure(run)));
      }),
      { numRuns: 50 },
    );
  });

  it('has nothing to draw, but still a picture, without lines', () => {
    const texts = textsOf(toSvg(measure([])));
    expect(texts).toContain('Confusion matrix: nothing was judged');
    expect(texts).toContain('Reliability: ECE –');
    expect(texts).toContain('Risk–coverage: AURC –');
  });
});

describe('toHtml', () => {
  it('is a page with a heading, the figures and the same picture', () => {
    const report = createReport([[right, right, wrong]]);
    const html = toHtml(report);
    const elements = readXml(html.replace('<!doctype html>', '').replace(/<meta [^>]*>/g, ''));
    const textOf = (wanted: string) =>
      elements.filter(({ name }) => name === wanted).map(({ text }) => text);
    expect(textOf('h1')).toEqual(['Switchyard evaluation']);
    expect(textOf('th').slice(0, 3)).toEqual(['lines', 'out of scope', 'accuracy']);
    expect(textOf('td').slice(0, 3)).toEqual(['3', '0', '66.7 %']);
    expect(html).toContain(toSvg(report.metrics));
  });

  it('has a row of deviations when repeated', () => {
    const html = toHtml(createReport([[right], [wrong]]));
    expect(html).toContain('<td>± 70.7 %</td>');
  });
});
