import { Counter, Gauge, type Registry } from 'prom-client';

/** What breakers can be in, the worse the larger. */
const states = ['closed', 'recovering', 'probing', 'open', 'isolated'] as const;

interface BreakerReading {
  readonly kind: 'model' | 'provider';
  readonly name: string;
  readonly state: (typeof states)[number];
}

export interface HealthReading {
  readonly breakers: readonly BreakerReading[];
  /** How many of a class's models can be asked; without the classes that have none with a key. */
  readonly classes: readonly { readonly name: string; readonly available: number }[];
}

export interface HealthMetrics {
  /** Shows what is read at every scrape. */
  watch(read: () => HealthReading): void;
  changed(breaker: BreakerReading): void;
  /** A failure that another try might mend: whether there was one, or why not. */
  retried(verdict: { readonly provider: string; readonly outcome: string }): void;
  probed(probe: { readonly provider: string; readonly outcome: string }): void;
}

/** Names of models, providers and classes are those of the configuration, and so are few. */
export function createHealthMetrics(registry: Registry): HealthMetrics {
  const registers = [registry];
  const changes = new Counter({
    name: 'switchyard_breaker_changes_total',
    help: 'Changes of a breaker, by what it changed to.',
    labelNames: ['kind', 'name', 'state'],
    registers,
  });
  const retries = new Counter({
    name: 'switchyard_retries_total',
    help: 'Failures that asking the same model again might mend, by what became of that.',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  const probes = new Counter({
    name: 'switchyard_probes_total',
    help: 'Probes of providers by what came of them: ok, failed, refused, unclear, unsupported.',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  return {
    retried: ({ provider, outcome }) => retries.inc({ provider, outcome }),
    probed: ({ provider, outcome }) => probes.inc({ provider, outcome }),
    changed: ({ kind, name, state }) => changes.inc({ kind, name, state }),
    watch(read) {
      new Gauge({
        name: 'switchyard_breaker_state',
        help: `Of models and providers: ${states.map((state, value) => `${value} ${state}`).join(', ')}.`,
        labelNames: ['kind', 'name'],
        registers,
        collect() {
          for (const { kind, name, state } of read().breakers) {
            this.set({ kind, name }, states.indexOf(state));
          }
        },
      });
      new Gauge({
        name: 'switchyard_class_available_models',
        help: 'Models of a class that have a key and can be asked.',
        labelNames: ['class'],
        registers,
        collect() {
          for (const { name, available } of read().classes) this.set({ class: name }, available);
        },
      });
    },
  };
}
