import { ExplainedError } from '../errors.ts';

/** There is no usable model; the message names the file and the remedy. */
export class ModelError extends ExplainedError {
  override readonly name = 'ModelError';
}
