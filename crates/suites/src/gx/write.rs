//! From expectations to the text of a schema.

use std::sync::Arc;

use lockgate_spanned::{Node, Problem, Problems, Source};

use super::catalogue::{self, How};
use super::condition;
use super::kwargs::{Kwargs, Params};
use super::read::{self, Expectation, Suite};
use super::why::Why;
use crate::draft::{Draft, Field, Page, yaml_key};
use crate::translation::{Dialect, Options, Translation, Unmapped};
use crate::words::slug;

/// Translates a suite; `None` when it is not well formed.
pub(crate) fn translate(
    root: &Node,
    source: &Arc<Source>,
    options: &Options,
    problems: &mut Problems,
) -> Option<Translation> {
    let before = problems.len();
    let suite = read::read(root, source, problems)?;
    let is_broken = problems.len() > before;
    let params = Params { given: &options.params, own: &suite.params };
    let mut drafted = Vec::new();
    let mut unmapped = Vec::new();
    for expectation in &suite.expectations {
        let at = source.cite(expectation.span);
        match drafts(&Kwargs { expectation, source, params: &params }) {
            Ok(drafts) => drafted.push(Cited { at, expectation, drafts }),
            // A suite that is not well formed is not translated, and all that is wrong with it is told at once.
            Err(why) if is_broken => problems.push(not_mapped(expectation, source, &why)),
            Err(why) => unmapped.push(Unmapped { at, rule: expectation.ty.to_owned(), why: why.to_string() }),
        }
    }
    let (mapped, total) = (drafted.len(), suite.expectations.len());
    let (text, origins) = page(&suite, source, &drafted, &unmapped).finish();
    Some(Translation { dialect: Dialect::GreatExpectations, text, mapped, total, unmapped, origins })
}

fn not_mapped(expectation: &Expectation<'_>, source: &Arc<Source>, why: &Why) -> Problem {
    let message = format!("`{}` cannot be judged as it is: {why}", expectation.ty);
    let help = "leave it out, and say it in a rule of your own";
    Problem::new("suite::unmapped", source, expectation.span, message).help(help)
}

/// An expectation and the rules that say the same.
struct Cited<'a> {
    at: String,
    expectation: &'a Expectation<'a>,
    drafts: Vec<Draft>,
}

/// Returns the rules that say what an expectation says, or why there are none.
fn drafts(kwargs: &Kwargs<'_>) -> Result<Vec<Draft>, Why> {
    let known = catalogue::find(kwargs.expectation.ty)?;
    let translate = match known.how {
        How::By(translate) => translate,
        How::Not(why) => return Err(Why::Inexpressible(why)),
    };
    known.check(kwargs)?;
    let (when, mostly) = (condition::read(kwargs)?, kwargs.mostly()?);
    let mut drafts = translate(kwargs)?;
    for draft in &mut drafts {
        if let Some(when) = &when {
            draft.restrict(&when.text);
            draft.columns.extend(when.columns.iter().cloned());
        }
        draft.fields.extend(mostly.map(|share| ("mostly", Field::Word(share.to_string()))));
        let level = kwargs.expectation.level.written();
        draft.fields.extend(level.map(|level| ("level", Field::Word(level.to_owned()))));
        draft.fields.extend(kwargs.expectation.doc.iter().map(|doc| ("doc", Field::Text(doc.clone()))));
    }
    Ok(drafts)
}

fn page(suite: &Suite<'_>, source: &Source, drafted: &[Cited<'_>], unmapped: &[Unmapped]) -> Page {
    let mut page = Page::default();
    let total = drafted.len() + unmapped.len();
    page.line(format!("# From `{}`: {} of {total} expectations.", source.name(), drafted.len()));
    page.line(format!("schema: {}/1", slug(suite.name.unwrap_or("suite"))));
    page.line(
        "gx_compat: true          # null, NaN, shares and empty tables mean what they mean to Great Expectations",
    );
    page.line("extra_columns: allow");
    page.line("");
    columns(&mut page, drafted);
    if !drafted.is_empty() {
        page.line("");
        page.line("rules:");
    }
    for Cited { at, expectation, drafts } in drafted {
        page.line(format!("  # {at} {}", expectation.ty));
        for draft in drafts {
            page.rule(draft, at);
        }
    }
    for Unmapped { at, rule, why } in unmapped {
        page.line(format!("# Not translated: {at} {rule}: {}", one_line(why)));
    }
    page
}

/// Declares the columns that conditions name, in the order in which the suite names them first.
fn columns(page: &mut Page, drafted: &[Cited<'_>]) {
    let mut declared: Vec<String> = Vec::new();
    let named = |cited: &'_ Cited<'_>| {
        let columns = cited.drafts.iter().flat_map(|draft| draft.columns.clone());
        columns.map(|column| (cited.at.clone(), column)).collect::<Vec<_>>()
    };
    for (at, column) in drafted.iter().flat_map(named) {
        if declared.is_empty() {
            page.line("columns:");
        }
        if !declared.contains(&column) {
            page.cited(format!("  {}: any?", yaml_key(&column)), &at);
            declared.push(column);
        }
    }
    if declared.is_empty() {
        page.line("columns: {}");
    }
}

/// A kwarg may hold a line break, which would end the comment.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
