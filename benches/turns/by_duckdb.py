#!/usr/bin/env python3
"""The nine figures of the benchmark by DuckDB. Use: by_duckdb.py ROWS.jsonl THREADS"""
import sys

import duckdb

COLUMNS = """{accepted: 'BOOLEAN', happy_path: 'BOOLEAN', turn_open_proposed_at_ms: 'BIGINT',
  turn_open_at_ms: 'BIGINT', first_output_at_ms: 'BIGINT', cancel_accepted_at_ms: 'BIGINT',
  cancel_fence_applied_at_ms: 'BIGINT', baseline_complete: 'BOOLEAN',
  accepted_stale_epoch_output: 'BOOLEAN', terminal_events: 'VARCHAR[]'}"""

QUERY = """SELECT
  quantile_disc(turn_open_at_ms - turn_open_proposed_at_ms, 0.95) FILTER (accepted),
  quantile_disc(first_output_at_ms - turn_open_at_ms, 0.95) FILTER (happy_path),
  quantile_disc(cancel_fence_applied_at_ms - cancel_accepted_at_ms, 0.95)
    FILTER (cancel_accepted_at_ms IS NOT NULL),
  count(*) FILTER (accepted AND accepted_stale_epoch_output),
  count(*) FILTER (accepted),
  count(*) FILTER (accepted AND baseline_complete),
  count(*) FILTER (accepted AND terminal_events IN (['commit', 'close'], ['abort', 'close'])),
  quantile_disc(first_output_at_ms - turn_open_proposed_at_ms, [0.5, 0.95])
FROM read_json('{rows}', format = 'newline_delimited', columns = {columns})"""

rows, threads = sys.argv[1], int(sys.argv[2])
connection = duckdb.connect()
connection.execute(f"SET threads = {threads}")
query = QUERY.replace("{rows}", rows.replace("'", "''")).replace("{columns}", COLUMNS)
found = connection.execute(query).fetchone()
print(*found[:7], *found[7])
