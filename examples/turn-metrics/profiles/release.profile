## A release asks for more than a change does.
profile release {
  extends  ci
  tighten  turns.open_decision { threshold <= 110ms  samples >= 200 }
  tighten  turns.answered { required true }
}
