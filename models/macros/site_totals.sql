{#
  The columns that pv_by_country and pv_by_h3 share: what a group of prep_sites comes to. Areas and capacities are those of all rows, the rest
  is of the rows that are `counted`: a site may be shared by several countries and counts in one.
#}
{% macro site_totals(counted='true') %}
  {{ count_where(counted) }} AS sites,
  coalesce(sum(features) FILTER (WHERE {{ counted }}), 0)::BIGINT AS features,
  (count(DISTINCT dataset) FILTER (WHERE {{ counted }}))::BIGINT AS datasets,
  {{ count_where(counted ~ " AND geom_kind = 'point'") }} AS point_sites,
  coalesce({{ ordered_sum('area_geod_m2', 'site_uid') }}, 0) AS area_m2,
  {{ ordered_sum('cap_dc_mw', 'site_uid') }} AS cap_dc_mw,
  {{ ordered_sum('cap_ac_mw', 'site_uid') }} AS cap_ac_mw,
  {{ count_where(counted ~ ' AND (cap_dc_mw IS NOT NULL OR cap_ac_mw IS NOT NULL)') }} AS sites_with_capacity,
  {{ count_where(counted ~ " AND setting = 'rooftop'") }} AS rooftop_sites,
  {{ count_where(counted ~ " AND setting = 'ground'") }} AS ground_sites,
  {{ count_where(counted ~ " AND setting = 'water'") }} AS water_sites,
  {{ count_where(counted ~ " AND setting = 'unknown'") }} AS unknown_sites,
  min(inst_start) FILTER (WHERE {{ counted }}) AS first_inst_start,
  max(inst_end) FILTER (WHERE {{ counted }}) AS last_inst_end
{%- endmacro %}
