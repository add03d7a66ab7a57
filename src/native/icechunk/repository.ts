import type { NativeRepository } from './binding.js';
import type { IcechunkRepository, IcechunkSession, NamedSnapshot } from './contract.js';
import { parseDiff } from './diff.js';
import { answered, type RepositoryPlace } from './problem.js';
import { Session } from './session.js';
import type {
  ExpireOptions,
  ExpireResult,
  GarbageOptions,
  GarbageResult,
  IcechunkDiff,
  IcechunkVersion,
  SnapshotInfo,
  VirtualContainer,
} from './types.js';

/** A repository of the addon whose failures are `CubeError`s. */
export class Repository implements IcechunkRepository {
  readonly specVersion: number;
  #native: NativeRepository;
  readonly #place: RepositoryPlace;

  /** Takes the handle over. */
  constructor(native: NativeRepository, place: RepositoryPlace) {
    this.#native = native;
    this.#place = place;
    this.specVersion = native.specVersion();
  }

  get containers(): readonly VirtualContainer[] {
    return JSON.parse(this.#native.containers()) as readonly VirtualContainer[];
  }

  branches(): Promise<readonly NamedSnapshot[]> {
    return this.#call({ op: 'branches' });
  }

  tags(): Promise<readonly NamedSnapshot[]> {
    return this.#call({ op: 'tags' });
  }

  async createBranch(name: string, snapshot: string): Promise<void> {
    await this.#call({ op: 'createBranch', name, snapshot });
  }

  async deleteBranch(name: string): Promise<void> {
    await this.#call({ op: 'deleteBranch', name });
  }

  async resetBranch(name: string, snapshot: string, from?: string): Promise<void> {
    await this.#call({ op: 'resetBranch', name, snapshot, from });
  }

  async createTag(name: string, snapshot: string): Promise<void> {
    await this.#call({ op: 'createTag', name, snapshot });
  }

  async deleteTag(name: string): Promise<void> {
    await this.#call({ op: 'deleteTag', name });
  }

  resolve(version: IcechunkVersion): Promise<string> {
    return this.#call({ op: 'resolve', version });
  }

  ancestry(version: IcechunkVersion, limit?: number): Promise<readonly SnapshotInfo[]> {
    return this.#call({ op: 'ancestry', version, limit });
  }

  async diff(from: IcechunkVersion, to: IcechunkVersion): Promise<IcechunkDiff> {
    return parseDiff(await answered(this.#place, () => this.#native.diff(JSON.stringify(from), JSON.stringify(to))));
  }

  readonly(version: IcechunkVersion): Promise<IcechunkSession> {
    return this.#session({ readonly: version });
  }

  writable(branch: string): Promise<IcechunkSession> {
    return this.#session({ writable: branch });
  }

  async setContainers(containers: readonly VirtualContainer[]): Promise<void> {
    const changed = await answered(this.#place, () => this.#native.withContainers(JSON.stringify(containers)));
    this.#native.close();
    this.#native = changed;
  }

  expire(options: ExpireOptions): Promise<ExpireResult> {
    return this.#call({ op: 'expire', ...options });
  }

  collectGarbage(options: GarbageOptions): Promise<GarbageResult> {
    return this.#call({ op: 'collectGarbage', ...options });
  }

  close(): void {
    this.#native.close();
  }

  async #session(request: unknown): Promise<IcechunkSession> {
    const native = await answered(this.#place, () => this.#native.session(JSON.stringify(request)));
    return Session.of(native, this.#place);
  }

  async #call<T>(request: { readonly op: string; readonly [key: string]: unknown }): Promise<T> {
    return JSON.parse(await answered(this.#place, () => this.#native.call(JSON.stringify(request)))) as T;
  }
}
