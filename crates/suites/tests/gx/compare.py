"""Asks Great Expectations for its verdict on generated tables, and writes down what it says.

    python compare.py            writes tables/*.parquet, suites/*.json and recorded.json beside this file
    python compare.py --check    fails when Great Expectations says something else than what is recorded

It needs `great_expectations` 1.24 and `pyarrow`. Everything is seeded: the same versions write the same files. The test
`conformance.rs` translates each suite, judges each table and expects the verdicts of `recorded.json`.
"""

import itertools
import json
import logging
import math
import pathlib
import random
import re
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.data_context.types.base import ProgressBarsConfig
import pandas
import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
N_ROWS = 60


def tables():
    """Returns the tables by name: ordinary ones, and those on which a rule may say nothing."""
    rng = random.Random(20261122)
    usual = usual_table(rng, N_ROWS)
    return {
        "usual": usual,
        "clean": clean_table(rng, N_ROWS),
        "one_row": usual.slice(7, 1),
        "empty": usual.slice(0, 0),
        "nulls": pa.table({field.name: pa.nulls(5, field.type) for field in usual.schema}),
        "constant": pa.table({name: repeated(usual[name], 4) for name in usual.column_names}),
    }


def repeated(column, times):
    value = next((value for value in column.to_pylist() if value is not None), None)
    return pa.array([value] * times, column.type)


def with_holes(rng, values, share):
    return [None if rng.random() < share else value for value in values]


def usual_table(rng, n):
    """Has holes, NaN, copies, strangers and broken dates."""
    floats = [round(rng.gauss(5, 3), 2) for _ in range(n)]
    floats[3], floats[11] = math.nan, math.nan
    words = [rng.choice(["KC", "BUF", "SF", "DET", "OAK"]) for _ in range(n)]
    codes = [f"{rng.randint(2019, 2024)}_{rng.randint(1, 18):02d}_{rng.choice(words)}" for _ in range(n)]
    codes[5], codes[30] = "broken", "2024-99"
    dates = [f"{rng.randint(2019, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}" for _ in range(n)]
    dates[2], dates[40] = "2024-02-30", "yesterday"
    steps = sorted(rng.randint(0, 40) for _ in range(n))
    steps[20], steps[21] = steps[21] + 3, steps[20]
    instants = [1_700_000_000_000_000_000 + rng.randint(0, 30_000_000) * 1_000_000_000 for _ in range(n)]
    return pa.table(
        {
            "id": pa.array(range(1, n + 1), pa.int64()),
            "i": pa.array([rng.randint(-20, 60) for _ in range(n)], pa.int64()),
            "k": pa.array([rng.choice([1, 2, 2, 2, 3]) for _ in range(n)], pa.int64()),
            "m": pa.array(with_holes(rng, [rng.randint(0, 9) for _ in range(n)], 0.2), pa.int64()),
            "f": pa.array(with_holes(rng, floats, 0.1), pa.float64(), from_pandas=False),
            "g": pa.array([round(rng.uniform(0, 1), 3) for _ in range(n)], pa.float64()),
            "h": pa.array(with_holes(rng, [round(rng.uniform(0, 1), 3) for _ in range(n)], 0.15), pa.float64()),
            "step": pa.array(steps, pa.int64()),
            "s": pa.array(with_holes(rng, words, 0.1), pa.string()),
            "r": pa.array(words, pa.string()),
            "code": pa.array(codes, pa.string()),
            "day": pa.array(with_holes(rng, dates, 0.1), pa.string()),
            "t": pa.array(with_holes(rng, instants, 0.1), pa.timestamp("ns")),
            "b": pa.array([rng.random() < 0.5 for _ in range(n)], pa.bool_()),
        }
    )


def clean_table(rng, n):
    """Has nothing that a usual suite objects to."""
    days = [f"2024-{1 + at // 28:02d}-{1 + at % 28:02d}" for at in range(n)]
    whole = {
        "id": pa.array(range(1, n + 1), pa.int64()),
        "i": pa.array([rng.randint(0, 20) for _ in range(n)], pa.int64()),
        "k": pa.array([1, 2, 2, 3] * (n // 4), pa.int64()),
        "m": pa.array([rng.randint(0, 9) for _ in range(n)], pa.int64()),
        "f": pa.array([round(rng.uniform(1, 9), 2) for _ in range(n)], pa.float64()),
        "g": pa.array([round(rng.uniform(0, 1), 3) for _ in range(n)], pa.float64()),
        "h": pa.array([2.0] * n, pa.float64()),
        "step": pa.array(range(0, 2 * n, 2), pa.int64()),
        "s": pa.array(["KC", "BUF", "SF", "DET"] * (n // 4), pa.string()),
        "r": pa.array(["KC"] * n, pa.string()),
        "code": pa.array([f"2024_{1 + at % 18:02d}_KC" for at in range(n)], pa.string()),
        "day": pa.array(days, pa.string()),
        "t": pa.array([1_700_000_000_000_000_000 + at * 60_000_000_000 for at in range(n)], pa.timestamp("ns")),
        "b": pa.array([True] * n, pa.bool_()),
    }
    return pa.table(whole)


MOSTLY = [{}, {"mostly": 0.95}, {"mostly": 0.9}, {"mostly": 0.5}]
CONDITIONS = [
    {},
    {"row_condition": "k == 2", "condition_parser": "pandas"},
    {"row_condition": "i > 10 and s.notnull()", "condition_parser": "pandas"},
    {"row_condition": 's != "KC"', "condition_parser": "pandas"},
    {"row_condition": 'not (m > 5) or r in ["SF", "DET"]', "condition_parser": "pandas"},
    {"row_condition": "i > 1000", "condition_parser": "pandas"},
]


def each(names, variants, *more):
    """Crosses columns, kwargs and common kwargs; the common ones go round so that a suite stays small."""
    rounds = [itertools.cycle(kwargs) for kwargs in more]
    for name, variant in itertools.product(names.split(), variants):
        extra = {key: value for kwargs in rounds for key, value in next(kwargs).items()}
        yield {"column": name, **variant, **extra}


def bounds(*pairs):
    for low, high in pairs:
        both = {"min_value": low, "max_value": high}
        given = {key: value for key, value in both.items() if value is not None}
        yield given
        yield {**given, **{"strict_" + key[:3]: True for key in given}}


def values():
    """Expectations about each value of one column."""
    numbers = list(bounds((0, 10), (-20, 60), (None, 5.5), (1, None), (0.25, 0.75)))
    yield "not_be_null", each("i f m s t b h", MOSTLY, CONDITIONS)
    yield "be_null", each("i f m s h", MOSTLY, CONDITIONS)
    yield "be_between", each("i m f g k", numbers, MOSTLY, CONDITIONS)
    yield "be_between", each("r s day", bounds(("B", "L"), ("2020-01-01", "2023-12-31")), MOSTLY)
    yield "be_between", each("t", bounds(("2023-11-20", "2024-10-01"), ("2023-01-01T00:00:00", None)), MOSTLY)
    yield "be_between", each("s", bounds((0, 10)))
    yield "be_in_set", each("s r", [{"value_set": ["KC", "BUF", "SF", "DET"]}, {"value_set": ["KC"]}], MOSTLY, CONDITIONS)
    yield "be_in_set", each("k i m f", [{"value_set": [1, 2, 3]}, {"value_set": [2]}, {"value_set": [1.5, 2]}], MOSTLY)
    yield "be_in_set", each("b", [{"value_set": [True]}, {"value_set": [True, False]}])
    yield "be_in_set", each("k", [{"value_set": ["1", "2", "3"]}])
    yield "not_be_in_set", each("s r", [{"value_set": ["OAK"]}, {"value_set": ["KC", "SF"]}], MOSTLY, CONDITIONS)
    yield "not_be_in_set", each("k m", [{"value_set": [3]}, {"value_set": [7, 8]}], MOSTLY)
    yield "be_unique", each("id i f m s t code", MOSTLY[:3], CONDITIONS)
    yield "match_regex", each("code s r", [{"regex": r"^\d{4}_\d{2}_[A-Z]{2,3}$"}, {"regex": "[KS]"}, {"regex": "C$"}], MOSTLY, CONDITIONS)
    yield "match_regex", each("i k", [{"regex": r"^\d+$"}, {"regex": "2"}], MOSTLY)
    yield "not_match_regex", each("code s", [{"regex": "broken"}, {"regex": "^K"}], MOSTLY, CONDITIONS)
    for match_on in ("any", "all"):
        lists = [{"regex_list": ["^K", "F$"], "match_on": match_on}, {"regex_list": ["_"], "match_on": match_on}]
        yield "match_regex_list", each("code s", lists, MOSTLY)
    yield "not_match_regex_list", each("code s", [{"regex_list": ["broken", "-"]}, {"regex_list": ["^S"]}], MOSTLY)
    yield "match_strftime_format", each("day code", [{"strftime_format": "%Y-%m-%d"}], MOSTLY, CONDITIONS)
    yield "match_strftime_format", each("t i", [{"strftime_format": "%Y-%m-%d"}])
    strictly = [{}, {"strictly": True}]
    yield "be_increasing", each("step id i f t", strictly, MOSTLY)
    yield "be_decreasing", each("step id i m", strictly, MOSTLY)
    types = ["int64", "int", "float64", "float", "str", "object", "bool", "datetime64", "int32", "Timestamp"]
    yield "be_of_type", each("i g b", [{"type_": name} for name in types])
    yield "be_of_type", each("r", [{"type_": "str"}, {"type_": "int"}])
    lists = [["int64", "float64"], ["int", "float"], ["str"], ["bool", "int64"]]
    yield "be_in_type_list", each("i g r b", [{"type_list": names} for names in lists])


def lengths():
    yield "lengths_to_be_between", each("s r code", bounds((2, 3), (3, None), (None, 10)), MOSTLY, CONDITIONS)
    yield "lengths_to_be_between", each("i k", bounds((1, 2)), MOSTLY)
    yield "lengths_to_equal", each("s code k", [{"value": 2}, {"value": 10}, {"value": 1}], MOSTLY)


def aggregates():
    """Expectations about one number of a column."""
    low_high = list(bounds((0, 10), (-20, 60), (None, 4), (3, None), (2, 2)))
    for name in ("max", "min", "mean", "median", "stdev"):
        yield name + "_to_be_between", each("i m f g h k", low_high, CONDITIONS)
    yield "max_to_be_between", each("t", bounds(("2023-01-01", "2025-01-01"), (None, "2023-12-01")))
    yield "min_to_be_between", each("r day", bounds(("A", "Z"), (None, "2020")))
    yield "sum_to_be_between", each("i m f h", bounds((0, 1000), (-100, 200), (None, 0)), CONDITIONS)
    yield "unique_value_count_to_be_between", each("i k f s r b", bounds((1, 3), (5, None), (None, 60), (0, 0)), CONDITIONS)
    shares = list(bounds((0, 0.1), (0.05, 1), (1, 1)))
    yield "proportion_of_unique_values_to_be_between", each("id i f k s", shares, CONDITIONS)
    yield "proportion_of_non_null_values_to_be_between", each("id f m s", bounds((0.5, 1), (1, 1), (None, 0.9)), CONDITIONS)
    quantiles = [
        {"quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, 20]]}},
        {"quantile_ranges": {"quantiles": [0.1, 0.5, 0.9], "value_ranges": [[-20, 3], [0, 30], [None, 60]]}},
        {"quantile_ranges": {"quantiles": [0.25, 0.75], "value_ranges": [[2, 5], [5, None]]}},
        {"quantile_ranges": {"quantiles": [0.0, 1.0], "value_ranges": [[1, 2], [2, 3]]}},
    ]
    yield "quantile_values_to_be_between", each("i m f k g", quantiles, CONDITIONS)
    sets = [["KC", "BUF", "SF", "DET", "OAK"], ["KC", "BUF"], ["KC", "BUF", "SF", "DET"], ["LV"]]
    for name in ("be_in_set", "contain_set", "equal_set"):
        yield "distinct_values_to_" + name, each("s r", [{"value_set": names} for names in sets], CONDITIONS)
        yield "distinct_values_to_" + name, each("k m", [{"value_set": [1, 2, 3]}, {"value_set": [2]}])
    ties = [{}, {"ties_okay": True}, {"ties_okay": False}]
    modes = [{"value_set": ["KC", "OAK"], **tie} for tie in ties]
    yield "most_common_value_to_be_in_set", each("s r", modes, CONDITIONS)
    yield "most_common_value_to_be_in_set", each("k m id", [{"value_set": [2, 7], **tie} for tie in ties])


def of_table():
    """Expectations about the shape of the table, and about several columns of a row."""
    yield "table_row_count_to_be_between", list(bounds((1, 100), (None, 5), (60, None), (0, 0))) + [
        {"min_value": 10, **condition} for condition in CONDITIONS
    ]
    yield "table_row_count_to_equal", [{"value": n} for n in (0, 1, 4, 60)]
    yield "table_column_count_to_equal", [{"value": 14}, {"value": 13}]
    yield "table_column_count_to_be_between", list(bounds((1, 14), (14, None), (None, 13)))
    names = "id i k m f g h step s r code day t b".split()
    for exact in (None, True, False):
        sets = [names, names[::-1], names[1:], [*names, "extra"]]
        given = {} if exact is None else {"exact_match": exact}
        yield "table_columns_to_match_set", [{"column_set": columns, **given} for columns in sets]
    yield "table_columns_to_match_ordered_list", [{"column_list": c} for c in (names, names[::-1], names[:-1])]
    yield "column_to_exist", [{"column": "i"}, {"column": "nowhere"}, {"column": "i", "column_index": 1}]
    either = ["both_values_are_missing", "either_value_is_missing", "neither"]
    pairs = [{"column_A": a, "column_B": b} for a, b in (("i", "k"), ("m", "f"), ("h", "g"), ("s", "r"), ("k", "k"))]
    for pair, ignore, extra in itertools.product(pairs, either, ({}, {"or_equal": True, "mostly": 0.5})):
        yield "column_pair_values_a_to_be_greater_than_b", [{**pair, "ignore_row_if": ignore, **extra}]
    for pair, ignore, extra in itertools.product(pairs, either, ({}, {"mostly": 0.2})):
        yield "column_pair_values_to_be_equal", [{**pair, "ignore_row_if": ignore, **extra}]
    members = [[1, 1], [2, 2], [3, 3]]
    for ignore in either:
        pair = {"column_A": "k", "column_B": "m", "value_pairs_set": members, "ignore_row_if": ignore}
        yield "column_pair_values_to_be_in_set", [pair, {**pair, "column_B": "k"}, {**pair, "mostly": 0.1}]
    groups = [["id", "i"], ["k", "m"], ["s", "h"], ["m", "h", "f"]]
    for columns, ignore in itertools.product(groups, ["all_values_are_missing", "any_value_is_missing", "never"]):
        given = {"column_list": columns, "ignore_row_if": ignore}
        yield "compound_columns_to_be_unique", [given, {**given, "mostly": 0.5}]
        yield "select_column_values_to_be_unique_within_record", [given, {**given, "mostly": 0.5}]
        if "s" not in columns:
            yield "multicolumn_sum_to_equal", [{**given, "sum_total": 4}, {**given, "sum_total": 4, "mostly": 0.1}]
        yield "multicolumn_values_to_be_equal", [given, {**given, "mostly": 0.1}]


def suite():
    """Returns all the expectations, as pairs of a type and its kwargs."""
    named = [("expect_column_values_to_" + name, all_of) for name, all_of in values()]
    named += [("expect_column_value_" + name, all_of) for name, all_of in lengths()]
    named += [("expect_column_" + name, all_of) for name, all_of in aggregates()]
    named += [("expect_" + name, all_of) for name, all_of in of_table()]
    return [(name, kwargs) for name, all_of in named for kwargs in all_of]


def class_of(name):
    return getattr(gxe, "".join(word.capitalize() for word in name.split("_")).replace("ZScore", "ZScore"), None)


def configurations():
    """Returns the expectations that this Great Expectations accepts, as objects and as JSON."""
    accepted = []
    for name, kwargs in suite():
        kind = class_of(name)
        try:
            expectation = kind(**kwargs)
        except Exception:
            continue
        accepted.append(expectation)
    return accepted


def batch_of(table):
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
    return asset.add_batch_definition_whole_dataframe("b").get_batch(batch_parameters={"dataframe": table.to_pandas()})


def verdict(batch, expectation):
    result = batch.validate(expectation)
    raised = result.exception_info or {}
    raised = raised if "raised_exception" in raised else next(iter(raised.values()), {})
    return "error" if raised.get("raised_exception") else bool(result.success)


def as_json(expectations):
    entries = []
    for expectation in expectations:
        entry = expectation.configuration.to_json_dict()
        entries.append({key: entry[key] for key in ("type", "kwargs") if key in entry})
    lines = ",\n    ".join(json.dumps(entry) for entry in entries)
    meta = json.dumps({"great_expectations_version": gx.__version__})
    return f'{{\n  "name": "conformance",\n  "expectations": [\n    {lines}\n  ],\n  "meta": {meta}\n}}\n'


LETTERS = {True: "p", False: "f", "error": "e"}


def main():
    expectations = configurations()
    recorded = {"great_expectations": gx.__version__, "pandas": pandas.__version__, "verdicts": {}}
    for name, table in tables().items():
        batch = batch_of(table)
        recorded["verdicts"][name] = "".join(LETTERS[verdict(batch, each)] for each in expectations)
        print(name, {letter: recorded["verdicts"][name].count(letter) for letter in "pfe"}, file=sys.stderr)
    text = json.dumps(recorded, indent=2) + "\n"
    if "--check" in sys.argv:
        assert json.loads((HERE / "recorded.json").read_text())["verdicts"] == recorded["verdicts"]
        return
    (HERE / "tables").mkdir(exist_ok=True)
    for name, table in tables().items():
        pq.write_table(table, HERE / "tables" / f"{name}.parquet", compression="zstd", write_statistics=True)
    (HERE / "suite.json").write_text(as_json(expectations))
    (HERE / "recorded.json").write_text(text)


if __name__ == "__main__":
    main()
