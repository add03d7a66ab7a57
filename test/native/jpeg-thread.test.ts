import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const TWIN = new URL('../../dist/native/twin/codec-jpeg.js', import.meta.url).href;

it('the JPEG twin loads in a thread that was started without data', async () => {
  const script = `
    const { parentPort, workerData } = require('node:worker_threads');
    const same = () => require('node:worker_threads').workerData === workerData;
    import(${JSON.stringify(TWIN)})
      .then(({ prepareJpeg }) => prepareJpeg())
      .then(() => parentPort.postMessage(same() ? 'loaded' : 'workerData changed'), (error) => parentPort.postMessage(String(error)));
  `;
  const [message] = await once(new Worker(script, { eval: true }), 'message');
  expect(message).toBe('loaded');
});
