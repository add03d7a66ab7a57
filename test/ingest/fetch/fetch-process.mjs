// Fetches a dataset with the compiled code: node fetch-process.mjs DIST REQUEST OPTIONS
import { pathToFileURL } from 'node:url';

const [dist, request, options] = process.argv.slice(2);
const { fetchDataset } = await import(pathToFileURL(`${dist}/ingest/fetch/fetch-dataset.js`).href);
const { files } = await fetchDataset(JSON.parse(request), JSON.parse(options));
process.stdout.write(JSON.stringify({ files, peakBytes: process.resourceUsage().maxRSS * 1024 }));
