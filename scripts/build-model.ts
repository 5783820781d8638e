import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureModel } from '../src/embedding/model-files.ts';
import { ensureStaticEncoder } from '../src/embedding/static/ensure-static-encoder.ts';

const { values } = parseArgs({
  options: {
    'models-dir': { type: 'string', default: 'models' },
    precision: { type: 'string', default: 'int8' },
    force: { type: 'boolean', default: false },
  },
});
const modelIds: Record<string, string> = {
  int8: 'all-MiniLM-L6-v2',
  fp32: 'all-MiniLM-L6-v2-fp32',
};
const modelsDir = values['models-dir'];
const modelId = modelIds[values.precision];
if (modelId === undefined) throw new Error('--precision is int8 or fp32');

const startMs = performance.now();
if (values.force) await rm(join(modelsDir, modelId), { recursive: true, force: true });
const onProgress = (message: string) => process.stderr.write(`${message}\n`);
const model = await ensureModel({ modelsDir, modelId, onProgress });
if (model.kind === 'download') throw new Error(`${modelId} is not built in`);
await ensureStaticEncoder({ model, onProgress });

const file = model.dtype === 'q8' ? 'model_quantized.onnx' : 'model.onnx';
const { size } = await stat(join(model.directory, 'onnx', file));
const durationMs = Math.round(performance.now() - startMs);
process.stdout.write(`${JSON.stringify({ ...model, modelBytes: size, durationMs })}\n`);
