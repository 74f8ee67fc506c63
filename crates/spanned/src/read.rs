//! From text to tree, within limits.

use std::sync::Arc;

use crate::meaning::Meaning;
use crate::problem::{Problem, Problems};
use crate::raw::{Bare, Raw};
use crate::source::{Source, Span};
use crate::tree::Node;

/// What the stack of a thread takes in a build without optimisation, with room to spare.
const SHALLOW: usize = 32;

/// What [`DEEP_STACK`] takes; far less than what readers of JSON take, who may see the same values later.
const DEEP: usize = 100;

/// In bytes.
const DEEP_STACK: usize = 32 * 1024 * 1024;

/// Reads a whole document; an empty one is an empty mapping.
///
/// Text that is not YAML gives `None` and one problem. What is wrong with single values (a key that is given twice, a tag
/// that means nothing, a number that is none or needs more than 128 bits) gives a problem each at its place, and the tree
/// goes on: with the first of two keys, the value without its tag, the number as it is, the digits as a text.
pub fn read(source: &Arc<Source>, problems: &mut Problems) -> Option<Node> {
    match parse(source) {
        Ok(mut raw) => {
            if raw.value == Bare::Null {
                raw.value = Bare::Map(Vec::new());
            }
            Some(Meaning { source, problems }.node(raw))
        }
        Err(refusal) => {
            problems.push(refusal.problem(source));
            None
        }
    }
}

/// Reads deep texts on a stack of their own.
fn parse(source: &Source) -> Result<Raw, Refusal> {
    match parse_within(source, SHALLOW) {
        Err(Refusal { why: Why::Depth, .. }) => std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(DEEP_STACK);
            let deep = builder.spawn_scoped(scope, || parse_within(source, DEEP));
            let deep = deep.expect("a thread can be started");
            deep.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        }),
        result => result,
    }
}

fn parse_within(source: &Source, depth: usize) -> Result<Raw, Refusal> {
    serde_saphyr::from_str_with_options(source.text(), options(depth)).map_err(|error| Refusal::of(source, &error))
}

/// The default budget refuses an honest file of 20,000 stages; the limits on aliases stay, against exponential expansion.
fn options(max_depth: usize) -> serde_saphyr::Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        leading_zero_numbers_as_strings: true,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_events: 40_000_000,
            max_nodes: 20_000_000,
            max_depth: max_depth,
            max_total_scalar_bytes: 512 * 1024 * 1024,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPLAYED },
    }
}

/// How many values aliases may stand for, all together.
const MAX_REPLAYED: usize = 200_000;

/// Why a text gives no tree.
struct Refusal {
    why: Why,
    span: Span,
}

enum Why {
    Depth,
    /// More values, or longer texts, than are read.
    Size,
    Aliases,
    /// An alias that stands inside of what it repeats.
    Cycle,
    /// A value of another kind than the tag before it says.
    Tag,
    SecondDocument,
    /// Both sides of a merge that git left to be resolved.
    Conflict,
    /// In the words of the reader.
    Syntax(String),
}

impl Refusal {
    fn of(source: &Source, error: &serde_saphyr::Error) -> Self {
        let inner = error.without_snippet();
        let span = inner.location().map_or(Span::default(), |at| {
            let (line, column) = (usize::try_from(at.line()), usize::try_from(at.column()));
            Span { start: source.offset(line.unwrap_or(1), column.unwrap_or(1)), len: 1 }
        });
        match (why(inner), conflict_marker(source)) {
            (Why::Syntax(_), Some(span)) => Self { why: Why::Conflict, span },
            (why, _) => Self { why, span },
        }
    }

    fn problem(&self, source: &Arc<Source>) -> Problem {
        let name = source.name();
        let (code, message, help) = match &self.why {
            Why::Depth => (
                "yaml::limit",
                format!("`{name}` nests lists and mappings more than {DEEP} levels deep"),
                "nest them less, or keep what is below as a text or in a file of its own",
            ),
            Why::Size => (
                "yaml::limit",
                format!("`{name}` holds more than is read of one file"),
                "keep data in a file that the commands read, and only parameters here",
            ),
            Why::Aliases => (
                "yaml::limit",
                format!("the aliases of `{name}` (`*name`) stand for more than {MAX_REPLAYED} values"),
                "repeat less by aliases: name large values in one place, and do not nest aliases in what others repeat",
            ),
            Why::Cycle => (
                "yaml::cycle",
                format!("an alias of `{name}` stands inside of the value that it repeats"),
                "write the value without an alias to itself",
            ),
            Why::Tag => (
                "yaml::tag",
                format!("a value of `{name}` is not what the tag before it says"),
                "write a value of that kind, or remove the tag",
            ),
            Why::SecondDocument => (
                "yaml::syntax",
                format!("`{name}` is not valid YAML: it holds more than one document"),
                "keep one document, and remove the line `---` or `...` between them",
            ),
            Why::Conflict => (
                "yaml::syntax",
                format!("`{name}` has conflict markers of git"),
                "resolve the conflict, then run the command again",
            ),
            Why::Syntax(message) => (
                "yaml::syntax",
                format!("`{name}` is not valid YAML: {message}"),
                syntax_help(source, self.span, message),
            ),
        };
        Problem::new(code, source, self.span, message).help(help)
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the errors are those of the reader, which may get more")]
fn why(error: &serde_saphyr::Error) -> Why {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;
    match error {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => Why::Depth,
        Error::Budget {
            breach: BudgetBreach::Events { .. } | BudgetBreach::Nodes { .. } | BudgetBreach::ScalarBytes { .. },
            ..
        } => Why::Size,
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => Why::Aliases,
        Error::AliasError { error, .. } => why(error),
        Error::RecursiveReferencesRequireWeakTypes { .. } => Why::Cycle,
        Error::InvalidScalar { .. }
        | Error::InvalidBooleanStrict { .. }
        | Error::UnsupportedTag { .. }
        | Error::TaggedScalarCannotDeserializeIntoString { .. } => Why::Tag,
        other => syntax(&other.to_string()),
    }
}

fn syntax(message: &str) -> Why {
    let message = message.split(" at line ").next().unwrap_or(message).trim_end_matches(':');
    // The reader's own advice names its functions.
    if message.contains("multiple") && message.contains("document") {
        return Why::SecondDocument;
    }
    // It looks ahead to where a flow collection may end, and meets its own limit before that of its budget.
    if message.ends_with("recursion limit exceeded") {
        return Why::Depth;
    }
    Why::Syntax(message.to_owned())
}

/// Returns the place of the first line that git writes into a file whose merge it leaves to be resolved.
fn conflict_marker(source: &Source) -> Option<Span> {
    let is_marker = |line: &str| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>");
    let line = source.text().lines().position(is_marker)? + 1;
    Some(Span { start: source.offset(line, 1), len: "<<<<<<<".len() })
}

fn syntax_help(source: &Source, span: Span, message: &str) -> &'static str {
    let line = source.position(span.start).line;
    let text = source.text().lines().nth(line.saturating_sub(1)).unwrap_or_default();
    if text.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t') {
        "YAML is indented with spaces; replace the tab"
    } else if message.contains("a flow ") {
        "inside of `[…]` and `{…}`, quote a text that has one of `[]{},`"
    } else {
        "correct it here or on the lines before, such as a bracket, a quote or the indentation"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Value;

    fn tree(text: &str) -> (Option<Node>, Vec<String>) {
        let source = Source::new("t.yaml", text);
        let mut problems = Problems::default();
        let node = read(&source, &mut problems);
        problems.sort();
        (node, problems.iter().map(|p| format!("{} {}", p.cite(), p.message())).collect())
    }

    #[test]
    fn every_value_knows_its_place() {
        let text = "stages:\n  prep:\n    cmd: python prep.py\n    deps: [a.csv]\n";
        let (node, problems) = tree(text);
        assert_eq!(problems, Vec::<String>::new());
        let node = node.expect("the text is YAML");
        let cmd = node.get("stages").and_then(|n| n.get("prep")).and_then(|n| n.get("cmd")).expect("cmd is there");
        assert_eq!(&text[cmd.span.start..cmd.span.start + cmd.span.len], "python prep.py");
    }

    #[test]
    fn scalars_follow_yaml_1_2() {
        let kinds = |text: &str| tree(&format!("v: {text}")).0.and_then(|n| n.get("v").map(|n| n.value.clone()));
        assert_eq!(kinds("yes"), Some(Value::Str("yes".into())));
        assert_eq!(kinds("on"), Some(Value::Str("on".into())));
        assert_eq!(kinds("true"), Some(Value::Bool(true)));
        assert_eq!(kinds("0x1F"), Some(Value::Int(31)));
        assert_eq!(kinds("1e3"), Some(Value::Float(1000.0)));
        assert_eq!(kinds("12:30:45"), Some(Value::Str("12:30:45".into())));
        assert_eq!(kinds("~"), Some(Value::Null));
    }

    #[test]
    fn a_duplicate_key_is_reported_at_its_second_place() {
        let (node, problems) = tree("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n");
        assert_eq!(problems, ["t.yaml:4:3 key `c` is given twice", "t.yaml:5:1 key `a` is given twice"]);
        assert_eq!(node.and_then(|n| n.get("a").map(|n| n.value.clone())), Some(Value::Int(1)));
    }

    #[test]
    fn integers_keep_their_digits_up_to_128_bits() {
        let value = |text: &str| tree(&format!("v: {text}")).0.and_then(|n| n.get("v").map(|n| n.value.clone()));
        let check = |text: &str, expect: i128| assert_eq!(value(text), Some(Value::Int(expect)), "{text}");
        check("9223372036854775808", 1 << 63);
        check("18446744073709551616", 1 << 64);
        check("-123456789012345678901234567890", -123_456_789_012_345_678_901_234_567_890);
        check("+170141183460469231731687303715884105727", i128::MAX);
        assert_eq!(value("1.8446744073709551616e19"), Some(Value::Float(18_446_744_073_709_551_616.0)));
        let (node, problems) = tree("18446744073709551616: 1\n18446744073709551617: 2\n");
        assert_eq!(
            (node.and_then(|n| n.get("18446744073709551617").map(|n| n.value.clone())), problems),
            (Some(Value::Int(2)), vec![])
        );
        assert_eq!(
            tree("a:\n  - 170141183460469231731687303715884105728 # more\n").1,
            ["t.yaml:2:5 `170141183460469231731687303715884105728` needs more than 128 bits"]
        );
    }

    #[test]
    fn tags_of_yaml_mean_what_they_say_and_no_other_means_anything() {
        let value = |text: &str| tree(&format!("v: {text}")).0.and_then(|n| n.get("v").map(|n| n.value.clone()));
        assert_eq!(value("!!str 5"), Some(Value::Str("5".into())));
        assert_eq!(value("! 5"), Some(Value::Str("5".into())));
        assert_eq!(value("!<tag:yaml.org,2002:str> 0x10"), Some(Value::Str("0x10".into())));
        assert_eq!(value("!!int \"5\""), Some(Value::Int(5)));
        assert_eq!(value("!!float 5"), Some(Value::Float(5.0)));
        assert_eq!(value("!!bool true"), Some(Value::Bool(true)));
        assert_eq!(value("!!null ''"), Some(Value::Null));
        assert_eq!(
            value("!!seq [!!str 1]")
                .and_then(|v| if let Value::List(items) = v { items.into_iter().next() } else { None })
                .map(|n| n.value),
            Some(Value::Str("1".into()))
        );
        insta::assert_snapshot!(
            ["!foo 3", "!!set {a, b}", "!!python/object:x.Y {}", "!!int x", "!!bool yes", "!!map [1]", "!!binary aGk="]
                .map(|text| tree(&format!("v: {text}\n")).1.join("\n")).join("\n"),
            @"
        t.yaml:1:4 the tag `!foo` means nothing here
        t.yaml:1:4 the tag `!!set` means nothing here
        t.yaml:1:4 the tag `!!python/object:x.Y` means nothing here
        t.yaml:1:10 a value of `t.yaml` is not what the tag before it says
        t.yaml:1:11 a value of `t.yaml` is not what the tag before it says
        t.yaml:1:10 a value of `t.yaml` is not what the tag before it says
        t.yaml:1:4 the tag `!!binary` means nothing here
        ");
    }

    #[test]
    fn a_text_by_its_tag_stands_where_its_tag_does() {
        let text = "a: {v: !!str 5}\nb: &x !!str\n  6\nc: *x\n";
        let source = Source::new("t.yaml", text);
        let node = read(&source, &mut Problems::default()).expect("the text is YAML");
        let slice = |node: Option<&Node>| node.map(|node| source.slice(node.span).trim_end().to_owned());
        assert_eq!(slice(node.get("a").and_then(|n| n.get("v"))), Some("!!str 5".into()));
        assert_eq!(slice(node.get("b")), Some("!!str\n  6".into()));
        assert_eq!(slice(node.get("c")), Some("!!str\n  6".into()));
    }

    #[test]
    fn a_number_that_is_not_finite_is_told_and_read() {
        let (node, problems) = tree("a: .nan\nb: [-.inf, 1e400]\n");
        assert!(
            matches!(node.and_then(|n| n.get("a").map(|n| n.value.clone())), Some(Value::Float(value)) if value.is_nan())
        );
        assert_eq!(
            problems,
            [
                "t.yaml:1:4 `.nan` is not a finite number",
                "t.yaml:2:5 `-.inf` is not a finite number",
                "t.yaml:2:12 `1e400` is larger than any number of 64 bits",
            ]
        );
    }

    #[test]
    fn nesting_has_a_limit_within_the_stack() {
        for open in ["[", "{a: "] {
            let close = if open == "[" { "]" } else { "}" };
            let nested = |levels: usize| tree(&format!("a: {}{}", open.repeat(levels), close.repeat(levels))).1;
            assert_eq!(nested(DEEP - 1), Vec::<String>::new());
            for levels in [DEEP, 1_000, 100_000] {
                let problems = nested(levels);
                assert_eq!(problems.len(), 1);
                assert!(
                    problems[0].ends_with("`t.yaml` nests lists and mappings more than 100 levels deep"),
                    "{problems:?}"
                );
            }
        }
        let deep: String = (0..DEEP - 1).flat_map(|level| [" ".repeat(level), "a:\n".to_owned()]).collect();
        assert_eq!(tree(&deep).1, Vec::<String>::new());
    }

    #[test]
    fn an_alias_within_what_it_repeats_is_told_so() {
        assert_eq!(
            tree("a: &a [*a]\n").1,
            ["t.yaml:1:8 an alias of `t.yaml` stands inside of the value that it repeats"]
        );
    }

    #[test]
    fn an_expansion_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let refs = vec![format!("*a{}", level - 1); 10].join(", ");
            text = format!("{text}a{level}: &a{level} [{refs}]\n");
        }
        let problems = tree(&text).1;
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].ends_with("the aliases of `t.yaml` (`*name`) stand for more than 200000 values"),
            "{problems:?}"
        );
    }
}
