//! What the user sees.

use super::{Desk, csv, report};
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
         2024_02_KC_BUF,2,KC,1\n,3,GB,\"-31\"\n\"2024_3\u{1b}[2J\",3,GE,0\n",
    );
    assert_snapshot!(shown.screen(80), @"");
}
