export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A span as it is to be exported, with those under it; plain values, so that building them needs no SDK. */
export interface PlannedSpan {
  /** Drawn already, because somebody was told of it; undefined where any will do. */
  readonly spanId?: string | undefined;
  readonly name: string;
  readonly kind: 'server' | 'internal' | 'client';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** Set on what failed: one of few values, never a message, which could quote the prompt. */
  readonly errorType?: string | undefined;
  readonly children: readonly PlannedSpan[];
}

/** Without what is unknown. */
export function known(
  attributes: Readonly<Record<string, string | number | boolean | undefined>>,
): Attributes {
  const present: Record<string, string | number | boolean> = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) present[name] = value;
  }
  return present;
}
