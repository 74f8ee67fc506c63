//! What the user sees.

use super::{Desk, csv, schema};
use crate::{Given, Input, State, check};
use insta::assert_snapshot;

const GAMES: &str = "\
schema: games/1
key: [game_id]
rows: 8..300
columns:
  game_id: str /\\d{4}_\\d{2}_[A-Z]{2,3}_[A-Z]{2,3}/
  week:    i8 1..22
  home:    str in [KC, BUF, DET, GB]
  spread:  f64? -30..30
";

#[test]
fn a_broken_table_is_shown_rule_by_rule() {
    let shown = csv(
        GAMES,
        "game_id,week,home,spread\n2024_01_KC_BUF,1,KC,3.5\n2024_99_DET_GB,99,DET,\n2024_02_KC_BUF,two,OAK,NaN\n\
         2024_02_KC_BUF,2,KC,1\n,3,GB,\"-31\"\n\"2024_3\u{1b}[2J\",3,BUFF,0\n",
    );
    assert_snapshot!(shown.screen(80), @r"
    ✗ rows  8..300                                                        s.yaml:3
        observed  6 rows

    ✗ key [game_id]  unique                                               s.yaml:2
        observed  2 rows in 1 duplicate group
        row  line  game_id
          3     4  2024_02_KC_BUF
          4     5  2024_02_KC_BUF

    ✗ game_id  not null                                                   s.yaml:5
        observed  1 of 6 rows null (16.7 %, allowed 0)
        row  line  game_id
          5     6     null

    ✗ game_id  matches /\d{4}_\d{2}_[A-Z]{2,3}_[A-Z]{2,3}/                s.yaml:5
        observed  1 of 5 values without a match (20 %, allowed 0)
        row  line  game_id
          6     7  2024_3\u{1b}[2J

    ✗ week  type i8                                                       s.yaml:6
        observed  1 of 6 values not i8 (16.7 %, allowed 0)
        row  line  game_id         week
          3     4  2024_02_KC_BUF  two

    ✗ week  range 1..22                                                   s.yaml:6
        observed  max 99, 1 of 5 values outside (20 %, allowed 0)
        row  line  game_id         week
          2     3  2024_99_DET_GB    99

    ✗ home  in [KC, BUF, DET, GB]                                         s.yaml:7
        observed  2 of 6 rows not in the set (33.3 %, allowed 0)
        row  line  game_id          home
          3     4  2024_02_KC_BUF   OAK
          6     7  2024_3\u{1b}[2J  BUFF

    ✗ spread  range -30..30                                               s.yaml:8
        observed  min -31, 1 NaN, 2 of 5 values outside (40 %, allowed 0)
        row  line  game_id         spread
          3     4  2024_02_KC_BUF     NaN
          5     6  null               -31
    ");
}

#[test]
fn a_narrow_screen_is_kept_to() {
    let long = "x".repeat(300);
    let shown = csv(
        &format!("key: [a, b]\ncolumns:\n  a: str in [{long}]\n  b: str /y+/\n  c: i8 1..2\n"),
        &format!("a,b,c\n{long}é,日本語日本語日本語日本語日本語日本語日本語,3\n"),
    );
    for width in [10, 40, 41, 60, 80, 200] {
        let screen = shown.screen(width);
        let widest = screen.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap_or(0);
        assert!(widest <= width.max(40), "{width}: {widest}\n{screen}");
    }
    assert_snapshot!(shown.screen(60), @"
    ✗ a  in [xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
        s.yaml:3
        observed  1 of 1 row not in the set (100 %, allowed 0)
        row  line  a                      b
          1     2  xxxxxxxxxxxxxxxxxxxx…  日本語日本語日本語…

    ✗ b  matches /y+/                                 s.yaml:4
        observed  1 of 1 row without a match (100 %, allowed
                  0)
        row  line  a                      b
          1     2  xxxxxxxxxxxxxxxxxxxx…  日本語日本語日本語…

    ✗ c  range 1..2                                   s.yaml:5
        observed  max 3, 1 of 1 row outside (100 %, allowed 0)
        row  line  a                    b                    c
          1     2  xxxxxxxxxxxxxxxxxx…  日本語日本語日本語…  3
    ");
}

#[test]
fn what_a_terminal_would_obey_is_escaped() {
    let shown = csv("columns:\n  \"a\\e[31m\": str in [x]\n", "a\u{1b}[31m\n\"a\u{202e}b\r\n\u{7}\"\n");
    let screen = shown.screen(100);
    assert!(!screen.contains(|c: char| c.is_control() && c != '\n') && !screen.contains('\u{202e}'), "{screen}");
    assert_snapshot!(screen, @r"
    ✗ a\u{1b}[31m  in [x]                                                                     s.yaml:2
        observed  1 of 1 row not in the set (100 %, allowed 0)
        row  line  a\u{1b}[31m
          1     2  a\u{202e}b\r\n\u{7}
    ");
}

#[test]
fn nothing_is_shown_of_a_table_that_passes() {
    assert_eq!(csv("columns: {a: i8 1..2}\n", "a\n1\n").screen(80), "");
}

#[test]
fn a_warning_and_a_table_among_several_are_named() {
    let desk = Desk::new();
    let one = desk.file("one.csv", "a\n1\n9\n");
    let two = desk.file("two.csv", "a\n\n");
    let inputs = [Input { name: "data/one.csv", path: &one }, Input { name: "data/two.csv", path: &two }];
    let schema = schema("columns:\n  a: {type: i8?, range: 1..2, allow: 10%, level: warn}\n");
    let shown = check(&schema, &inputs, &Given::default()).expect("both are tables");
    assert_snapshot!(shown.screen(80), @"
    ! a  range 1..2  (warn)  in data/one.csv                              s.yaml:2
        observed  max 9, 1 of 2 rows outside (50 %, allowed 10 %)
        row  line  a
          2     3  9

    ? a  range 1..2  (inconclusive)  in data/two.csv                      s.yaml:2
        observed  no value to judge in 1 row: one would be enough
    ");
    assert_eq!(shown.state, State::Warn);
}
