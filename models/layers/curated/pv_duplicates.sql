{#
  Every measured pair, with its evidence. kept_uid is the site that stands for both, where they are one; it may be a third
  feature. dropped_uids are those of the two that it stands for.
#}
SELECT
  run_id,
  a_uid,
  b_uid,
  a_dataset,
  b_dataset,
  a_dataset = b_dataset AS same_dataset,
  class,
  merged,
  iou,
  iomin,
  gap_m,
  a_area_m2,
  b_area_m2,
  least(a_area_m2, b_area_m2) / nullif(greatest(a_area_m2, b_area_m2), 0) AS area_ratio,
  a_relation,
  b_relation,
  a_site_uid,
  b_site_uid,
  one_site,
  CASE WHEN one_site THEN a_site_uid END AS kept_uid,
  CASE WHEN one_site THEN list_filter([a_uid, b_uid], lambda uid: uid <> a_site_uid) ELSE [] END AS dropped_uids
FROM {{ ref('prep_duplicate_pairs') }}
ORDER BY a_uid, b_uid
