import { basename, extname } from 'node:path';
import { CubeError } from '../errors.js';
import { ImageNames, isImageName } from '../vector/images/image-names.js';
import { compileFilters, selectFiles } from './fetch/select-files.js';
import { COCO, FEATURE_ENDINGS, MASKS, YOLO } from './label-formats.js';
import type { ManifestDataset } from './parse-manifest.js';

/** A file of a data set, here. */
export type LocalFile = {
  /** Name within the data set, such as `a.zip/b.shp`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Where it came from, without secrets; null where it was here. */
  readonly url: string | null;
};

type NamedHere = Pick<LocalFile, 'name' | 'path' | 'size'>;

/** Texts beside YOLO labels that are none. */
const NOTES = /^(?:_?classes|readme.*|licen[cs]e.*|train|valid?|test|autosplit_.*|requirements)\.txt$/i;

/**
 * The files of a data set that hold labels, by name: those that `label_files` selects, of the formats of `label_fmt`. Images and texts are labels where it
 * says mask or yolo only. Problem: `no-data` where there is none.
 */
export function labelFiles(dataset: ManifestDataset, files: readonly LocalFile[]): LocalFile[] {
  const { name } = dataset;
  const found = labelsAmong(dataset, files);
  if (found.length > 0) return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = files.slice(0, 10).map((file) => file.name);
  throw new CubeError({
    kind: 'no-data',
    what: `${name} has no file of labels among: ${names.join(', ')}`,
    fix: 'look at file_filters, label_files and label_fmt in the manifest',
  });
}

/** Whether there is a file of labels among files, by name; see `labelFiles`. */
export function hasLabelFiles(dataset: ManifestDataset, files: readonly NamedHere[]): boolean {
  return labelsAmong(dataset, files).length > 0;
}

/** Whether a file holds the labels of one image: YOLO's text, or a mask. */
export function isOfOneImage(name: string): boolean {
  return extname(name).toLowerCase() === '.txt' || isImageName(name);
}

function labelsAmong<T extends NamedHere>(dataset: ManifestDataset, files: readonly T[]): T[] {
  const { label_files: patterns, file_filters: filters } = dataset;
  const rules = compileFilters({ include: patterns ?? [], useRegex: filters?.use_regex ?? false });
  const isLabel = labelTest(dataset, files);
  return selectFiles(files, rules).taken.filter((file) => isLabel(file.name));
}

function labelTest({ label_fmt: format }: ManifestDataset, files: readonly NamedHere[]): (name: string) => boolean {
  const words = format == null ? [] : Array.isArray(format) ? format : [format];
  const says = (pattern: RegExp) => words.some((word) => pattern.test(word));
  const [texts, masks, coco] = [says(YOLO), says(MASKS), says(COCO)];
  const tables = words.length === 0 || words.some((word) => ![YOLO, MASKS, COCO].some((one) => one.test(word)));
  const images = texts ? new ImageNames(files) : null;
  return (name) => {
    const extension = extname(name).toLowerCase();
    if (extension === '.txt') {
      return images !== null && (!NOTES.test(basename(name)) || images.imageOf(name).kind !== 'absent');
    }
    if (coco && extension === '.json') return true;
    return (tables && FEATURE_ENDINGS.has(extension)) || (masks && isImageName(name));
  };
}
