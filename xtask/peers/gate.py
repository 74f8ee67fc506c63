"""The eleven checks of the gate's benchmark, by a peer: `gate.py PEER TABLE`.

Each peer does them in the way that is fastest for it and ends with exit code 1 when one does not hold.
"""

import sys

ROWS = 10_000_000
TEAMS = [f"T{n:02}" for n in range(32)]
GAME_ID = r"\d{4}_\d{2}_[A-Z]\d{2}_[A-Z]\d{2}"
RANGES = {"season": (1999, 2030), "week": (1, 22), "spread": (-30.0, 30.0), "wp": (0.0, 1.0)}
EPA_MEAN = (-0.5, 0.5)


def by_polars(table):
    """One fused select on the streaming engine."""
    import polars as pl

    col = pl.col
    checks = {
        "rows": pl.len() == ROWS,
        "id not null": col("id").null_count() == 0,
        "id unique": col("id").n_unique() == pl.len(),
        "home in set": (~col("home").is_in(TEAMS)).sum() == 0,
        "teams differ": (col("home") == col("away")).sum() == 0,
        "epa not null": col("epa").null_count() == 0,
        "game_id matches": (~col("game_id").str.contains(f"^(?:{GAME_ID})$")).sum() == 0,
        "epa mean": col("epa").mean().is_between(*EPA_MEAN),
    }
    checks |= {name: (~col(name).is_between(*ends)).sum() == 0 for name, ends in RANGES.items()}
    asked = pl.scan_parquet(table).select(**checks)
    return asked.collect(engine="streaming").row(0, named=True)


def by_duckdb(table):
    """One query."""
    import duckdb

    teams = ", ".join(f"'{team}'" for team in TEAMS)
    checks = {
        "rows": f"count(*) = {ROWS}",
        "id not null": "count(*) = count(id)",
        "id unique": "count(DISTINCT id) = count(id)",
        "home in set": f"count(*) FILTER (home NOT IN ({teams})) = 0",
        "teams differ": "count(*) FILTER (home = away) = 0",
        "epa not null": "count(*) = count(epa)",
        "game_id matches": f"count(*) FILTER (NOT regexp_full_match(game_id, '{GAME_ID}')) = 0",
        "epa mean": f"avg(epa) BETWEEN {EPA_MEAN[0]} AND {EPA_MEAN[1]}",
    }
    checks |= {name: f"count(*) FILTER ({name} NOT BETWEEN {low} AND {high}) = 0" for name, (low, high) in RANGES.items()}
    columns = ", ".join(checks.values())
    answer = duckdb.sql(f"SELECT {columns} FROM read_parquet('{table}')").fetchall()[0]
    return dict(zip(checks, answer))


def by_pandera(table):
    """A schema on an eager frame of polars, all errors gathered."""
    import pandera.polars as pa
    import polars as pl

    between = {name: pa.Column(checks=pa.Check.in_range(*ends), nullable=True) for name, ends in RANGES.items()}
    whole = [
        pa.Check(lambda data: data.lazyframe.select(pl.col("home") != pl.col("away"))),
        pa.Check(lambda data: data.lazyframe.select(pl.len() == ROWS)),
        pa.Check(lambda data: data.lazyframe.select(pl.col("epa").mean().is_between(*EPA_MEAN))),
    ]
    schema = pa.DataFrameSchema(
        {
            "id": pa.Column(unique=True, nullable=False),
            "home": pa.Column(checks=pa.Check.isin(TEAMS), nullable=True),
            "epa": pa.Column(nullable=False),
            "game_id": pa.Column(checks=pa.Check.str_matches(f"^(?:{GAME_ID})$"), nullable=True),
            **between,
        },
        checks=whole,
    )
    schema.validate(pl.read_parquet(table), lazy=True)
    return {}


def by_gx(table):
    """A suite on a frame of pandas; booleans only, which is its cheapest result."""
    import great_expectations as gx
    import pandas as pd

    expect = gx.expectations
    suite = gx.ExpectationSuite(
        name="games",
        expectations=[
            expect.ExpectTableRowCountToEqual(value=ROWS),
            expect.ExpectColumnValuesToNotBeNull(column="id"),
            expect.ExpectColumnValuesToBeUnique(column="id"),
            expect.ExpectColumnValuesToBeInSet(column="home", value_set=TEAMS),
            expect.ExpectColumnValuesToNotBeNull(column="epa"),
            expect.ExpectColumnValuesToMatchRegex(column="game_id", regex=f"^(?:{GAME_ID})$"),
            expect.ExpectColumnMeanToBeBetween(column="epa", min_value=EPA_MEAN[0], max_value=EPA_MEAN[1]),
        ]
        + [
            expect.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
            for name, (low, high) in RANGES.items()
        ],
    )
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("games").add_dataframe_asset("games")
    batch = asset.add_batch_definition_whole_dataframe("games").get_batch({"dataframe": pd.read_parquet(table)})
    found = batch.validate(context.suites.add(suite), result_format="BOOLEAN_ONLY")
    return {result.expectation_config.type: result.success for result in found.results}


def main():
    peer, table = sys.argv[1:]
    outcome = {"polars": by_polars, "duckdb": by_duckdb, "pandera": by_pandera, "gx": by_gx}[peer](table)
    broken = [name for name, holds in outcome.items() if not holds]
    if broken:
        sys.exit(f"{peer}: {', '.join(broken)}")


if __name__ == "__main__":
    main()
