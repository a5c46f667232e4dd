#!/usr/bin/env bash
# All measurements: `benches/run.sh`, or `benches/run.sh PART..` for some of them.
# Parts: parts (criterion), start, policies, turns. Needs cargo, bash and python3; `turns` says itself
# what else it needs. Nothing is asserted: figures are for people, with the load of the machine in mind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

binary() {
  cargo build --locked --release --quiet
  local target
  target=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  echo "$target/release/rspp-gates"
}

# The parser, the checker, the planner, the readers and the aggregates, each alone.
part_parts() {
  cargo bench --locked --bench policy --bench rows
}

# From process start to exit, for policies as people have them.
part_start() {
  python3 benches/processes.py start "$(binary)"
}

# How time and memory grow with the number of gates.
part_policies() {
  cargo bench --locked --bench write -- "$scratch" 1250 2500 5000 10000
  python3 benches/processes.py policies "$(binary)" "$scratch"
}

# A whole day of rows.
part_turns() {
  python3 benches/turns/run.py
}

[ $# -gt 0 ] || set -- parts start policies turns
for part in "$@"; do
  if ! declare -F "part_$part" > /dev/null; then
    echo "there is no part $part; there are: parts start policies turns" >&2
    exit 2
  fi
done
for part in "$@"; do
  echo "==== $part"
  # Not in a condition: there `set -e` would not stop at the first failure.
  "part_$part"
done
