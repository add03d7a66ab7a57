import { assertAccess, originOf } from './access.js';
import { isLocal } from './location.js';

/** What the documents that name an object allow: origins that may have private addresses, or everything. */
export type AccessPolicy =
  | { readonly kind: 'user' }
  | { readonly kind: 'remote'; readonly documents: readonly string[]; readonly origins: readonly string[] };

/**
 * The policy of objects named by `documents` (URLs or paths). None, or a local one among them: the user's own choice.
 * `allowedOrigins` may be private all the same.
 */
export function accessPolicy(documents: readonly string[], allowedOrigins: readonly string[]): AccessPolicy {
  if (documents.length === 0 || documents.some(isLocal)) return { kind: 'user' };
  return { kind: 'remote', documents, origins: [...new Set([...documents.map(originOf), ...allowedOrigins])] };
}

/** Throws `forbidden` where the policy does not let `url` be read. */
export function assertPolicy(policy: AccessPolicy, url: string): void {
  if (policy.kind === 'user') return;
  // Every document of a remote policy forbids the same things but for its own origin, and those are all in `origins`.
  const document = policy.documents[0];
  if (document !== undefined) assertAccess(url, document, policy.origins);
}

/** Origins that are trusted when requests for `url` are sent and redirected. */
export function trustedOrigins(
  policy: AccessPolicy,
  url: string,
  allowedOrigins: readonly string[],
): ReadonlySet<string> {
  return new Set(policy.kind === 'remote' ? policy.origins : [originOf(url), ...allowedOrigins]);
}
