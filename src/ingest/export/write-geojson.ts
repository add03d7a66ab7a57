import { open } from 'node:fs/promises';
import { sqlName, sqlString } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { needGeometry, selectRows, type ExportJob } from './export-job.js';
import { streamChunks } from '../../duckdb/stream-chunks.js';

/** One write. */
const BATCH_CHARACTERS = 2 ** 20;

/** GeoJSON (RFC 7946): outer rings counterclockwise, the extent in the header, a feature a line. */
export function writeGeoJson(job: ExportJob): Promise<number> {
  const box = job.survey.bbox === null ? '' : `"bbox":${JSON.stringify(job.survey.bbox)},`;
  return writeFeatures(job, {
    head: `{"type":"FeatureCollection",${box}"features":[\n`,
    between: ',\n',
    tail: '\n]}\n',
  });
}

/** A GeoJSON feature a line, and nothing else. */
export function writeGeoJsonSequence(job: ExportJob): Promise<number> {
  return writeFeatures(job, { head: '', between: '\n', tail: '\n' });
}

type Frame = { readonly head: string; readonly between: string; readonly tail: string };

async function writeFeatures(job: ExportJob, { head, between, tail }: Frame): Promise<number> {
  const file = await open(job.path, 'wx');
  let rows = 0;
  let text = head;
  try {
    for await (const chunk of streamChunks(job.database, selectRows(job, [featureText(job)]), job.signal)) {
      for (const feature of chunk.getColumnValues(0)) text += (rows++ === 0 ? '' : between) + checked(String(feature));
      if (text.length < BATCH_CHARACTERS) continue;
      await file.writeFile(text);
      text = '';
    }
    await file.writeFile(rows === 0 && head === '' ? '' : text + tail);
  } finally {
    await file.close();
  }
  return rows;
}

function featureText(job: ExportJob): string {
  const geometry = needGeometry(job, 'GeoJSON');
  const value = `t.${sqlName(geometry)}`;
  const members = job.columns
    .filter(({ name }) => name !== geometry)
    .flatMap(({ name, expression }) => [sqlString(name), expression]);
  // GEOS's normal form has outer rings clockwise; RFC 7946 §3.1.6 wants them the other way round.
  const wound = `CASE WHEN ST_GeometryType(${value})::VARCHAR IN ('POLYGON', 'MULTIPOLYGON')
    THEN ST_Reverse(ST_Normalize(${value})) ELSE ${value} END`;
  return `CAST(json_object('type', 'Feature', 'geometry', CAST(ST_AsGeoJSON(${wound}) AS JSON),
    'properties', json_object(${members.join(', ')})) AS VARCHAR)`;
}

/** DuckDB writes a NaN inside a STRUCT or a MAP as NaN, which is no JSON. */
function checked(feature: string): string {
  if (!/NaN|Infinity/.test(feature)) return feature;
  try {
    JSON.parse(feature);
    return feature;
  } catch (cause) {
    const what = `NaN or an infinity inside a STRUCT or MAP has no place in GeoJSON: ${feature.slice(0, 200)}`;
    throw new CubeError({ kind: 'invalid-data', url: 'the exported rows', what }, { cause });
  }
}
