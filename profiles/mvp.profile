## Promotion of the MVP: what `full` asks, and nothing only advises.
profile mvp {
  extends  full
  stage    mvp
  tighten  slo.answered { required true }
  expect   gates >= 23
}
