import { describe, expect, it } from 'vitest';
import { assertAccess, assertInside } from '../../src/io/access.js';
import { isPrivateAddress, isPrivateHost } from '../../src/io/private-address.js';

const REMOTE = 'https://stac.example.com/catalog.json';

describe('assertAccess', () => {
  it.each([
    '/etc/passwd',
    'file:///etc/passwd',
    '/vsicurl/http://x',
    'http://localhost/x',
    'http://a.localhost./x',
    'http://127.0.0.1/x',
    'http://2130706433/x',
    'http://0x7f.0.0.1/x',
    'http://0177.1/x',
    'http://127.1/x',
    'http://0/x',
    'http://10.1.2.3/x',
    'http://172.31.0.1/x',
    'http://192.168.0.1:9000/x',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.100.100.200/latest',
    'http://168.63.129.16/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://[::1]/x',
    'http://[::]/x',
    'http://[::ffff:127.0.0.1]/x',
    'http://[::ffff:a9fe:a9fe]/x',
    'http://[64:ff9b::10.0.0.1]/x',
    'http://[2002:0a00:0001::]/x',
    'http://[fd00:ec2::254]/x',
    'http://[fe80::1]/x',
    'ftp://example.com/x',
    'hf://datasets/x',
  ])('a remote catalogue may not name %s', (href) => {
    expect(() => assertAccess(href, REMOTE)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ kind: 'forbidden' }) }),
    );
  });

  it.each(['https://data.example.org/x.tif', 'http://8.8.8.8/x', 's3://bucket/x', 'http://[2606:4700::1111]/x'])(
    'a remote catalogue may name %s',
    (href) => expect(() => assertAccess(href, REMOTE)).not.toThrow(),
  );

  it('lets a catalogue name its own origin, the user the origins of his choice, and a local catalogue everything', () => {
    expect(() => assertAccess('http://10.0.0.1:8080/x.tif', 'http://10.0.0.1:8080/catalog.json')).not.toThrow();
    expect(() => assertAccess('http://10.0.0.1:8081/x.tif', 'http://10.0.0.1:8080/catalog.json')).toThrow(/private/);
    expect(() => assertAccess('http://10.0.0.1/x', REMOTE, ['http://10.0.0.1'])).not.toThrow();
    for (const href of ['/etc/hosts', 'http://127.0.0.1/x']) {
      expect(() => assertAccess(href, '/data/catalog.json')).not.toThrow();
      expect(() => assertAccess(href, 'file:///data/catalog.json')).not.toThrow();
    }
  });

  it('keeps query and user info out of its error', () => {
    expect(() => assertAccess('http://me:secret@10.0.0.1/x?sig=secret', REMOTE)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });
});

describe('isPrivateAddress', () => {
  it('knows the borders of the private blocks', () => {
    expect(isPrivateAddress('172.15.255.255')).toBe(false);
    expect(isPrivateAddress('172.16.0.0')).toBe(true);
    expect(isPrivateAddress('172.32.0.0')).toBe(false);
    expect(isPrivateAddress('100.63.255.255')).toBe(false);
    expect(isPrivateAddress('223.255.255.255')).toBe(false);
    expect(isPrivateAddress('224.0.0.1')).toBe(true);
    expect(isPrivateAddress('::ffff:8.8.8.8')).toBe(false);
    expect(isPrivateAddress('fe80::1%eth0')).toBe(true);
    expect(isPrivateAddress('example.com')).toBe(false);
    expect(isPrivateHost('localhost.')).toBe(true);
  });
});

describe('assertInside', () => {
  it('gives the path of a member and refuses what lies outside', () => {
    expect(assertInside('/data/x', 'a/b.shp')).toBe('/data/x/a/b.shp');
    expect(assertInside('/data/x', 'a/../b.shp')).toBe('/data/x/b.shp');
    expect(assertInside('/data/x', '..b')).toBe('/data/x/..b');
    for (const path of ['../y', 'a/../../y', '/etc/passwd', '..\\y', 'C:\\y', 'C:y', '\\\\host\\y', 'a\0b', '..']) {
      expect(() => assertInside('/data/x', path)).toThrow(/lies outside/);
    }
  });
});
