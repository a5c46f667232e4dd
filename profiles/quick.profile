## Every change: the seven objectives over the baseline at hand.
profile quick {
  stage    quick
  sources  synthetic, recorded, live
  write    slo_report_file, contracts_report_file
  expect   gates >= 7
}
