export interface Interpolated {
  readonly value: unknown;
  /** `${NAME}` without a default whose variable is not set, by path. */
  readonly missing: { readonly path: PropertyKey[]; readonly variable: string }[];
  /** Every variable that was named, by dotted path, whether set or not. */
  readonly variables: ReadonlyMap<string, string>;
}

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Replaces `${NAME}` and `${NAME:-default}` in every string value; keys are left alone. */
export function interpolate(
  input: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Interpolated {
  const missing: { path: PropertyKey[]; variable: string }[] = [];
  const variables = new Map<string, string>();

  const visit = (value: unknown, path: PropertyKey[]): unknown => {
    if (typeof value === 'string') {
      return value.replace(reference, (_match, variable: string, fallback: string | undefined) => {
        variables.set(path.join('.'), variable);
        // As in a shell, an empty variable counts as unset where a default is given.
        const found = environment[variable] || fallback;
        if (found === undefined) missing.push({ path, variable });
        return found ?? '';
      });
    }
    if (Array.isArray(value))
      return value.map((item, position) => visit(item, [...path, position]));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]),
      );
    }
    return value;
  };

  return { value: visit(input, []), missing, variables };
}
