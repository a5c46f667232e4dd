## What `mvp` asks, of evidence that was recorded or measured live. A generated baseline does not count.
## Point it at a recorded baseline: add `evidence baseline { path ".."  source recorded }`.
profile recorded {
  extends  mvp
  sources  recorded, live
}
