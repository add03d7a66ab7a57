{#
  Incremental by DuckLake's snapshot: a row carries the number of the snapshot that wrote it, so only rows that came or
  changed since the last run are read. The hook takes out what has left the source since.
#}
{{ config(
  materialized='incremental',
  incremental_strategy='delete+insert',
  unique_key='feature_uid',
  on_schema_change='fail',
  post_hook="DELETE FROM {{ this }} WHERE feature_uid NOT IN (SELECT feature_uid FROM {{ ref('raw_features') }})"
) }}
SELECT
  run_id,
  feature_uid,
  dataset,
  {{ clean_text('dataset_version') }} AS dataset_version,
  {{ clean_text('source_file') }} AS source_file,
  {{ clean_text('source_split') }} AS source_split,
  {{ clean_text('native_id') }} AS native_id,
  record,
  part,
  geometry,
  geom_kind,
  raw_valid,
  {{ clean_text('repair') }} AS repair,
  xmin,
  ymin,
  xmax,
  ymax,
  {{ clean_number('lon', -180, 180) }} AS lon,
  {{ clean_number('lat', -90, 90) }} AS lat,
  {{ clean_number('area_geod_m2', 0) }} AS area_geod_m2,
  {{ clean_number('area_src_m2', 0) }} AS area_src_m2,
  {{ clean_text('area_src_kind') }} AS area_src_kind,
  {{ clean_number('area_ratio', 0) }} AS area_ratio,
  {{ clean_number('cap_dc_mw', 0) }} AS cap_dc_mw,
  {{ clean_number('cap_ac_mw', 0) }} AS cap_ac_mw,
  {{ clean_text('cap_kind') }} AS cap_kind,
  inst_start,
  CASE WHEN inst_end >= inst_start OR inst_start IS NULL THEN inst_end END AS inst_end,
  observed_at,
  lower({{ clean_text('mount') }}) AS mount,
  {{ clean_number('tilt_deg', 0, 90) }} AS tilt_deg,
  {{ clean_number('azimuth_deg', 0, 360) }} AS azimuth_deg,
  coalesce(lower({{ clean_text('setting') }}), 'unknown') AS setting,
  {{ clean_number('confidence', 0, 1) }} AS confidence,
  {{ clean_text('conf_src') }} AS conf_src,
  upper({{ clean_text('country_iso3') }}) AS country_iso3,
  {{ clean_text('admin1') }} AS admin1,
  coalesce({{ clean_text('license') }}, {{ clean_text('dataset_license') }}) AS license,
  h3_r15,
  h3_r5,
  h3_r7,
  h3_r9,
  h3_r12,
  geometry_hash,
  lake_snapshot
FROM {{ ref('raw_features') }}
{% if is_incremental() %}
WHERE lake_snapshot > (SELECT coalesce(max(lake_snapshot), -1) FROM {{ this }})
{% endif %}
ORDER BY h3_r15, feature_uid
