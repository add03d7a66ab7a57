import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { readMember, type Archive, type ArchiveInput, type ArchiveMember } from './archive.js';

/** One compressed file: its only member is called as the archive without `.gz`. */
export function openGzip({ path, name, signal }: ArchiveInput): Archive {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const inner = base.replace(/\.gz$/i, '');
  const member: ArchiveMember = { index: 0, name: inner === '' ? 'content' : inner, size: null, obstacle: null };
  return {
    members: async () => [member],
    async read(wanted, use) {
      if (!wanted.has(0)) return;
      await use(member, readMember(gunzipped(path, signal), name, member.name));
    },
    close: async () => {},
  };
}

/** The unpacked bytes of a gzip file, of all its members. Errors of both streams are the readable's. */
export function gunzipped(path: string, signal?: AbortSignal): ReturnType<typeof createGunzip> {
  const source = createReadStream(path, { highWaterMark: 2 ** 18, ...(signal === undefined ? {} : { signal }) });
  const target = createGunzip({ chunkSize: 2 ** 18 });
  source.on('error', (error) => target.destroy(error));
  target.on('close', () => source.destroy());
  return source.pipe(target);
}
