/** A signed URL that may be used for a while. */
export type LastingUrl = {
  readonly url: string;
  /** Sent with requests to the URL's own origin, not where a redirect leads: a bearer token, for instance. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Whether its query opens the whole container or this object alone. Left out: judged by the query. */
  readonly scope?: 'container' | 'object';
};

/** What a sign hook returns; a plain URL is used once, for the read at hand. */
export type SignedUrl = string | LastingUrl;

/** What a request is signed with. */
export type Signature = Pick<LastingUrl, 'url' | 'headers'>;

/** Query parameters of signatures that are of one object: S3, Google, CloudFront and their older forms. */
const OBJECT_SIGNATURES = ['x-amz-signature', 'x-goog-signature', 'key-pair-id', 'awsaccesskeyid', 'googleaccessid'];

/** Whether two are the same signature of the same URL. */
export function isSameSignature(a: Signature, b: Signature): boolean {
  return a.url === b.url && JSON.stringify(a.headers ?? {}) === JSON.stringify(b.headers ?? {});
}

/** Origin and first path segment of an http(s) URL: a bucket or container. */
export function containerOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}/${pathname.split('/')[1] ?? ''}`;
}

/**
 * Whether what made `signed` of `url` opens the container's other objects too: the hook says so, or it only added a
 * query that is no known signature of one object (Azure marks those `sr=b`).
 */
export function opensContainer(url: string, signed: LastingUrl): boolean {
  const from = new URL(url);
  const to = new URL(signed.url);
  if (from.origin !== to.origin || from.pathname !== to.pathname) return false;
  if (signed.scope !== undefined) return signed.scope === 'container';
  const names = [...to.searchParams.keys()].map((name) => name.toLowerCase());
  return !names.some((name) => OBJECT_SIGNATURES.includes(name)) && to.searchParams.get('sr') !== 'b';
}

/** The signature of `url` where `signed` opens it: the same headers, and its URL as `signLike` makes it. */
export function signatureOf(url: string, signed: LastingUrl): LastingUrl {
  return { ...signed, url: signLike(url, signed) };
}

/** `url` with the query parameters of `signed`, which win over its own of the same name; `signed` itself for its own object. */
export function signLike(url: string, signed: LastingUrl): string {
  const plain = new URL(url);
  const model = new URL(signed.url);
  if (plain.origin !== model.origin || plain.pathname === model.pathname) return model.href;
  const given = new Set(model.searchParams.keys());
  const kept = plain.search
    .slice(1)
    .split('&')
    .filter((pair) => !given.has(pair.split('=')[0] ?? ''));
  plain.search = [...kept, model.search.slice(1)].filter((part) => part !== '').join('&');
  return plain.href;
}
