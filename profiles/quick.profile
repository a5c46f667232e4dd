## Every change: the seven objectives over the baseline at hand, and the smoke replay.
profile quick {
  stage    quick
  sources  synthetic, recorded, live
  set      replay_gate = quick
  write    slo_report_file, contracts_report_file, replay_smoke_report
  expect   gates >= 19
}
