/**
 * Rows of the four data sets, written by hand from what their sources say of them. Places and geodesic areas are those of the source's own
 * geometry, by other programs (GDAL's reader, GEOS and geographiclib through Python), not by ours.
 */

/**
 * Of USPVDB, from its codebook: areas are m², capacities MW, p_year the year that the plant came online, p_img_date the day of the image,
 * p_dig_conf 1 to 4, p_azimuth from north; NA is missing.
 */
export const USPVDB = [
  // native_id, lon, lat, area, AC, DC, start, end, observed, mount, tilt, azimuth, confidence, state
  ['402964', -93.7883987427, 45.2574996948, 92600, 5, 7, '2019-01-01', '2019-12-31', '2022-03-10', 'single_axis', null, 180, 1, 'MN'],
  ['402893', -92.9717025757, 44.5419998169, 93358, 5, 6.5, '2019-01-01', '2019-12-31', '2022-03-13', 'fixed', 0, 180, 1, 'MN'],
  ['401337', -92.8901977539, 45.4861984253, 3112889, 100, 138, '2016-01-01', '2016-12-31', '2021-11-10', 'single_axis', 20, 180, 1, 'MN'],
  ['400438', -70.7428970337, 41.7998008728, 140660, 4.7, 4.7, '2012-01-01', '2012-12-31', '2022-01-16', 'fixed', null, 180, 1, 'MA'],
  ['404488', -94.4029998779, 45.5880012512, 91634, 2.7, 3.9, '2017-01-01', '2017-12-31', '2022-06-20', 'fixed', null, 185, 1, 'MN'],
  ['400014', -109.272003174, 34.2944984436, 377464, 13.62, 16.4, '2014-01-01', '2014-12-31', '2022-06-02', 'mixed', 0, 180, 1, 'AZ'],
  ['400330', -110.823997498, 32.1071014404, 56971, 1.9, 2, '2011-01-01', '2011-12-31', '2022-06-10', 'dual_axis', 0, 180, 1, 'AZ'],
  ['400274', -114.496002197, 32.6861000061, 66914, 5.7, 5, '2015-01-01', '2015-12-31', '2022-01-17', 'mixed', 0, 180, 1, 'AZ'],
] as const; // prettier-ignore

/**
 * Of OpenStreetMap in Germany: a shapefile of ids (a number with fifteen decimals, all 0) and polygons; the first, the last, one of the middle,
 * the largest, the smallest.
 */
export const GERMANY = [
  // native_id, record, west, south, east, north, geodesic area (m²)
  ['1', 1, 12.8695542, 52.6011821, 12.8714619, 52.6019639, 8700.46],
  ['2', 2, 8.650672, 50.1033884, 8.65399, 50.1051084, 20724.427],
  ['5392', 851, 13.51448, 53.0234649, 13.5541364, 53.0329819, 1011991.949],
  ['28391', 2230, 8.6988084, 52.8351553, 8.7002442, 52.8362393, 8885.453],
  ['94567', 4393, 9.1521423, 47.7778199, 9.1536748, 47.7785267, 5083.269],
  ['100533', 4458, 6.3585291, 50.875429, 6.3779153, 50.8800284, 191275.771],
] as const; // prettier-ignore

/** Of OpenStreetMap in Austria: the same, with whole numbers as ids from 0 on. The smallest is a table of 3 m². */
export const AUSTRIA = [
  ['0', 1, 10.5090381, 46.8738313, 10.50971, 46.8743104, 2555.814],
  ['1', 2, 13.219606, 46.7553046, 13.2215638, 46.7565921, 11533.226],
  ['1065', 1066, 13.101892, 47.6952323, 13.1019638, 47.6952626, 9.569],
  ['1542', 1543, 11.5311581, 47.2819447, 11.531202, 47.2819572, 3.247],
  ['2010', 2005, 15.1218974, 47.0533998, 15.1265108, 47.0582678, 129823.305],
  ['2135', 2130, 15.1501894, 47.0559581, 15.1525551, 47.057018, 13437.141],
] as const; // prettier-ignore

/** What OpenStreetMap's extract does not say: all but an id and a polygon. */
export const NOTHING_TOLD = {
  geom_kind: 'polygon',
  part: 1,
  area_src_m2: null,
  area_src_unit: null,
  area_src_kind: null,
  area_ratio: null,
  cap_dc_mw: null,
  cap_ac_mw: null,
  cap_kind: null,
  inst_start: null,
  inst_end: null,
  observed_at: null,
  mount: null,
  tilt_deg: null,
  azimuth_deg: null,
  setting: 'unknown',
  confidence: null,
  conf_src: null,
  country_iso3: null,
  admin1: null,
  source_split: null,
};

/**
 * Of India's farms. Area is no area of the polygon. Of the two that are not valid, 774 has a hole of 95.47 m² that lies outside of its shell of
 * 97,949.78 m², and so counts as land of its own; 707 has twenty-five holes, one of them outside of its shell.
 */
export const INDIA = [
  // native_id, record, west, south, east, north, geodesic area (m²), Area, state, valid
  ['677', 1, 78.283981, 13.090726, 78.288264, 13.095571, 46539.29, 307270.11713765713, 'Karnataka', true],
  ['666', 6, 77.362354, 13.549775, 77.363459, 13.550827, 8195.84, 168972.7754880554, 'Karnataka', true],
  ['707', 35, 76.720846, 11.88267, 76.727663, 11.890399, 345402.28, 5846049.581646369, 'Karnataka', false],
  ['774', 97, 75.688207, 19.235487, 75.69352, 19.241823, 98045.25, 1231796.9135593807, 'Maharashtra', false],
  ['1433', 701, 77.274016, 12.035415, 77.275029, 12.036023, 4504.45, 133411.18931781658, 'Karnataka', true],
  ['672', 1363, 78.097449, 13.214263, 78.098509, 13.215227, 6766.66, 170791.98111165402, 'Karnataka', true],
] as const; // prettier-ignore

/** What is so for every farm of India's data set: mapped in images up to 2021, without capacity, mount or a day of an image. */
export const OF_EVERY_FARM = {
  geom_kind: 'polygon',
  area_src_unit: 'm2',
  area_src_kind: 'unknown',
  cap_dc_mw: null,
  cap_ac_mw: null,
  cap_kind: null,
  inst_start: null,
  inst_end: '2021-12-31',
  observed_at: null,
  mount: null,
  tilt_deg: null,
  azimuth_deg: null,
  setting: 'ground',
  confidence: null,
  conf_src: null,
  country_iso3: 'IND',
  source_split: null,
};
