/** How to sign requests to S3. Secrets are never stored in a repository. */
export type S3Access =
  /** What the environment holds: variables, web identity, instance profile. */
  | { readonly kind: 'environment' }
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'static';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };

/** Where an S3 service is, and how it is spoken to. */
export type S3Endpoint = {
  readonly region?: string;
  /** URL of a service that is not AWS. */
  readonly endpoint?: string;
  /** Plain HTTP is refused without it. */
  readonly allowHttp?: boolean;
  /** The bucket in the path instead of in the host's name. */
  readonly pathStyle?: boolean;
};

/** Where a repository lies. Plain data: a thread or process opens its own handle from it. */
export type IcechunkStorage =
  /** A folder of this machine. Writers of this binding wait for each other; see `IcechunkSession.commit`. */
  | { readonly kind: 'local'; readonly path: string }
  | (S3Endpoint & {
      readonly kind: 's3';
      readonly bucket: string;
      /** Without slashes at its ends; not empty where a repository is made. */
      readonly prefix: string;
      /** `environment` where not given. */
      readonly access?: S3Access;
    })
  /** Read only. */
  | { readonly kind: 'http'; readonly url: string }
  /** Lives as long as the repository's handle; nobody else can open it. */
  | { readonly kind: 'memory' };

/**
 * Objects outside the repository that virtual chunks may point at. It is stored in the repository's configuration, without
 * credentials. `urlPrefix` ends with '/'; its scheme (`file`, `http`, `https`, `s3`) is that of `store`.
 */
export type VirtualContainer = {
  readonly urlPrefix: string;
  readonly store:
    | { readonly kind: 'local' }
    | { readonly kind: 'http' }
    /** `anonymous` is what readers do who bring no credentials. */
    | (S3Endpoint & { readonly kind: 's3'; readonly anonymous?: boolean });
};

/** Leave to read what virtual chunks of one container point at. Without it such a read is `forbidden`. */
export type ContainerAccess = {
  /** As in the repository's configuration. */
  readonly urlPrefix: string;
  /** For s3 only; where not given, anonymous or the environment, as the container says. */
  readonly access?: S3Access;
};

/** How a repository is opened. */
export type IcechunkOpenOptions = {
  /** Containers whose virtual chunks this handle may read. */
  readonly authorize?: readonly ContainerAccess[];
};

/** How a repository is made. All but `authorize` is stored in it. */
export type IcechunkCreateOptions = IcechunkOpenOptions & {
  /** 2 where not given; 1 for readers of Icechunk 1. */
  readonly specVersion?: 1 | 2;
  readonly containers?: readonly VirtualContainer[];
  /** Encoded chunks up to this many bytes are stored in the manifest; 512 where not given, 0 for none. */
  readonly inlineBytes?: number;
  /** References along each axis that one manifest holds at most; one manifest an array where not given. */
  readonly manifestChunks?: number;
};

/** Names one version. `asOfMs`: the newest snapshot of the branch at or before that time. */
export type IcechunkVersion =
  | { readonly branch: string }
  | { readonly tag: string }
  | { readonly snapshot: string }
  | { readonly branch: string; readonly asOfMs: number };

/** JSON that travels with a commit. */
export type CommitMetadata = { readonly [key: string]: unknown };

/** One snapshot of the history. */
export type SnapshotInfo = {
  readonly id: string;
  /** Null for the first. */
  readonly parentId: string | null;
  /** When it was written, in milliseconds since 1970 UTC. */
  readonly timeMs: number;
  readonly message: string;
  readonly metadata: CommitMetadata;
};

/** What is done where another commit came first. */
export type RebaseOptions = {
  /** How often the session is moved onto the newest snapshot before `conflict` is thrown; 0 for never. */
  readonly attempts: number;
  /**
   * Chunks that both wrote: `fail` (where not given), or whose bytes stay. Two changes of one array's metadata, an array
   * that both made and chunks of an array that is gone always fail.
   */
  readonly chunks?: 'fail' | 'ours' | 'theirs';
};

/** How a commit is made. */
export type CommitOptions = {
  readonly message: string;
  readonly metadata?: CommitMetadata;
  readonly rebase?: RebaseOptions;
  /** Replaces the branch's newest snapshot instead of following it. Specification 2 only, not with `rebase`. */
  readonly amend?: boolean;
  /** A commit without changes is `no-data` where not given. */
  readonly allowEmpty?: boolean;
};

/** Chunks of one array that differ. `indices` holds rank numbers a chunk, sorted. */
export type ChunkChange = {
  readonly path: string;
  readonly rank: number;
  readonly count: number;
  readonly indices: Uint32Array;
};

/** What differs between two versions, or what a session has changed. Paths are absolute and sorted. */
export type IcechunkDiff = {
  readonly newGroups: readonly string[];
  readonly newArrays: readonly string[];
  readonly deletedGroups: readonly string[];
  readonly deletedArrays: readonly string[];
  /** Whose metadata changed. */
  readonly updatedGroups: readonly string[];
  readonly updatedArrays: readonly string[];
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  /** Written and deleted chunks alike. */
  readonly chunks: readonly ChunkChange[];
};

/** Which snapshots may go. */
export type ExpireOptions = {
  /** Snapshots written before this time, ms. Tips of refs that stay, and the first snapshot, are never expired. */
  readonly olderThanMs: number;
  /** Whether branches other than `main` and tags that point at expired snapshots go too. Both false where not given. */
  readonly deleteBranches?: boolean;
  readonly deleteTags?: boolean;
  /** Snapshot ids that must survive; where one of them would go, nothing does: `conflict`. */
  readonly keep?: readonly string[];
  /** Says what would go and changes nothing. */
  readonly dryRun?: boolean;
};

/** What an expiry took out of the history, or would. Their objects stay until the garbage is collected. */
export type ExpireResult = {
  /** No longer in any history. */
  readonly released: readonly string[];
  /** Whose parent is now the first snapshot. */
  readonly edited: readonly string[];
  readonly deletedBranches: readonly string[];
  readonly deletedTags: readonly string[];
};

/** What may be deleted for good. */
export type GarbageOptions = {
  /** Objects made before this time, ms. Older than the longest session that is still to commit, or its chunks are lost. */
  readonly olderThanMs: number;
  /** Snapshot ids that must survive with all that they need, in a history or not. */
  readonly keep?: readonly string[];
  /** Says what would go and changes nothing. */
  readonly dryRun?: boolean;
};

/** What a collection deleted, or would. */
export type GarbageResult = {
  readonly bytes: number;
  readonly chunks: number;
  readonly manifests: number;
  readonly snapshots: number;
  readonly transactionLogs: number;
  /** Objects that could not be deleted; they are garbage still. */
  readonly failed: number;
  /** The first of their errors. */
  readonly errors: readonly string[];
  /** Snapshots that go, by id. */
  readonly snapshotIds: readonly string[];
};
