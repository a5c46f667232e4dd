## Every merge: what `quick` asks, and the gates that advise.
profile full {
  extends  quick
  stage    full
  set      replay_gate = full
  write    replay_regression_report, replay_fixture_report
  expect   gates >= 22
}
