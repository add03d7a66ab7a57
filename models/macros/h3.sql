{#
  The ancestor of an H3 cell (UBIGINT) at a coarser resolution, as h3_cell_to_parent gives it: bits 52 to 55 hold the
  resolution, and every digit below it (three bits each, the finest last) is 7. The cell must be at least as fine.
#}
{% macro h3_parent(cell, resolution) %}
  (({{ cell }} & 18379190079298994175::UBIGINT)
    | ({{ resolution }}::UBIGINT << 52)
    | ((1::UBIGINT << (3 * (15 - {{ resolution }}))::UBIGINT) - 1::UBIGINT))
{% endmacro %}

{# The cell as H3 libraries write it. #}
{% macro h3_text(cell) %}lower(hex({{ cell }})){% endmacro %}
