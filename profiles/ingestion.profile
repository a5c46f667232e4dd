## What `full` asks, of replays that were run and compared elsewhere: their reports are judged, and
## no trace is read.
profile ingestion {
  extends  full
  set      replay_from = reports
}
