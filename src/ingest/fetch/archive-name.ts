const ARCHIVES = /\.(?:zip|kmz|tar|tgz|gz)$/i;

/** Whether a file is an archive that is opened, by its name: zip, kmz, tar, tar.gz, tgz, gz. */
export function isArchiveName(name: string): boolean {
  return ARCHIVES.test(name);
}

/** Whether a name ends as names of files with a known format do. */
export function hasExtension(name: string): boolean {
  return /[^/]\.[^./]+$/.test(name);
}
