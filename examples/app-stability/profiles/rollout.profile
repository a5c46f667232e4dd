## Asked before each step of a rollout.
profile rollout {
  stage    rollout
  sources  recorded, live
  expect   gates >= 5
}
