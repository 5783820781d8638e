import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { messageOf } from '../errors.ts';
import { toHtml, toSvg } from '../evaluation/plot/evaluation-plot.ts';
import type { Report } from '../evaluation/report.ts';
import { CommandError } from './context.ts';
import { cannotWrite, refuseUnwritable } from './refuse-unwritable.ts';

interface PlotFile {
  readonly path: string;
  write(report: Report): Promise<void>;
}

const formats: Readonly<Record<string, (report: Report) => string>> = {
  '.svg': ({ metrics }) => toSvg(metrics),
  '.html': toHtml,
};

/** Picks the format by the ending, and refuses at once what could not be written after the long work. */
export function createPlotFile(path: string): PlotFile {
  const draw = formats[extname(path).toLowerCase()];
  if (draw === undefined) {
    throw new CommandError(`A plot ends in .svg or .html, not like ${path}.`, 2);
  }
  refuseUnwritable(path);
  return {
    path,
    async write(report) {
      try {
        await writeFile(path, draw(report));
      } catch (thrown) {
        throw cannotWrite(path, messageOf(thrown));
      }
    },
  };
}
