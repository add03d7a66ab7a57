import { availableParallelism } from 'node:os';
import { RouteAbsent, type Route } from './route.js';
import { say, serveRoute } from './serve-route.js';

// node run-route.js NAME: one route in a process of its own.
try {
  await serveRoute(await openRoute(process.argv[2] ?? ''));
} catch (error) {
  if (!(error instanceof RouteAbsent)) throw error;
  say({ absent: error.message });
}

async function openRoute(name: string): Promise<Route> {
  switch (name) {
    case 'heliocube':
      return (await import('./routes/heliocube.js')).openHeliocube();
    case 'geotiff.js':
      return (await import('./routes/geotiff-js.js')).openGeotiffJs(0);
    case 'geotiff.js-pool':
      return (await import('./routes/geotiff-js.js')).openGeotiffJs(availableParallelism());
    case 'gdal-async':
      return (await import('./routes/gdal-async.js')).openGdalAsync();
    default:
      throw new Error(`no route "${name}"`);
  }
}
