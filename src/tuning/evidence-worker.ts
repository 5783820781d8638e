// The entry of a worker thread that gathers the evidence of one fold. Start it with spawnWorker.
import { parentPort, workerData } from 'node:worker_threads';
import { type EvidenceRequest, gatherEvidence } from './gather-evidence.ts';

parentPort?.postMessage(gatherEvidence(workerData as EvidenceRequest));
