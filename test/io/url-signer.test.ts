import { describe, expect, it } from 'vitest';
import type { SignedUrl } from '../../src/io/signed-url.js';
import { sharedSignHook, UrlSigner, type SignHook } from '../../src/io/url-signer.js';
import { VirtualClock } from './virtual-clock.js';

const one = 'https://acc.blob.example/box/a.tif';
const two = 'https://acc.blob.example/box/b.tif?x=1';

/** A hook whose tokens live a minute; `calls` are the URLs it was asked for. */
function minuteHook(clock: VirtualClock, query = 'sr=c'): { calls: string[]; hook: SignHook } {
  const calls: string[] = [];
  const hook: SignHook = async (url): Promise<SignedUrl> => {
    calls.push(url);
    const separator = url.includes('?') ? '&' : '?';
    return { url: `${url}${separator}${query}&sig=${calls.length}`, expiresAt: clock.now() + 60_000 };
  };
  return { calls, hook };
}

describe('UrlSigner', () => {
  it('E4: signs a container once in 80 % of the lifetime, for all of its objects', async () => {
    const clock = new VirtualClock();
    const { calls, hook } = minuteHook(clock);
    const signer = new UrlSigner(hook, clock);
    for (let second = 0; second < 600; second++) {
      const [first, other] = await Promise.all([signer.sign(one), signer.sign(two)]);
      expect(first.url).toMatch(/a\.tif\?sr=c&sig=\d+$/);
      expect(other.url).toMatch(/b\.tif\?x=1&sr=c&sig=\d+$/);
      clock.advance(1000);
    }
    expect(calls.length).toBe(Math.ceil(600 / 48));
  });

  it('signs each object where the signature is of one object', async () => {
    const clock = new VirtualClock();
    for (const query of ['X-Amz-Signature=1', 'sr=b', 'X-Goog-Signature=1', 'Key-Pair-Id=1']) {
      const { calls, hook } = minuteHook(clock, query);
      const signer = new UrlSigner(hook, clock);
      await Promise.all([signer.sign(one), signer.sign(two), signer.sign(one)]);
      await signer.sign(two);
      expect([...calls].sort()).toEqual([one, two]);
    }
  });

  it('asks each time where the hook returns a plain URL', async () => {
    let calls = 0;
    const signer = new UrlSigner((url) => `${url}#${++calls}`, new VirtualClock());
    await signer.sign(one);
    await signer.sign(one);
    expect(calls).toBe(2);
  });

  it('renews after a refusal once, not for every closed object of the container', async () => {
    const clock = new VirtualClock();
    const renewals: boolean[] = [];
    const { calls, hook } = minuteHook(clock);
    const signer = new UrlSigner((url, options) => (renewals.push(options?.renew === true), hook(url)), clock);
    const sent = await signer.sign(one);
    expect(signer.refuse(one, sent)).toBe(true);
    const again = await signer.sign(one);
    expect(again.url).not.toBe(sent.url);
    expect(signer.refuse(one, again)).toBe(false);
    expect(signer.refuse(two, sent)).toBe(true); // signed before the renewal, so another try makes sense
    expect((await signer.sign(two)).url).toContain('sig=2');
    expect(calls).toHaveLength(2);
    expect(renewals).toEqual([false, true]);
  });

  it('one shared hook serves several signers with one token', async () => {
    const clock = new VirtualClock();
    const { calls, hook } = minuteHook(clock);
    const shared = sharedSignHook(hook, clock);
    const signers = [new UrlSigner(shared, clock), new UrlSigner(shared, clock), new UrlSigner(shared, clock)];
    const sent = await Promise.all(signers.map((signer) => signer.sign(one)));
    expect(calls).toHaveLength(1);
    signers.forEach((signer, index) => expect(signer.refuse(one, sent[index]!)).toBe(true));
    await Promise.all(signers.map((signer) => signer.sign(one)));
    expect(calls).toHaveLength(2);
  });

  it('E3: does not pass on the words of a hook that fails', async () => {
    const signer = new UrlSigner(() => {
      throw new Error('no token at https://x/?sig=secret');
    });
    await expect(signer.sign(`${one}?sig=secret`)).rejects.toMatchObject({
      problem: { kind: 'network', url: one, what: 'the sign hook threw Error' },
    });
    await expect(new UrlSigner(() => 'nonsense').sign(one)).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
  });
});
