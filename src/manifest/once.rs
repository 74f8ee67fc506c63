//! One problem for one place, however many members of a group have it.

use std::collections::BTreeMap;

use lockgate_spanned::{Problem, Problems, Span};

/// The problems of a group's members, gathered by place.
pub(super) struct Once<'g> {
    /// The pipeline file: a mistake in another is nobody's.
    file: &'g str,
    group: &'g str,
    n_members: usize,
    n_added: usize,
    found: BTreeMap<Spot, Found>,
}

type Spot = (String, Span, &'static str);

struct Found {
    problem: Problem,
    /// The first member that has it.
    first: String,
    n_members: usize,
    last: usize,
}

impl<'g> Once<'g> {
    pub(super) fn of(file: &'g str, group: &'g str, n_members: usize) -> Self {
        Self { file, group, n_members, n_added: 0, found: BTreeMap::new() }
    }

    /// Adds the problems of the next member, which is called `member`.
    pub(super) fn add(&mut self, member: &str, problems: Problems) {
        self.n_added += 1;
        for problem in problems {
            let new = || Found { problem: problem.clone(), first: member.to_owned(), n_members: 0, last: 0 };
            let found = self.found.entry(spot(&problem)).or_insert_with(new);
            // One member may have the same twice, such as when a string is written with escapes.
            if found.last != self.n_added {
                found.last = self.n_added;
                found.n_members += 1;
            }
        }
    }

    /// Returns each problem once, saying for which members it is.
    pub(super) fn into_problems(self) -> Problems {
        let (file, group, total) = (self.file, self.group, self.n_members);
        let mut problems = Problems::default();
        for Found { problem, first, n_members, .. } in self.found.into_values() {
            let whose = match (n_members, total) {
                (_, 1) => String::new(),
                _ if problem.file() != file => String::new(),
                (n, total) if n == total => format!(" (in all {total} members of `{group}`)"),
                (1, total) => format!(" (in `{first}`, one of the {total} members of `{group}`)"),
                (n, total) => format!(" (in `{first}` and {} more of the {total} members of `{group}`)", n - 1),
            };
            problems.push(problem.and(&whose));
        }
        problems
    }
}

/// Keeps the first problem of each place and code, and says in it how many more there are.
pub(super) fn once_each(problems: Problems) -> Problems {
    let mut kept: Vec<(Problem, usize)> = Vec::new();
    let mut known: BTreeMap<Spot, usize> = BTreeMap::new();
    for problem in problems {
        let at = *known.entry(spot(&problem)).or_insert(kept.len());
        if let Some((_, more)) = kept.get_mut(at) {
            *more += 1;
        } else {
            kept.push((problem, 0));
        }
    }
    let mut problems = Problems::default();
    for (problem, more) in kept {
        let whose = if more == 0 { String::new() } else { format!(" (and {more} more like it)") };
        problems.push(problem.and(&whose));
    }
    problems
}

fn spot(problem: &Problem) -> Spot {
    (problem.file().to_owned(), problem.span(), problem.code())
}
