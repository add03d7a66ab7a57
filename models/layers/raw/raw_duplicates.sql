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
  a.priority AS a_priority,
  b.priority AS b_priority
FROM {{ source('cube', 'duplicates') }} AS p
LEFT JOIN {{ source('cube', 'datasets') }} AS a ON a.dataset = p.a_dataset
LEFT JOIN {{ source('cube', 'datasets') }} AS b ON b.dataset = p.b_dataset
