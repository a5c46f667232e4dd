profile bench {
  stage    bench
  sources  synthetic, recorded, live
  expect   gates == 5
}
