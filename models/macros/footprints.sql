{#
  A footprint whose one ring jumps across the antimeridian (179 to -179), which encloses the wrong part of the world, is
  drawn on beyond 180 degrees instead. A box wider than half the world stays: nothing says that it is not meant.
#}
{% macro unwrap_footprint(geometry) %}
  CASE
    WHEN ST_GeometryType({{ geometry }}) = 'POLYGON'
      AND ST_XMax({{ geometry }}) - ST_XMin({{ geometry }}) > 180
      AND ST_Area(ST_Envelope({{ geometry }})) > ST_Area({{ geometry }}) * 1.000001
    THEN ST_MakePolygon(ST_MakeLine(list_transform(
      ST_Dump(ST_Points(ST_ExteriorRing({{ geometry }}))),
      lambda p: ST_Point(CASE WHEN ST_X(p.geom) < 0 THEN ST_X(p.geom) + 360 ELSE ST_X(p.geom) END, ST_Y(p.geom))
    )))
    ELSE {{ geometry }}
  END
{% endmacro %}

{# The geometry moved along the equator by whole turns. #}
{% macro turn_geometry(geometry, degrees) %}ST_Affine({{ geometry }}, 1, 0, 0, 1, {{ degrees }}, 0){% endmacro %}
