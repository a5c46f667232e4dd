## Every change.
profile ci {
  stage    ci
  sources  recorded, live
  expect   gates >= 8
}
