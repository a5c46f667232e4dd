## A release asks for proof: the limit has to hold with a confidence of 95%, not only in this sample.
profile release {
  extends  ci
  tighten  turns.open_decision { decide certified 95% }
}
