import { binding, type NativeSession } from './binding.js';
import { checksumColumns, checksumsOf, type ChecksumColumns } from './checksums.js';
import type { IcechunkSession } from './contract.js';
import { parseDiff } from './diff.js';
import { answered, icechunkError, type RepositoryPlace } from './problem.js';
import type { IcechunkRefs, VirtualRefs } from './refs.js';
import type { CommitOptions, IcechunkDiff } from './types.js';

type SessionState = {
  readonly branch: string | null;
  readonly snapshot: string;
  readonly readOnly: boolean;
  readonly hasChanges: boolean;
};

type RefsHead = Pick<IcechunkRefs, 'rank' | 'gridShape' | 'locations'> & Pick<ChecksumColumns, 'etags'>;

/** A session of the addon whose failures are `CubeError`s. */
export class Session implements IcechunkSession {
  readonly #native: NativeSession;
  readonly #place: RepositoryPlace;
  #state: SessionState;

  private constructor(native: NativeSession, place: RepositoryPlace, state: SessionState) {
    this.#native = native;
    this.#place = place;
    this.#state = state;
  }

  /** Takes the handle over. */
  static async of(native: NativeSession, place: RepositoryPlace): Promise<Session> {
    return new Session(native, place, await stateOf(native, place));
  }

  /** The session that a fork's bytes hold. */
  static fromBytes(bytes: Uint8Array): Promise<Session> {
    const place = { url: 'the fork', remote: false };
    try {
      return Session.of(binding().sessionFromBytes(bytes), place);
    } catch (error) {
      return Promise.reject(icechunkError(error, place));
    }
  }

  get readOnly(): boolean {
    return this.#state.readOnly;
  }

  get branch(): string | null {
    return this.#state.branch;
  }

  get snapshot(): string {
    return this.#state.snapshot;
  }

  async hasChanges(): Promise<boolean> {
    return (await stateOf(this.#native, this.#place)).hasChanges;
  }

  get(key: string): Promise<Uint8Array | null> {
    return this.#ask(() => this.#native.get(key));
  }

  getRange(key: string, range: { readonly offset: number; readonly length?: number }): Promise<Uint8Array | null> {
    return this.#ask(() => this.#native.get(key, range.offset, range.length));
  }

  exists(key: string): Promise<boolean> {
    return this.#call({ op: 'exists', key });
  }

  list(prefix: string): Promise<readonly string[]> {
    return this.#call({ op: 'list', prefix });
  }

  listDir(path: string): Promise<readonly string[]> {
    return this.#call({ op: 'listDir', path });
  }

  set(key: string, bytes: Uint8Array): Promise<void> {
    return this.#ask(() => this.#native.set(key, bytes));
  }

  async delete(key: string): Promise<void> {
    await this.#call({ op: 'delete', key });
  }

  async deleteDir(path: string): Promise<void> {
    await this.#call({ op: 'deleteDir', path });
  }

  setVirtualRefs(arrayPath: string, refs: VirtualRefs, options: { readonly validate?: boolean } = {}): Promise<void> {
    const { locations, indices, location, offsets, lengths } = refs;
    const { modified, etags } = checksumColumns(refs.checksums, locations.length);
    const text = JSON.stringify({ locations, etags });
    const validate = options.validate ?? true;
    return this.#ask(() =>
      this.#native.setVirtualRefs(arrayPath, text, indices, location, offsets, lengths, modified, validate),
    );
  }

  async chunkRefs(arrayPath: string): Promise<IcechunkRefs> {
    const { json, modified, ...columns } = await this.#ask(() => this.#native.chunkRefs(arrayPath));
    const { etags, ...head } = JSON.parse(json) as RefsHead;
    return { ...head, count: columns.kinds.length, checksums: checksumsOf({ modified, etags }), ...columns };
  }

  async status(): Promise<IcechunkDiff> {
    return parseDiff(await this.#ask(() => this.#native.status()));
  }

  async discard(): Promise<void> {
    await this.#call({ op: 'discard' });
  }

  async commit(options: CommitOptions): Promise<string> {
    const id = await this.#call<string>({ op: 'commit', ...options });
    this.#state = await stateOf(this.#native, this.#place);
    return id;
  }

  fork(): Promise<Uint8Array> {
    return this.#ask(() => this.#native.fork());
  }

  toBytes(): Promise<Uint8Array> {
    return this.#ask(() => this.#native.toBytes());
  }

  merge(fork: Uint8Array): Promise<void> {
    return this.#ask(() => this.#native.merge(fork));
  }

  close(): void {
    this.#native.close();
  }

  #ask<T>(answer: () => T | Promise<T>): Promise<T> {
    return answered(this.#place, answer);
  }

  async #call<T>(request: { readonly op: string; readonly [key: string]: unknown }): Promise<T> {
    return JSON.parse(await this.#ask(() => this.#native.call(JSON.stringify(request)))) as T;
  }
}

async function stateOf(native: NativeSession, place: RepositoryPlace): Promise<SessionState> {
  return JSON.parse(await answered(place, () => native.call('{"op":"state"}'))) as SessionState;
}
