import { BlockList, isIP } from 'node:net';

/** Error code of a look-up that led to a private address. */
export const FORBIDDEN_ADDRESS = 'EFORBIDDENADDRESS';

/** Addresses that mean this machine, its network or its cloud's metadata service: IANA's special-purpose registries. */
const V4_BLOCKS: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private, RFC 1918
  ['100.64.0.0', 10], // carrier-grade NAT, also Alibaba's metadata service
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // Azure's wire server
  ['169.254.0.0', 16], // link-local, also AWS's, GCP's and Azure's metadata service
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarking
  ['224.0.0.0', 3], // multicast, reserved, broadcast
];

const V6_BLOCKS: readonly (readonly [string, number])[] = [
  ['::', 127], // unspecified and loopback
  ['fc00::', 7], // unique local, also AWS's metadata service
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local (deprecated)
  ['ff00::', 8], // multicast
];

const blocked = new BlockList();
for (const [network, bits] of V4_BLOCKS) blocked.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of V6_BLOCKS) blocked.addSubnet(network, bits, 'ipv6');

/** Names that lead to this machine or to a metadata service wherever they are looked up. */
const NAMES = /^(?:localhost|.+\.localhost|metadata|metadata\.google\.internal|instance-data)$/;

/** True for an IP address, in any notation, that is not on the public internet, v4 inside v6 included. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 0) return false;
  if (family === 4) return blocked.check(bare, 'ipv4');
  if (blocked.check(bare, 'ipv6')) return true;
  const inner = embeddedV4(groupsOf(bare));
  return inner !== null && blocked.check(inner, 'ipv4');
}

/**
 * True for a URL's host (as `URL.hostname` gives it, so decimal, octal and hex forms are plain already) that is a
 * private address or a name of this machine. Other names are judged when they are looked up.
 */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.+$/, '');
  return host === '' || NAMES.test(host) || isPrivateAddress(host);
}

/** The v4 address that a v6 address carries: mapped, compatible, translated (RFC 6052, RFC 8215), 6to4 and Teredo's inverse. */
function embeddedV4(groups: readonly number[]): string | null {
  const [a = 0, b = 0, c = 0] = groups;
  const middle = groups.slice(0, 6);
  const zeros = (end: number) => groups.slice(0, end).every((group) => group === 0);
  if (zeros(6) || (zeros(5) && groups[5] === 0xffff) || (zeros(4) && groups[4] === 0xffff && groups[5] === 0))
    return tail(groups, 6, 0);
  if (a === 0x64 && b === 0xff9b && (c === 1 || middle.slice(2).every((group) => group === 0)))
    return tail(groups, 6, 0);
  if (a === 0x2002) return tail(groups, 1, 0);
  if (a === 0x2001 && b === 0) return tail(groups, 6, 0xffff);
  return null;
}

function tail(groups: readonly number[], at: number, mask: number): string {
  const high = (groups[at] ?? 0) ^ mask;
  const low = (groups[at + 1] ?? 0) ^ mask;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight 16-bit groups of a valid v6 address; URL's parser writes the dotted and the shortened forms the same way. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', rest] = canonical.split('::');
  const parse = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const left = parse(head);
  if (rest === undefined) return left;
  const right = parse(rest);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}
