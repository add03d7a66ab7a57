{# The columns that pv_by_country and pv_by_h3 share: what a group of prep_sites comes to. #}
{% macro site_totals() %}
  count(*)::BIGINT AS sites,
  coalesce(sum(features), 0)::BIGINT AS features,
  count(DISTINCT dataset)::BIGINT AS datasets,
  {{ count_where("geom_kind = 'point'") }} AS point_sites,
  coalesce({{ ordered_sum('area_geod_m2', 'site_uid') }}, 0) AS area_m2,
  {{ ordered_sum('cap_dc_mw', 'site_uid') }} AS cap_dc_mw,
  {{ ordered_sum('cap_ac_mw', 'site_uid') }} AS cap_ac_mw,
  {{ count_where('cap_dc_mw IS NOT NULL OR cap_ac_mw IS NOT NULL') }} AS sites_with_capacity,
  {{ count_where("setting = 'rooftop'") }} AS rooftop_sites,
  {{ count_where("setting = 'ground'") }} AS ground_sites,
  {{ count_where("setting = 'water'") }} AS water_sites,
  {{ count_where("setting = 'unknown'") }} AS unknown_sites,
  min(inst_start) AS first_inst_start,
  max(inst_end) AS last_inst_end
{%- endmacro %}
