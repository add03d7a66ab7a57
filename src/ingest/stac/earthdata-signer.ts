import { CubeError, redactUrl } from '../../errors.js';
import type { Clock } from '../../io/clock.js';
import type { LastingUrl } from '../../io/signed-url.js';
import type { RetryOptions } from '../../io/with-retries.js';
import { ApiClient } from '../../stac/api-client.js';
import type { Json } from '../../stac/item.js';
import { isObject } from '../../stac/json.js';

/** Who reads, and where names and passwords become tokens. */
export type EarthdataOptions = {
  readonly login: string;
  readonly token: string | null;
  readonly user: { readonly name: string; readonly password: string } | null;
  readonly retries: RetryOptions;
  readonly clock: Clock;
};

type Bearer = { readonly token: string; readonly expiresAt: number };

/** Where data lie. Of the others some take no token, and the catalogue (cmr) refuses an expired one where it needs none. */
const DATA_HOST = /\.(?:earthdata|earthdatacloud)\.nasa\.gov$/;
const NO_DATA = /^(?:cmr|urs|search|status|forum|wiki|www)\.|\.urs\.|^gibs/;

/** How long a token that the user gave is taken for valid before it is looked at again. */
const GIVEN_MS = 3_600_000;

/** The clock of this machine may be ahead: a token that seems to be over is tried so long, not asked for with every read. */
const LEAST_MS = 30_000;

/** A token made because of a refusal is not the reason of another one so soon after. */
const QUIET_MS = 60_000;

/** Whether the URL is of a server that takes tokens of the Earthdata login. */
export function isEarthdata({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' && DATA_HOST.test(hostname) && !NO_DATA.test(hostname);
}

/** The user's token for all servers of Earthdata: asked for once, however many containers are read at a time. */
export class EarthdataSigner {
  readonly #options: EarthdataOptions;
  #held: Bearer | null = null;
  #asking: Promise<Bearer> | null = null;
  #renewedAt = -Infinity;

  constructor(options: EarthdataOptions) {
    this.#options = options;
  }

  /** Whether there is anything to sign with. */
  get isReady(): boolean {
    return this.#options.token !== null || this.#options.user !== null;
  }

  /** The URL with the user's token as a header. `renew`: the origin refused the one before. */
  async sign(url: URL, renew: boolean): Promise<LastingUrl> {
    const { token, expiresAt } = await this.#token(renew);
    return { url: url.href, headers: { authorization: `Bearer ${token}` }, expiresAt, scope: 'container' };
  }

  #token(renew: boolean): Promise<Bearer> {
    if (this.#asking !== null) return this.#asking;
    const now = this.#options.clock.now();
    const renews = renew && now - this.#renewedAt >= QUIET_MS;
    if (this.#held !== null && now < this.#held.expiresAt && !renews) return Promise.resolve(this.#held);
    if (renews) this.#renewedAt = now;
    this.#asking = this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask(): Promise<Bearer> {
    this.#held = await this.#bearer();
    return this.#held;
  }

  async #bearer(): Promise<Bearer> {
    const { token, user, login, retries, clock } = this.#options;
    if (token !== null) return { token, expiresAt: clock.now() + GIVEN_MS };
    if (user === null) throw new CubeError({ kind: 'invalid-argument', what: 'no credentials of Earthdata' });
    const pair = Buffer.from(`${user.name}:${user.password}`).toString('base64');
    const url = `${login.replace(/\/+$/, '')}/api/users/find_or_create_token`;
    const client = new ApiClient(url, { headers: { authorization: `Basic ${pair}` }, retries });
    try {
      const { json } = await client.send({ method: 'POST', url, headers: {}, body: null });
      const bearer = parseBearer(json, url);
      return { ...bearer, expiresAt: Math.max(bearer.expiresAt, clock.now() + LEAST_MS) };
    } finally {
      await client.close();
    }
  }
}

/** What is missing, in the words of whoever reads without it. */
export function earthdataDenied(url: string): CubeError {
  const fix = 'set EARTHDATA_TOKEN, or EARTHDATA_USERNAME and EARTHDATA_PASSWORD, in the environment';
  return new CubeError({ kind: 'denied', url: redactUrl(url), status: 401, fix });
}

/** Valid through the day that it names (month/day/year). */
function parseBearer(json: Json, url: string): Bearer {
  const fail = () => new CubeError({ kind: 'bad-response', url, what: 'answered no token' });
  if (!isObject(json)) throw fail();
  const { access_token: token, expiration_date: date } = json;
  const parts = typeof date === 'string' ? /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(date) : null;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token) || parts === null) throw fail();
  return { token, expiresAt: Date.UTC(Number(parts[3]), Number(parts[1]) - 1, Number(parts[2]) + 1) };
}
