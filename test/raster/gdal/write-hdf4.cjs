// Writes an HDF4 file of two bands: node write-hdf4.cjs PACKAGE FILE
const gdal = require(process.argv[2]);

const dataset = gdal.open(process.argv[3], 'w', ['HDF4Image'], 90, 70, 2, gdal.GDT_Int16, ['RANK=3']);
for (const band of [1, 2]) {
  const samples = Int16Array.from({ length: 6300 }, (_, i) => ((i * band * 13) % 3000) - 500);
  dataset.bands.get(band).pixels.write(0, 0, 90, 70, samples);
}
dataset.geoTransform = [500000, 10, 0, 5300000, 0, -10];
dataset.srs = gdal.SpatialReference.fromEPSG(32633);
dataset.flush();
dataset.close();
