import { posix } from 'node:path';
import { splitOfName } from './split-name.js';

/** A file of a data set: its name there, with slashes, and where it lies. */
export type NamedFile = { readonly name: string; readonly path: string };

/** Which file was meant, or why that is not known. */
export type FoundFile =
  | { readonly kind: 'found'; readonly file: NamedFile }
  | { readonly kind: 'absent' }
  | { readonly kind: 'ambiguous'; readonly names: readonly string[] };

/** Endings of images, the ones first that are likelier to know their place. */
export const IMAGE_EXTENSIONS = ['.tif', '.tiff', '.png', '.jpg', '.jpeg', '.bmp', '.jp2', '.webp'] as const;

/** Names that a reason lists. */
const SHOWN = 5;
/** Folders that tell images from labels, not one part of a data set from another. */
const ROLES = /^(?:images?|imgs?|rgb|labels?|masks?|annotations?|annots?|gt|targets?|segmentations?)$/i;
/** Members of archives have its name in place of a folder. */
const ARCHIVE = /(?:\.zip|\.tar|\.tar\.gz|\.tgz)$/i;
/** What names of masks have behind those of their images. */
const MASK_SUFFIX = /[-_. ](?:masks?|labels?|gt|seg(?:mentation)?|target)$/i;

/** Finds files of a data set by the names that labels and images give each other. Nothing outside of the data set is found. */
export class ImageNames {
  readonly #byName = new Map<string, NamedFile>();
  readonly #byLowerName = new Map<string, NamedFile>();
  readonly #byBase = new Map<string, NamedFile[]>();
  readonly #byStem = new Map<string, NamedFile[]>();

  constructor(files: readonly NamedFile[]) {
    for (const file of files) {
      this.#byName.set(file.name, file);
      this.#byLowerName.set(file.name.toLowerCase(), file);
      add(this.#byBase, posix.basename(file.name), file);
      if (isImageName(file.name)) add(this.#byStem, stemOf(file.name), file);
    }
  }

  /** Every image, in order of names. */
  images(): NamedFile[] {
    return [...this.#byStem.values()].flat().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A file by its name in any case. */
  named(name: string): NamedFile | null {
    return this.#byName.get(name) ?? this.#byLowerName.get(name.toLowerCase()) ?? null;
  }

  /** What a file refers to: by path from its folder or from the data set's, else by the end of the path that fits one file only. */
  referred(reference: string, from: string): FoundFile {
    const wanted = plain(reference);
    const exact = this.#byName.get(posix.join(posix.dirname(from), wanted)) ?? this.#byName.get(wanted);
    if (exact !== undefined) return { kind: 'found', file: exact };
    const sameBase = this.#byBase.get(posix.basename(wanted)) ?? [];
    const sameEnd = sameBase.filter(({ name }) => name.endsWith(`/${wanted}`));
    return nearest(sameEnd.length > 0 ? sameEnd : sameBase, from);
  }

  /** The name that a file has which is referred to and not there: files beside it may be. */
  beside(reference: string, from: string): string {
    return posix.join(posix.dirname(from), plain(reference));
  }

  /** The image that a label file is of: of the same name but for ending, folder of its role (images, labels) and what masks add. */
  imageOf(label: string): FoundFile {
    const others = (stem: string) => (this.#byStem.get(stem) ?? []).filter(({ name }) => name !== label);
    const stem = stemOf(label);
    const same = others(stem);
    const bare = stem.replace(MASK_SUFFIX, '');
    return nearest(same.length > 0 || bare === stem ? same : others(bare), label);
  }

  /** A file by the first of some names that lies in the folder of another or above it. */
  above(of: string, names: readonly string[]): NamedFile | null {
    for (let folder = posix.dirname(of); ; folder = posix.dirname(folder)) {
      for (const name of names) {
        const found = this.named(posix.join(folder, name));
        if (found !== null) return found;
      }
      if (folder === '.' || folder === '/') return null;
    }
  }
}

/** Whether a name has the ending of an image. */
export function isImageName(name: string): boolean {
  return (IMAGE_EXTENSIONS as readonly string[]).includes(posix.extname(name).toLowerCase());
}

/** The last part of a name without its ending. */
export function stemOf(name: string): string {
  return posix.basename(name, posix.extname(name));
}

/** A path as it may be written in a label file, without anything that leads out of the data set. */
function plain(reference: string): string {
  return posix.normalize(reference.replaceAll('\\', '/')).replace(/^(?:\.{0,2}\/)+/, '');
}

function add(map: Map<string, NamedFile[]>, key: string, file: NamedFile): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [file]);
  else known.push(file);
}

/**
 * Of several files the one in the same folder, or in the folder that differs in its role only; of one image in several formats the first format. A
 * file of another part (train, test …) is not meant.
 */
function nearest(files: readonly NamedFile[], to: string): FoundFile {
  const [folder, part] = [posix.dirname(to), splitOfName(to, { ownName: false })];
  const sound = files.filter(({ name }) => {
    const other = splitOfName(name, { ownName: false });
    return part === null || other === null || other === part;
  });
  if (sound.length === 0) return { kind: 'absent' };
  const beside = sound.filter(({ name }) => posix.dirname(name) === folder);
  const akin = sound.filter(({ name }) => withoutRoles(posix.dirname(name)) === withoutRoles(folder));
  const chosen = beside.length > 0 ? beside : akin.length > 0 ? akin : sound;
  const folders = new Set(chosen.map(({ name }) => posix.dirname(name)));
  const named = chosen.map(({ name }) => name).toSorted();
  if (folders.size > 1) return { kind: 'ambiguous', names: named.slice(0, SHOWN) };
  const rank = ({ name }: NamedFile) =>
    (IMAGE_EXTENSIONS as readonly string[]).indexOf(posix.extname(name).toLowerCase());
  const order = (a: NamedFile, b: NamedFile) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
  return { kind: 'found', file: chosen.toSorted(order)[0]! };
}

function withoutRoles(folder: string): string {
  return folder
    .split('/')
    .filter((part) => part !== '.' && !ROLES.test(part.replace(ARCHIVE, '')))
    .join('/');
}
