import { describe, expect, it } from 'vitest';
import { parseImageSize } from '../../../src/vector/images/image-size.js';
import { ImageNames } from '../../../src/vector/images/image-names.js';
import { parsePamFile } from '../../../src/vector/images/pam-file.js';
import { splitOfName } from '../../../src/vector/images/split-name.js';
import { parseWorldFile, worldFileEndings } from '../../../src/vector/images/world-file.js';
import { mutated, seeded } from '../mutate.js';
import { png } from './make-images.js';

const nameOf = (found: ReturnType<ImageNames['referred']>) => (found.kind === 'found' ? found.file.name : found.kind);
const names = (...list: string[]) => new ImageNames(list.map((name) => ({ name, path: `/x/${name}` })));

describe('places of images', () => {
  it('a world file speaks of centres, the map of corners', () => {
    expect(parseWorldFile('2\n0\n0\n-2\n101\n999\n')).toEqual([2, 0, 100, 0, -2, 1000]);
    expect(parseWorldFile('2 0.5 1 -2 101.5 998.75')).toEqual([2, 1, 100, 0.5, -2, 999.5]);
    for (const text of [
      '',
      '1 2 3',
      '0 0 0 0 1 1',
      'a b c d e f',
      '1 0 0 -1 NaN 0',
      '1 0 0 -1 1e400 0',
      ' '.repeat(9999),
    ]) {
      expect(parseWorldFile(text)).toBeNull();
    }
    expect(worldFileEndings('png')).toEqual(['pgw', 'pngw', 'wld']);
    expect(worldFileEndings('tiff')).toEqual(['tfw', 'tiffw', 'wld']);
  });

  it('an .aux.xml tells transform and CRS, one of them, or nothing', () => {
    const text =
      '<PAMDataset><SRS dataAxisToSRSAxisMapping="1,2">EPSG:32633</SRS><GeoTransform> 5e5, 2, 0, 53e5, 0, -2</GeoTransform></PAMDataset>';
    expect(parsePamFile(text)).toEqual({ transform: [2, 0, 500_000, 0, -2, 5_300_000], srs: 'EPSG:32633' });
    const nothing = { transform: null, srs: null };
    expect(parsePamFile('<PAMDataset><PAMRasterBand band="1"/></PAMDataset>')).toEqual(nothing);
    expect(parsePamFile('<PAMDataset><GeoTransform>1,2,3</GeoTransform></PAMDataset>')).toEqual(nothing);
    expect(parsePamFile('<PAMDataset><GeoTransform>0,0,0,0,0,0</GeoTransform></PAMDataset>')).toEqual(nothing);
    for (const bad of ['', 'text', '<other/>', '<PAMDataset>', '<!DOCTYPE a [<!ENTITY b "c">]><PAMDataset/>']) {
      expect(parsePamFile(bad)).toEqual(nothing);
    }
  });

  it('sizes are in the first bytes of PNG, BMP and JPEG', () => {
    expect(parseImageSize(png({ width: 7, height: 5, data: [] }))).toEqual({ width: 7, height: 5 });
    const bmp = Buffer.alloc(54);
    bmp.write('BM', 'latin1');
    bmp.writeInt32LE(640, 18);
    bmp.writeInt32LE(-480, 22);
    expect(parseImageSize(bmp)).toEqual({ width: 640, height: 480 });
    const jpeg = Buffer.from(
      'ffd8ffe1000801020304 0506ffdb000401 02ffffc2000b080102030401011100'.replaceAll(' ', ''),
      'hex',
    );
    expect(parseImageSize(jpeg)).toEqual({ width: 0x304, height: 0x102 });
    expect(parseImageSize(Buffer.from('ffd8ffda0008', 'hex'))).toBeNull();
    const random = seeded(5);
    for (let i = 0; i < 2000; i++) parseImageSize(mutated(i % 2 === 0 ? jpeg : bmp, random));
  });

  it('what a file refers to is found from its folder, from the root, and by the end of its path', () => {
    const set = names('a/x.tif', 'b/x.tif', 'b/c/y.tif', 'z.TIF');
    expect(nameOf(set.referred('x.tif', 'a/l.json'))).toBe('a/x.tif');
    expect(nameOf(set.referred('b/x.tif', 'a/l.json'))).toBe('b/x.tif');
    expect(nameOf(set.referred('..\\b\\x.tif', 'a/l.json'))).toBe('b/x.tif');
    expect(nameOf(set.referred('c/y.tif', 'l.json'))).toBe('b/c/y.tif');
    expect(nameOf(set.referred('/data/1/y.tif', 'l.json'))).toBe('b/c/y.tif');
    expect(nameOf(set.referred('x.tif', 'l.json'))).toBe('ambiguous');
    expect(nameOf(set.referred('../../../etc/passwd', 'l.json'))).toBe('absent');
  });

  it('the image of a label has its name, in the folder of the same part', () => {
    const set = names(
      'images.zip/train/a.png',
      'images.zip/train/a.tif',
      'images.zip/val/a.tif',
      'masks/b_mask.png',
      'rgb/b.jpg',
    );
    expect(nameOf(set.imageOf('labels.zip/train/a.txt'))).toBe('images.zip/train/a.tif');
    expect(nameOf(set.imageOf('labels.zip/val/a.txt'))).toBe('images.zip/val/a.tif');
    expect(nameOf(set.imageOf('other/a.txt'))).toBe('ambiguous');
    expect(nameOf(set.imageOf('masks/b_mask.png'))).toBe('rgb/b.jpg');
    expect(nameOf(set.imageOf('masks/c.png'))).toBe('absent');
  });

  it('parts are named by folders, and by the file where it is one of them', () => {
    expect(splitOfName('labels/train/a.txt', { ownName: false })).toBe('train');
    expect(splitOfName('valid.zip/images/a.txt', { ownName: false })).toBe('valid');
    expect(splitOfName('labels/test_1.txt', { ownName: false })).toBeNull();
    expect(splitOfName('annotations/instances_val2017.json', { ownName: true })).toBe('val2017');
    expect(splitOfName('train/a.json', { ownName: true })).toBe('train');
    expect(splitOfName('a.json', { ownName: true })).toBeNull();
  });
});
