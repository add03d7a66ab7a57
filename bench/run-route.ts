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
      return (await import('./routes/heliocube/open.js')).openHeliocube();
    case 'heliocube-icechunk':
      return (await import('./routes/heliocube/open.js')).openHeliocubeIcechunk();
    case 'cube':
      return (await import('./routes/cube.js')).openCube();
    case 'geotiff.js-pool':
      return (await import('./routes/geotiff-js.js')).openGeotiffJs(availableParallelism());
    case 'duckdb-sql':
      return (await import('./routes/duckdb-sql.js')).openDuckDbSql();
    case 'zarrita':
      return (await import('./routes/zarrita.js')).openZarrita();
    default:
      throw new Error(`no route "${name}"`);
  }
}
