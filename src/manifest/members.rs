//! `foreach` and `matrix`: one entry of `stages` that stands for many nodes, each with a name of its own: `train@a`.

use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;
use lockgate_spanned::{Key, Node as Tree, Span, Value as Yaml, acts_on_a_terminal};

use super::context::{Member, Scope};
use super::datum::{Datum, Entries, Shape, key_text};
use super::once::Once;
use super::report::Report;
use super::resolve::{Resolved, resolve_data, resolved_key};
use super::stage::{Bench, Lowered};
use crate::words::text::plural;

/// More than that of one entry is a slip in a matrix, not a plan.
const MOST: usize = 100_000;

/// A member that is to be made: what stands after the `@` of its name, and what its templates see.
struct Making {
    name: String,
    member: Member,
}

/// One of the values that an iterable gives, and where it was written.
struct Choice {
    value: Rc<Datum>,
    /// The scalar as it stands in names; a list or mapping has none.
    name: Option<String>,
    span: Span,
}

/// What `foreach` or a variable of `matrix` goes through.
enum Iterable {
    List(Vec<Choice>),
    Map(Vec<(String, Choice)>),
    Scalar(Rc<Datum>),
}

impl Bench<'_> {
    /// Lowers one entry of `stages`: to one node, or to each member of a group.
    pub(super) fn entry(&mut self, key: &Key, body: Tree) -> Vec<Lowered> {
        self.report.check_name(key);
        if body.get("foreach").or_else(|| body.get("do")).is_some() {
            return self.foreach(key, body);
        }
        if body.get("matrix").is_some() {
            return self.matrix(key, body);
        }
        let lowered = self.lower(key, body, &Scope::global(&self.globals));
        self.report.holes |= lowered.is_none();
        lowered.into_iter().collect()
    }

    fn foreach(&mut self, key: &Key, group: Tree) -> Vec<Lowered> {
        let Some((iterable, mut body)) = self.report.foreach_parts(key, group) else {
            self.report.holes = true;
            return Vec::new();
        };
        self.report.refuse_nested(key, &mut body);
        let scope = Scope::global(&self.globals);
        let Some(values) = self.report.iterable(&iterable, &scope) else {
            self.report.holes = true;
            return Vec::new();
        };
        let Some(makings) = self.report.each(key, iterable.span, values) else { return Vec::new() };
        self.members(key, &body, iterable.span, makings)
    }

    fn matrix(&mut self, key: &Key, mut body: Tree) -> Vec<Lowered> {
        let Yaml::Map(entries) = &mut body.value else { unreachable!("it has a key") };
        let at = entries.iter().position(|(key, _)| key.text == "matrix").expect("it has the key");
        let (_, matrix) = entries.remove(at);
        let scope = Scope::global(&self.globals);
        let axes = self.report.axes(key, &matrix, &scope);
        let Some(makings) = axes.and_then(|axes| self.report.combinations(key, matrix.span, &axes)) else {
            self.report.holes = true;
            return Vec::new();
        };
        self.members(key, &body, matrix.span, makings)
    }

    /// Lowers the body once for each member. A mistake in it is one problem, however many members have it.
    fn members(&mut self, key: &Key, body: &Tree, span: Span, makings: Vec<Making>) -> Vec<Lowered> {
        if makings.is_empty() {
            self.report.check_body(body, &format!("stage `{}`", key.text));
            return Vec::new();
        }
        self.report.warn_of_shadows(&makings[0].member, &self.globals, span, &key.text);
        let before = (std::mem::take(&mut self.report.problems), std::mem::take(&mut self.report.warnings));
        let source = self.report.source.clone();
        let once = || Once::of(source.name(), &key.text, makings.len());
        let (mut problems, mut warnings) = (once(), once());
        let mut lowered = Vec::with_capacity(makings.len());
        for Making { name, member } in makings {
            let text = format!("{}@{name}", key.text);
            let scope = Scope { context: Rc::clone(&self.globals), member: Some(member) };
            let node = self.lower(&Key { text: text.clone(), ..key.clone() }, body.clone(), &scope);
            self.report.holes |= node.is_none();
            lowered.extend(node);
            problems.add(&text, std::mem::take(&mut self.report.problems));
            warnings.add(&text, std::mem::take(&mut self.report.warnings));
        }
        (self.report.problems, self.report.warnings) = before;
        self.report.problems.extend(problems.into_problems());
        self.report.warnings.extend(warnings.into_problems());
        lowered
    }
}

impl Report {
    /// Returns the values of `foreach` and `do`; `None` when one is missing. What stands beside them is reported.
    fn foreach_parts(&mut self, key: &Key, group: Tree) -> Option<(Tree, Tree)> {
        let Yaml::Map(entries) = group.value else { unreachable!("it has a key") };
        let (mut foreach, mut body) = (None, None);
        for (part, value) in entries {
            match part.text.as_str() {
                "foreach" => foreach = Some(value),
                "do" => body = Some(value),
                "matrix" => {
                    let message = format!("stage `{}` has both `foreach` and `matrix`", key.text);
                    let help = "keep one: `matrix` with one variable more says what `foreach` says";
                    self.push(self.at("foreach::beside", part.span, message).help(help));
                }
                other => {
                    let message = format!("`{other}` stands beside `foreach` of stage `{}`", key.text);
                    let problem = self.at("foreach::beside", part.span, message);
                    self.push(problem.help(format!("move it below `do`, where `{other}` of each member is")));
                }
            }
        }
        match (foreach, body) {
            (Some(foreach), Some(body)) => Some((foreach, body)),
            (Some(_), None) => {
                let message = format!("stage `{}` has `foreach` but no `do`", key.text);
                let help = "write the stage that each item gives below `do:`, with `${item}` in it";
                self.push(self.at("foreach::no-do", key.span, message).help(help));
                None
            }
            (None, _) => {
                let message = format!("stage `{}` has `do` but no `foreach`", key.text);
                let help = "add `foreach:` with a list or mapping, or move what is below `do` one level up";
                self.push(self.at("foreach::alone", key.span, message).help(help));
                None
            }
        }
    }

    /// Takes groups out of the body of a group.
    fn refuse_nested(&mut self, key: &Key, body: &mut Tree) {
        let Yaml::Map(entries) = &mut body.value else { return };
        let is_group = |key: &Key| matches!(key.text.as_str(), "foreach" | "do" | "matrix");
        for (part, _) in entries.extract_if(.., |(part, _)| is_group(part)) {
            let message = format!("`{}` stands inside of `do` of stage `{}`", part.text, key.text);
            let help = "one entry makes one group: for combinations, write `matrix` in place of `foreach` and `do`";
            self.push(self.at("foreach::nested", part.span, message).help(help));
        }
    }

    /// Checks what can be checked of a body of which there is no member.
    fn check_body(&mut self, body: &Tree, subject: &str) {
        self.open_node(body, subject);
        self.check_expressions(body);
    }

    fn warn_of_shadows(&mut self, member: &Member, globals: &super::context::Context, span: Span, group: &str) {
        for name in member.names() {
            let Some(place) = globals.place_of(name) else { continue };
            let message = format!("`{name}` is set in {}, and is another in the members of `{group}`", place.cite());
            let problem = self.at("members::shadow", span, message).warning();
            self.warnings
                .push(problem.help(format!("rename it there if the members need it: `${{{name}}}` is theirs")));
        }
    }

    /// Returns what `node` goes through. `None` was reported.
    fn iterable(&mut self, node: &Tree, scope: &Scope) -> Option<Iterable> {
        match &node.value {
            Yaml::List(items) => {
                let choices: Vec<_> = items.iter().map(|item| self.choice(item, item.span, scope)).collect();
                choices.into_iter().collect::<Option<_>>().map(Iterable::List)
            }
            Yaml::Map(entries) => {
                let entry = |(key, value): &(Key, Tree)| {
                    let text = resolved_key(key, scope, self).unwrap_or_else(|| key_text(key));
                    Some((text, self.choice(value, key.span, scope)?))
                };
                let choices: Vec<_> = entries.iter().map(entry).collect();
                choices.into_iter().collect::<Option<_>>().map(Iterable::Map)
            }
            Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) => {
                let resolved = resolve_data(node, scope, self)?;
                let named = |value: &Rc<Datum>| Choice::named(value, node.span);
                Some(match &resolved.datum().shape {
                    Shape::List(items) => Iterable::List(items.iter().map(named).collect()),
                    Shape::Map(entries) => {
                        Iterable::Map(entries.iter().map(|(key, value)| (key.clone(), named(value))).collect())
                    }
                    Shape::Null | Shape::Bool(_) | Shape::Int(_) | Shape::Float(_) | Shape::Str(_) => {
                        Iterable::Scalar(Rc::clone(resolved.datum()))
                    }
                })
            }
        }
    }

    fn choice(&mut self, node: &Tree, span: Span, scope: &Scope) -> Option<Choice> {
        Some(match resolve_data(node, scope, self)? {
            Resolved::Written(value) => Choice { name: value.rendered(), value, span },
            Resolved::Named(value) => Choice::named(&value, span),
        })
    }

    /// Returns the members that `foreach` gives; `None` was reported.
    fn each(&mut self, key: &Key, span: Span, values: Iterable) -> Option<Vec<Making>> {
        let named: Vec<(String, Choice, bool)> = match values {
            // One composite among them, and all are told apart by their number.
            Iterable::List(items) if items.iter().any(|item| item.name.is_none()) => {
                items.into_iter().enumerate().map(|(index, item)| (index.to_string(), item, false)).collect()
            }
            Iterable::List(items) => {
                items.into_iter().map(|item| (item.name.clone().unwrap_or_default(), item, false)).collect()
            }
            Iterable::Map(entries) => entries.into_iter().map(|(key, item)| (key, item, true)).collect(),
            Iterable::Scalar(datum) => {
                self.refuse_scalar(&datum, span, &format!("`foreach` of stage `{}`", key.text));
                self.holes = true;
                return None;
            }
        };
        let mut makings: IndexMap<String, Making> = IndexMap::new();
        for (name, item, has_key) in named {
            if !self.is_sayable(&name, item.span, &format!("`foreach` of stage `{}`", key.text)) {
                continue;
            }
            let key_of = |text: &str| Rc::new(Datum::new(&self.source, item.span, Shape::Str(text.to_owned())));
            let member = Member { item: item.value, key: has_key.then(|| key_of(&name)) };
            if makings.insert(name.clone(), Making { name: name.clone(), member }).is_some() {
                self.warn_of_twice(&name, item.span, &format!("`foreach` of stage `{}`", key.text));
            }
        }
        Some(makings.into_values().collect())
    }

    fn refuse_scalar(&mut self, datum: &Datum, span: Span, what: &str) {
        let set = if datum.place.source == self.source && datum.place.span == span {
            String::new()
        } else {
            format!(" ({})", datum.place.cite())
        };
        let message = format!("{what} is {}{set}, not a list or a mapping", datum.kind());
        let help = "write a list such as `[a, b]`, or name one: `${models}`";
        self.push(self.at("foreach::kind", span, message).help(help));
    }

    /// Whether the command line and the terminal can say a name; if not, that is reported.
    fn is_sayable(&mut self, name: &str, span: Span, what: &str) -> bool {
        let is_sayable = !name.chars().any(acts_on_a_terminal);
        if !is_sayable {
            self.holes = true;
            let message = format!("`{}` of {what} has a control character, and names a member", name.escape_debug());
            let help = "give the members names by the keys of a mapping: `foreach: {short: \"…\"}`";
            self.push(self.at("members::name", span, message).help(help));
        }
        is_sayable
    }

    fn warn_of_twice(&mut self, name: &str, span: Span, what: &str) {
        let message = format!("`{name}` is given twice in {what}, which makes one member of it");
        let problem = self.at("members::twice", span, message).label("again here").warning();
        self.warnings.push(problem.help("remove one of the two"));
    }

    /// Returns the variables of a matrix with their values; `None` was reported.
    fn axes(&mut self, key: &Key, matrix: &Tree, scope: &Scope) -> Option<Vec<Axis>> {
        let Some(entries) = matrix.as_map().filter(|entries| !entries.is_empty()) else {
            let kind = if matrix.as_map().is_some() { "empty" } else { matrix.value.kind() };
            let message = format!("`matrix` of stage `{}` is {kind}, not a mapping of names to lists", key.text);
            let help = "write `matrix: {NAME: [VALUE, …]}`, and use `${item.NAME}`";
            self.push(self.at("matrix::kind", matrix.span, message).help(help));
            return None;
        };
        let axes: Vec<_> = entries.iter().map(|(name, values)| self.variable(key, name, values, scope)).collect();
        axes.into_iter().collect()
    }

    fn variable(&mut self, key: &Key, name: &Key, values: &Tree, scope: &Scope) -> Option<Axis> {
        let what = format!("`{}` in `matrix` of stage `{}`", name.text, key.text);
        let name_given = resolved_key(name, scope, self).unwrap_or_else(|| key_text(name));
        let given = match self.iterable(values, scope)? {
            Iterable::List(items) => items,
            // DVC goes through the keys of a mapping that an expression names.
            Iterable::Map(entries) if !matches!(values.value, Yaml::Map(_)) => {
                let key_of = |text: String, span| {
                    let value = Rc::new(Datum::new(&self.source, span, Shape::Str(text.clone())));
                    Choice { value, name: Some(text), span }
                };
                entries.into_iter().map(|(text, choice)| key_of(text, choice.span)).collect()
            }
            Iterable::Map(_) => {
                let problem = self.wrong_kind(values, format_args!("{what}"), "a list");
                self.push(problem.help("write its values as a list: `[a, b]`"));
                return None;
            }
            Iterable::Scalar(datum) => {
                self.refuse_scalar(&datum, values.span, &what);
                return None;
            }
        };
        let mut picks: Vec<Pick> = Vec::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (index, Choice { value, name, span }) in given.into_iter().enumerate() {
            let Some(text) = name else {
                picks.push(Pick { value, fragment: format!("{name_given}{index}") });
                continue;
            };
            if !self.is_sayable(&text, span, &what) {
                continue;
            }
            if let Some(first) = seen.get(&text) {
                self.warn_of_twice(&text, span, &what);
                picks[*first].value = value;
            } else {
                seen.insert(text.clone(), picks.len());
                picks.push(Pick { value, fragment: text });
            }
        }
        Some(Axis { name: name_given, picks })
    }

    /// Returns one member for each combination, the last variable varying fastest; `None` was reported.
    fn combinations(&mut self, key: &Key, span: Span, axes: &[Axis]) -> Option<Vec<Making>> {
        let total = axes.iter().try_fold(1_usize, |total, axis| total.checked_mul(axis.picks.len()));
        let Some(total) = total.filter(|total| *total <= MOST) else {
            let message = format!("`matrix` of stage `{}` has more than {MOST} combinations", key.text);
            self.push(self.at("matrix::size", span, message).help("remove values or variables"));
            return None;
        };
        let mut makings: IndexMap<String, usize> = IndexMap::with_capacity(total);
        let mut clashes = Vec::new();
        for nth in 0..total {
            let name = name_of(axes, nth);
            if let Some(first) = makings.get(&name) {
                clashes.push((name, *first, nth));
            } else {
                makings.insert(name, nth);
            }
        }
        if let [(name, first, second), others @ ..] = clashes.as_slice() {
            let [first, second] = [*first, *second].map(|nth| said(axes, nth));
            let more = match others.len() {
                0 => String::new(),
                n => format!(", and {} more", plural(n, "combination")),
            };
            let message =
                format!("`{first}` and `{second}` of `matrix` have the same name, `{}@{name}`{more}", key.text);
            let help = "change a value so that the names differ: values are joined with `-`";
            self.push(self.at("matrix::collision", span, message).help(help));
            return None;
        }
        Some(makings.into_iter().map(|(name, nth)| self.combination(span, axes, name, nth)).collect())
    }

    fn combination(&self, span: Span, axes: &[Axis], name: String, nth: usize) -> Making {
        let values = picked(axes, nth).map(|(axis, pick)| (axis.name.clone(), Rc::clone(&pick.value)));
        let item = Rc::new(Datum::new(&self.source, span, Shape::Map(values.collect::<Entries>())));
        let key = Some(Rc::new(Datum::new(&self.source, span, Shape::Str(name.clone()))));
        Making { name, member: Member { item, key } }
    }
}

impl Choice {
    /// A value that an expression named; Python writes the booleans among them its own way.
    fn named(value: &Rc<Datum>, span: Span) -> Self {
        Self { name: value.in_python(), value: Rc::clone(value), span }
    }
}

/// A variable of a matrix.
struct Axis {
    name: String,
    picks: Vec<Pick>,
}

/// A value of a variable, and what it adds to a name: lists and mappings are told apart by their number.
struct Pick {
    value: Rc<Datum>,
    fragment: String,
}

/// Returns the value of each variable in the `nth` combination.
fn picked(axes: &[Axis], nth: usize) -> impl Iterator<Item = (&Axis, &Pick)> {
    let mut below: usize = axes.iter().map(|axis| axis.picks.len()).product();
    axes.iter().map(move |axis| {
        below /= axis.picks.len();
        (axis, &axis.picks[nth / below % axis.picks.len()])
    })
}

fn name_of(axes: &[Axis], nth: usize) -> String {
    picked(axes, nth).map(|(_, pick)| pick.fragment.as_str()).collect::<Vec<_>>().join("-")
}

fn said(axes: &[Axis], nth: usize) -> String {
    picked(axes, nth).map(|(axis, pick)| format!("{}={}", axis.name, pick.fragment)).collect::<Vec<_>>().join(", ")
}
