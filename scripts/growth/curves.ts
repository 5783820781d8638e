// What may grow, and how far: each curve has a point for every size, all else as it is by default.
import { type PromptSet, type Supply, supplyNew } from '../bench/prompts.ts';
import { type ExampleSet, readShippedExamples, shippedSet } from '../support/example-set.ts';
import { makeClasses, makeExamples } from '../support/made-examples.ts';
import { toScriptedProvider } from '../support/scripted-provider.ts';
import type { RunningRouter, Workshop } from '../support/start-router.ts';
import { supplyOfLength } from './prompts-of-length.ts';

/** Of all classes together, however many: twenty each where they are most. */
const examplesOfClasses = 3_000;

export interface Point {
  readonly size: number;
  readonly clients: number;
  readonly router: RunningRouter;
  /** Prompts that the router has not seen. */
  readonly supply: Supply;
  /** The name of a class, for requests about which nothing is decided. */
  readonly forcedClass: string;
}

export interface Curve {
  /** What grows. */
  readonly name: string;
  /** Of them, ascending; `quick` for a short run. */
  readonly sizes: { readonly all: readonly number[]; readonly quick: readonly number[] };
  /** Whatever it starts runs until the workshop closes or the routers of the points are stopped. */
  open(sizes: readonly number[]): Promise<Point[]>;
}

export function createCurves(given: {
  readonly workshop: Workshop;
  readonly upstreamUrl: string;
  readonly prompts: PromptSet;
}): Curve[] {
  const { workshop, upstreamUrl, prompts } = given;

  async function start(curve: string, examples: ExampleSet): Promise<Omit<Point, 'size'>> {
    const router = await workshop.startRouter({
      name: `${curve}-${examples.name}`,
      examples,
      models: ['mock'],
      config: toScriptedProvider(upstreamUrl),
    });
    const supply = supplyNew(prompts, 'as-written');
    return { clients: 1, router, supply, forcedClass: examples.defaultClass };
  }

  async function startEach(
    sizes: readonly number[],
    make: (place: string, size: number) => ExampleSet,
  ): Promise<Point[]> {
    const points: Point[] = [];
    for (const size of sizes) {
      points.push({ size, ...(await start('sized', make(workshop.directory, size))) });
    }
    return points;
  }

  const shippedCount = readShippedExamples().length;
  return [
    {
      name: 'characters of the prompt',
      sizes: {
        all: [10, 50, 250, 1_000, 5_000, 20_000, 256_000],
        quick: [10, 250, 5_000, 256_000],
      },
      async open(sizes) {
        const point = await start('lengths', shippedSet);
        return sizes.map((size) => ({
          ...point,
          size,
          supply: supplyOfLength(prompts.texts, size),
        }));
      },
    },
    {
      name: 'examples',
      sizes: { all: [2_000, shippedCount, 20_000], quick: [2_000, shippedCount] },
      open: (sizes) => startEach(sizes, makeExamples),
    },
    {
      name: 'clients at once',
      sizes: { all: [1, 4, 16, 64, 256], quick: [1, 16, 256] },
      async open(sizes) {
        const point = await start('clients', shippedSet);
        return sizes.map((size) => ({ ...point, size, clients: size }));
      },
    },
    {
      name: 'classes',
      sizes: { all: [14, 50, 150], quick: [14, 50] },
      open: (sizes) =>
        startEach(sizes, (place, classes) =>
          makeClasses(place, { classes, examples: examplesOfClasses }),
        ),
    },
  ];
}
