import { ExplainedError, messageOf } from '../../errors.ts';

/** The store was written by a later version of this program; it is left as it is. */
export class NewerStoreError extends ExplainedError {
  override readonly name = 'NewerStoreError';
  readonly versions: { readonly found: number; readonly known: number };

  constructor(path: string, versions: { readonly found: number; readonly known: number }) {
    super(
      `${path} was written by a newer version of Switchyard (its format is ${versions.found}, this one knows ${versions.known}). Start that version, or move the file away; it was not touched.`,
    );
    this.versions = versions;
  }
}

/** The file holds something else than the database that was once written. Not every such error carries its code. */
export function isCorrupt(thrown: unknown): boolean {
  return /database disk image is malformed|file is not a database/.test(messageOf(thrown));
}

/** What the operator should read; the library wraps some of its errors in words of its own. */
export function explain(thrown: unknown): string {
  return messageOf(thrown).replace(/^\s*ConnectionFailed\("(.*)"\)$/, '$1');
}
