import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinUrl, pathOfUrl, resolveLocation } from '../../src/io/location.js';

describe('resolveLocation', () => {
  it.each([
    ['./a b#1%.tif', '/data/catalog.json', 'file:///data/a%20b%231%25.tif'],
    ['../x/y.tif', '/data/items/item.json', 'file:///data/x/y.tif'],
    ['a%20b.tif', 'file:///data/catalog.json', 'file:///data/a%2520b.tif'],
    ['x.tif', '/data/', 'file:///data/x.tif'],
    ['sub/', '/data/', 'file:///data/sub/'],
    ['/abs/x.tif', '/data/', 'file:///abs/x.tif'],
    ['file:///data/a%20b.tif', 'https://host/c.json', 'file:///data/a%20b.tif'],
    ['file:///data/100%.tif', '/', 'file:///data/100%25.tif'],
    ['https://host/a b.tif?x=1', '/data/', 'https://host/a%20b.tif?x=1'],
    ['./a%20b 100%.tif', 'https://host/s/c.json?sig=1', 'https://host/s/a%20b%20100%25.tif'],
    ['/etc/passwd', 'https://host/s/c.json', 'https://host/etc/passwd'],
    ['//other/x.tif', 'https://host/s/c.json', 'https://other/x.tif'],
    ['s3://bucket/a b#1?.tif', '/data/', 's3://bucket/a%20b%231%3F.tif'],
    ['../q#2.tif', 's3://bucket/a/b/c.json', 's3://bucket/a/q%232.tif'],
    ['HTTPS://Host/x', '/', 'https://host/x'],
  ])('%s at %s is %s', (text, base, url) => {
    expect(resolveLocation(text, base)).toBe(url);
  });

  it('names any local file by its path', () => {
    const names = fc.stringMatching(/^[ -.0-~]{1,20}$/).filter((name) => !/^\.+$|^[a-z][a-z0-9+.-]+:/i.test(name));
    fc.assert(
      fc.property(names, (name) => {
        expect(pathOfUrl(resolveLocation(`./${name}`, '/data/catalog.json'))).toBe(`/data/${name}`);
      }),
    );
  });

  it('refuses what is no URL', () => {
    expect(() => resolveLocation('https://', '/')).toThrow(/neither a path nor a URL/);
    expect(() => pathOfUrl('https://host/x')).toThrow(/not local files/);
    expect(pathOfUrl('/a b')).toBe('/a b');
    expect(pathOfUrl(pathToFileURL('/a b#').href)).toBe('/a b#');
  });
});

describe('joinUrl', () => {
  it.each([
    ['https://host/a.zarr?sig=1', 'c/0/0', 'https://host/a.zarr/c/0/0?sig=1'],
    ['https://host/a.zarr/', 'zarr.json', 'https://host/a.zarr/zarr.json'],
    ['file:///data/a%20b.zarr', 'x y#', 'file:///data/a%20b.zarr/x%20y%23'],
    ['/data/a b.zarr', 'c/0', '/data/a b.zarr/c/0'],
    ['s3://bucket/a.zarr', '%2e%2e', 's3://bucket/a.zarr/%252e%252e'],
    ['https://host/a.zarr', '', 'https://host/a.zarr'],
  ])('%s + %s is %s', (base, key, url) => {
    expect(joinUrl(base, key)).toBe(url);
  });

  it('keeps keys inside their container', () => {
    for (const key of ['../x', 'a/../../x', '.']) {
      expect(() => joinUrl('https://host/a.zarr', key)).toThrow(/leaves its container/);
    }
  });
});
