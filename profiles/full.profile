## Every merge: what `quick` asks, and the gates that advise.
profile full {
  extends  quick
  stage    full
  expect   gates >= 8
}
