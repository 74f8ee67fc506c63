"""Makes the table of `bench_drift`: 50 columns of 1 million floats, a tenth of them rounded, with 1 % of nulls."""

import sys

import numpy
import polars

ROWS, COLUMNS = 1_000_000, 50
random = numpy.random.default_rng(1)


def column(at):
    values = random.normal(at, 1 + at / 10, ROWS)
    values = numpy.round(values, 1) if at % 10 == 0 else values
    return polars.Series(f"x{at:02}", values).scatter(numpy.flatnonzero(random.random(ROWS) < 0.01), None)


polars.DataFrame([column(at) for at in range(COLUMNS)]).write_parquet(sys.argv[1], row_group_size=250_000)
