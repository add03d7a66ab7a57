/** The folder of a lake's data files beside its catalog file, where none is named. */
export function dataPathOf(catalogFile: string): string {
  return `${catalogFile.replace(/\.[^./\\]+$/, '')}/`;
}
