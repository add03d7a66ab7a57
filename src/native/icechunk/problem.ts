import { CubeError, redactUrl, type ConflictingChange, type Problem } from '../../errors.js';
import type { IcechunkStorage } from './types.js';

/** Where a repository is, for messages. */
export type RepositoryPlace = { readonly url: string; readonly remote: boolean };

/** What the addon rejects with, as JSON in the message. */
type Failure = {
  readonly kind: string;
  readonly what: string;
  readonly url?: string;
  readonly conflicts?: readonly ConflictingChange[];
};

/** The place of a storage in words that hold no secret. */
export function placeOf(storage: IcechunkStorage): RepositoryPlace {
  switch (storage.kind) {
    case 'local':
      return { url: storage.path, remote: false };
    case 's3':
      return { url: `s3://${storage.bucket}/${storage.prefix}`, remote: true };
    case 'http':
      return { url: redactUrl(storage.url), remote: true };
    case 'memory':
      return { url: 'memory', remote: false };
  }
}

/** What the addon answers, or its failure as a `CubeError`. */
export async function answered<T>(place: RepositoryPlace, answer: Promise<T> | (() => T | Promise<T>)): Promise<T> {
  try {
    return await (typeof answer === 'function' ? answer() : answer);
  } catch (error) {
    throw icechunkError(error, place);
  }
}

/** The addon's failure as a `CubeError`; another error stays what it is. */
export function icechunkError(error: unknown, place: RepositoryPlace): unknown {
  if (!(error instanceof Error) || error instanceof CubeError) return error;
  const failure = parseFailure(error.message);
  return failure === null ? error : new CubeError(problemOf(failure, place), { cause: error });
}

function parseFailure(message: string): Failure | null {
  if (!message.startsWith('{')) return null;
  try {
    const failure: unknown = JSON.parse(message);
    return isFailure(failure) ? failure : null;
  } catch {
    return null;
  }
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'kind' in value && 'what' in value;
}

function problemOf({ kind, what, url: object, conflicts }: Failure, place: RepositoryPlace): Problem {
  const url = object ?? place.url;
  switch (kind) {
    case 'not-found':
    case 'invalid-data':
    case 'forbidden':
      return { kind, url, what };
    case 'invalid-argument':
    case 'no-data':
      return { kind, what };
    case 'exists':
      return { kind, path: place.url, what, fix: 'choose another name or place' };
    case 'conflict':
      return { kind, what: `${place.url}: ${what}`, ...(conflicts === undefined ? {} : { changes: conflicts }) };
    case 'unsupported':
      return { kind, feature: what, url };
    case 'changed':
      return { kind, url, expected: 'the object that was referenced', found: what };
    case 'denied':
      return { kind, url, status: 403 };
    case 'storage':
      return place.remote || object !== undefined
        ? { kind: 'network', url, what, attempts: 1 }
        : { kind: 'io', path: place.url, code: 'EIO', what };
    default:
      return { kind: 'worker', what: `${place.url}: ${what}` };
  }
}
