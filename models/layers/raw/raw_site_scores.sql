SELECT
  run_id,
  site_uid,
  rules_version,
  site_classification,
  classification_evidence,
  classification_agrees,
  completeness,
  environmental_sensitivity,
  development_context,
  inputs
FROM {{ source('cube', 'site_scores') }}
