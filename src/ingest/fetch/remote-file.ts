/** Where published datasets lie, under the names that manifests have for them. `direct_download` is any http(s) URL. */
export const REPOSITORIES = [
  'zenodo',
  'figshare',
  'osf',
  'sciencebase',
  'huggingface',
  'github',
  'direct_download',
] as const;

/** One of `REPOSITORIES`. */
export type Repository = (typeof REPOSITORIES)[number];

/** Which files are wanted; the rules of matching stand in `select-files.ts`. */
export type FileFilters = {
  /** A file is taken where one matches; none: every file is. */
  readonly include?: readonly string[];
  /** A file is left where one matches, also where one of `include` does. */
  readonly exclude?: readonly string[];
  /** Patterns are regular expressions, searched as Python's `re.search` does; default false: globs. */
  readonly useRegex?: boolean;
};

/** A published dataset, as a manifest names it. */
export type FetchRequest = {
  readonly repo: Repository;
  /** DOI, id or URL of the record; for `direct_download` the URL of the file. */
  readonly id: string;
  /** Left out: the version that `id` names, else the newest. A branch, tag or commit at GitHub and Hugging Face. */
  readonly version?: string;
  /** Root of a mirror (`http://host:port/`), which answers for the repository's own hosts, API and downloads alike. */
  readonly api?: string;
  readonly filters?: FileFilters;
  /** Files that are longer are not downloaded; 1 MB is 1,000,000 bytes. */
  readonly maxMb?: number;
  /** Checksums by the file's name in the record, such as `md5:…` or `sha256:…`; they win over published ones. */
  readonly checksums?: Readonly<Record<string, string>>;
};

/** Algorithms of published checksums; `git-sha1` is that of git's blobs: over `blob SIZE\\0` and the bytes. */
export type ChecksumAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512' | 'git-sha1';

/** `value` in lower-case hexadecimal digits. */
export type Checksum = { readonly algorithm: ChecksumAlgorithm; readonly value: string };

/** A file that a record offers. */
export type RemoteFile = {
  /** Path within the record, separated by slashes. */
  readonly name: string;
  /** May hold a secret: it goes through `redactUrl` before it is stored or printed. */
  readonly url: string;
  /** In bytes; null where nobody says. */
  readonly size: number | null;
  readonly checksum: Checksum | null;
  /**
   * Set where the file is an archive that stands for the record itself: its members are the record's files, without their
   * first folder, and only those below `under` (a file or folder; empty: all).
   */
  readonly tree?: { readonly under: string };
  /** Set where the name comes from a URL and says nothing of the file: what the server calls it is better. */
  readonly unnamed?: true;
};

/** What a repository says of a record. */
export type ResolvedRecord = {
  /** As the repository counts or names it; null where it does not. */
  readonly version: string | null;
  /** As the repository writes it, such as `cc-by-4.0`; null where it says nothing. */
  readonly license: string | null;
  readonly files: readonly RemoteFile[];
};

/** A file that is not in the result, and why. */
export type LeftOut = { readonly name: string; readonly reason: string };
