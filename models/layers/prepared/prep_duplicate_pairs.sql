SELECT
  p.run_id,
  p.a_uid,
  p.b_uid,
  p.a_dataset,
  p.b_dataset,
  p.class,
  p.iou,
  p.iomin,
  p.gap_m,
  p.merged,
  p.a_priority,
  p.b_priority,
  a.site_uid AS a_site_uid,
  b.site_uid AS b_site_uid,
  coalesce(a.site_uid = b.site_uid, false) AS one_site,
  a.relation AS a_relation,
  b.relation AS b_relation,
  a.area_geod_m2 AS a_area_m2,
  b.area_geod_m2 AS b_area_m2
FROM {{ ref('stg_duplicates') }} AS p
LEFT JOIN {{ ref('prep_site_members') }} AS a ON a.feature_uid = p.a_uid
LEFT JOIN {{ ref('prep_site_members') }} AS b ON b.feature_uid = p.b_uid
ORDER BY p.a_uid, p.b_uid
