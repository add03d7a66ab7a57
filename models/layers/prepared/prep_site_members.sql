SELECT
  m.run_id,
  m.site_uid,
  m.feature_uid,
  m.dataset,
  f.dataset_version,
  m.relation,
  m.relation = 'canonical' AS is_canonical,
  m.iou,
  m.iomin,
  m.priority,
  f.native_id,
  f.geom_kind,
  f.area_geod_m2,
  f.cap_dc_mw,
  f.cap_ac_mw,
  f.inst_start,
  f.inst_end,
  f.observed_at,
  f.setting,
  f.confidence,
  f.license
FROM {{ ref('stg_site_members') }} AS m
INNER JOIN {{ ref('stg_features') }} AS f ON f.feature_uid = m.feature_uid
ORDER BY m.site_uid, m.feature_uid
