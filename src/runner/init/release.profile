## What has to hold before a release.
# A profile takes the gates of a stage. `rspp-gates list release` shows all that they ask.
profile release {
  stage    release
  # Kinds of sources that count: a generated sample must not pass for a measured one.
  sources  recorded, live
  # A gate that somebody drops by mistake is missed here.
  expect   gates >= 3
}
