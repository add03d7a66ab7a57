import { extname } from 'node:path';
import { parseDocument } from 'yaml';
import { CubeError } from '../../errors.js';
import { readWhole } from '../read-whole.js';
import type { ImageNames, NamedFile } from './image-names.js';

/** Files that name the classes of YOLO labels, by how much they say. */
export const YOLO_CLASS_FILES = [
  'data.yaml',
  'data.yml',
  'dataset.yaml',
  'classes.txt',
  '_classes.txt',
  'obj.names',
  'classes.names',
] as const;

/** Longest such file. */
const MAX_BYTES = 2 ** 20;

/** Names of classes by number. */
export type YoloClasses = ReadonlyMap<number, string>;

/**
 * The names of the classes of a label file, from the file that names them in its folder or the nearest one above; none where there is no such file.
 * Problems: `invalid-data`; `unsupported` for labels of key points, whose lines cannot be told from polygons.
 */
export async function readYoloClasses(names: ImageNames, label: string, signal?: AbortSignal): Promise<YoloClasses> {
  const file = names.above(label, YOLO_CLASS_FILES);
  if (file === null) return new Map();
  const bytes = await readWhole(file.path, signal);
  if (bytes.length > MAX_BYTES) throw invalid(file, `${bytes.length} bytes are too many`);
  const text = new TextDecoder('utf-8').decode(bytes);
  return /^\.ya?ml$/i.test(extname(file.name)) ? parseDataYaml(text, file) : parseLines(text);
}

function invalid({ name }: NamedFile, what: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url: name, what: `names of classes: ${what}` });
}

function parseLines(text: string): YoloClasses {
  const lines = text.trim().split(/\r?\n/);
  return new Map(lines.map((line, i) => [i, line.trim()]));
}

function plainData(text: string, file: NamedFile): unknown {
  try {
    const document = parseDocument(text, { logLevel: 'error' });
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS({ maxAliasCount: 32 });
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message.split('\n')[0]! : String(error));
  }
}

/** `names` is a list, or a map by number. */
function parseDataYaml(text: string, file: NamedFile): YoloClasses {
  const data = plainData(text, file);
  if (typeof data !== 'object' || data === null) return new Map();
  if ('kpt_shape' in data) {
    const fix = 'convert them to boxes';
    throw new CubeError({ kind: 'unsupported', feature: 'YOLO labels of key points', url: file.name, fix });
  }
  const names: unknown = 'names' in data ? data.names : null;
  if (typeof names !== 'object' || names === null) return new Map();
  return new Map(Object.entries(names).map(([id, name]) => [Number(id), String(name)]));
}
