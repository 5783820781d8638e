import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../errors.ts';
import { CommandError } from './context.ts';

/** Throws CommandError for a file that could not be written after long work. */
export function refuseUnwritable(path: string): void {
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

/** Throws CommandError for a directory, made where there is none, that nothing can be put into. */
export function refuseUnwritableDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (thrown) {
    throw cannotWrite(path, messageOf(thrown));
  }
}

export function cannotWrite(path: string, reason: string): CommandError {
  return new CommandError(`Can't write ${path}: ${reason}.`);
}
