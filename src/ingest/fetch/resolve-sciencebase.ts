import { isObject, objectsOf, textOf, type JsonObject } from '../../stac/json.js';
import { asChecksum, asObject, asObjects, asSize, asText } from './api-json.js';
import { matchRecordId } from './record-id.js';
import { refuseVersion } from './refuse-version.js';
import type { FetchRequest, RemoteFile, ResolvedRecord } from './remote-file.js';
import type { RepositoryApi } from './repository-api.js';

const IDS = [/(?<![0-9a-f])([0-9a-f]{24})(?![0-9a-f])/i];

/** Where ScienceBase lies. */
export const SCIENCEBASE = {
  root: 'https://www.sciencebase.gov/',
  hosts: ['www.sciencebase.gov', 'sciencebase.gov', 'doi.org'],
};

/** An item of ScienceBase: its files and those of its facets (shapefiles, rasters). Its version is when it was last updated. */
export async function resolveScienceBase(request: FetchRequest, api: RepositoryApi): Promise<ResolvedRecord> {
  refuseVersion(request, 'items of ScienceBase');
  const [, id] = await matchRecordId(request.id, IDS, 'ScienceBase', api);
  const { json, url } = await api.get(`catalog/item/${id!.toLowerCase()}?format=json`);
  const item = asObject(json, url, 'the item');
  const lists = [item, ...objectsOf(item.facets)].map(({ files }) => files).filter((files) => files !== undefined);
  const files = lists.flatMap((list) =>
    asObjects(list, url, 'files').map((file, i) => parseFile(file, url, `files[${i}]`, api)),
  );
  return {
    version: isObject(item.provenance) ? textOf(item.provenance.lastUpdated) : null,
    license: textOf(item.rights),
    files: [...new Map(files.map((file) => [`${file.name} ${file.url}`, file])).values()],
  };
}

function parseFile(file: JsonObject, url: string, what: string, api: RepositoryApi): RemoteFile {
  const checksum = isObject(file.checksum) ? file.checksum : {};
  return {
    name: asText(file.name, url, `${what}.name`),
    url: api.locate(asText(file.url ?? file.downloadUri, url, `${what}.url`), url),
    size: asSize(file.size, url, `${what}.size`),
    checksum: asChecksum(checksum.value, url, {
      algorithm: textOf(checksum.type) ?? 'md5',
      what: `${what}.checksum.value`,
    }),
  };
}
