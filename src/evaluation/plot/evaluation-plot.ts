import type { Metrics } from '../metrics.ts';
import { figureRows, type Report } from '../report.ts';
import { confusionMatrix } from './confusion-matrix.ts';
import { reliabilityDiagram } from './reliability-diagram.ts';
import { riskCoveragePlot } from './risk-coverage-plot.ts';
import { at, colours, element, escapeXml, toPicture } from './svg.ts';

const width = 1220;
const height = 790;
const margin = 24;
/** Right of the matrix, with room for the names of the vertical axes. */
const secondColumn = 860;

const style = `
  body { margin: 2rem; background: #fff; color: ${colours.ink}; font: 15px/1.4 system-ui, sans-serif; }
  h1 { font-size: 1.4rem; }
  table { border-collapse: collapse; margin-bottom: 1.5rem; font-size: 12px; }
  th, td { padding: .15rem .5rem; text-align: right; }
  td { white-space: nowrap; }
  th { vertical-align: bottom; font-weight: normal; color: ${colours.muted}; }
  svg { max-width: 100%; height: auto; }
`;

/** Confusion matrix, reliability and risk–coverage in one picture that needs nothing else. */
export function toSvg(metrics: Metrics): string {
  return toPicture(
    { title: 'Switchyard evaluation', width, height },
    at(margin, margin, confusionMatrix(metrics)),
    at(secondColumn, margin, reliabilityDiagram(metrics)),
    at(secondColumn, margin + 420, riskCoveragePlot(metrics)),
  );
}

/** The same picture on a page, below the report's figures. */
export function toHtml(report: Report): string {
  const figures = figureRows(report);
  const rows = [0, 1, 2].slice(0, report.repeats ? 3 : 2).map((position) => {
    const name = position === 0 ? 'th' : 'td';
    const cells = figures.map((row) => element(name, {}, escapeXml(row[position] ?? '')));
    return element('tr', {}, ...cells);
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Switchyard evaluation</title>
<style>${style}</style>
</head>
<body>
<h1>Switchyard evaluation</h1>
<table>
${rows.join('\n')}
</table>
${toSvg(report.metrics)}</body>
</html>
`;
}
