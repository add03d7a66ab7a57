SELECT
  run_id,
  dataset,
  version,
  doi,
  repo,
  license,
  citation,
  priority,
  files,
  content_hash,
  records,
  features,
  quarantined,
  ingested_at
FROM {{ source('cube', 'datasets') }}
