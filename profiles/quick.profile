## Every change: the seven objectives over the baseline at hand.
profile quick {
  stage    quick
  sources  synthetic, recorded, live
  expect   gates >= 7
}
