## A release asks for more than a change does: a tighter limit, and a sample that proves it.
profile release {
  extends  ci
  tighten  turns.open_decision { threshold <= 115ms  decide certified 95% }
  tighten  turns.answered { required true  decide certified 90% }
}
