import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { messageOf } from '../errors.ts';
import { toHtml, toSvg } from '../evaluation/plot/evaluation-plot.ts';
import type { Report } from '../evaluation/report.ts';
import { CommandError } from './context.ts';

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

function refuseUnwritable(path: string): void {
  const directory = dirname(path);
  if (!existsSync(directory)) throw cannotWrite(path, `there is no directory ${directory}`);
  try {
    // A file that is there already is written over: then the directory doesn't matter.
    accessSync(existsSync(path) ? path : directory, constants.W_OK);
    if (!statSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`);
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a directory');
  } catch (thrown) {
    throw cannotWrite(path, messageOf(thrown));
  }
}

function cannotWrite(path: string, reason: string): CommandError {
  return new CommandError(`Can't write ${path}: ${reason}.`);
}
