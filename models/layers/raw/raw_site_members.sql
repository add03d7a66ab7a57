SELECT
  m.run_id,
  m.site_uid,
  m.feature_uid,
  m.dataset,
  m.relation,
  m.iou,
  m.iomin,
  d.priority
FROM {{ source('cube', 'site_members') }} AS m
LEFT JOIN {{ source('cube', 'datasets') }} AS d ON d.dataset = m.dataset
