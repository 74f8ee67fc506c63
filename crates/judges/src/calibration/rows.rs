//! Probabilities and outcomes, read from the columns of a table; what is neither is an error with its row.

use lockgate_contract::{ColumnKind, TableFile};

use crate::JudgeError;
use crate::error::Misfit;
use crate::words::three_digits;

/// Probabilities may be written with few digits; what sums to less or more than this misses a class.
const SUM_TOLERANCE: f64 = 0.01;

/// A table and how many of its last rows count.
pub struct Reading<'a> {
    pub table: &'a TableFile,
    pub name: &'a str,
    pub window: Option<u64>,
}

/// Probabilities of one event and what came of them, in the order of the rows.
pub struct Rows {
    pub pairs: Vec<(f64, bool)>,
    /// Rows without a probability or an outcome.
    pub missing: u64,
}

/// Probabilities of all classes, and which class it was, in the order of the rows.
pub struct ClassRows {
    rows: Vec<(Vec<f64>, usize)>,
    missing: u64,
}

impl ClassRows {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Says whether it was the same class in all rows.
    pub fn are_alike(&self) -> bool {
        self.rows.windows(2).all(|pair| pair[0].1 == pair[1].1)
    }

    /// One class against the rest.
    pub fn of_class(&self, class: usize) -> Rows {
        let pairs = self.rows.iter().map(|(all, was)| (all[class], *was == class)).collect();
        Rows { pairs, missing: self.missing }
    }

    /// The class that was most probable, and whether it was that.
    ///
    /// Of equal probabilities it is the first: any rule would do, as long as it does not look at the outcome.
    pub fn most_probable(&self) -> Rows {
        let top = |(all, was): &(Vec<f64>, usize)| {
            let best = (0..all.len()).rev().max_by(|one, other| all[*one].total_cmp(&all[*other])).unwrap_or(0);
            (all[best], best == *was)
        };
        Rows { pairs: self.rows.iter().map(top).collect(), missing: self.missing }
    }

    /// The score as Brier has it: the mean over the rows of the squared errors of all classes, within [0, 2].
    pub fn brier(&self) -> f64 {
        let squared = |p: f64, happened: bool| (p - f64::from(u8::from(happened))).powi(2);
        let of_row = |(all, was): &(Vec<f64>, usize)| {
            all.iter().enumerate().map(|(class, p)| squared(*p, class == *was)).sum::<f64>()
        };
        self.rows.iter().map(of_row).sum::<f64>() / self.rows.len() as f64
    }
}

impl Reading<'_> {
    /// Reads the predictions of one event.
    pub fn event(&self, probability: &str, outcome: &str, event: Option<&str>) -> Result<Rows, JudgeError> {
        let happened = match event {
            Some(event) => {
                let is_event = |text: Option<String>| text.map(|text| text == event);
                self.table.texts(outcome)?.into_iter().map(is_event).collect()
            }
            None => self.flags(outcome)?,
        };
        let probabilities = self.probabilities(&[probability])?.remove(0);
        let mut rows = Rows { pairs: Vec::new(), missing: 0 };
        for (p, happened) in probabilities.into_iter().zip(happened) {
            match (p, happened) {
                (Some(p), Some(happened)) => rows.pairs.push((p, happened)),
                (None, _) | (_, None) => rows.missing += 1,
            }
        }
        rows.pairs.drain(..self.outside_window(rows.pairs.len()));
        Ok(rows)
    }

    /// Reads outcomes that are true or false, 1 or 0.
    #[expect(clippy::float_cmp, reason = "an outcome is exactly one or exactly zero")]
    fn flags(&self, outcome: &str) -> Result<Vec<Option<bool>>, JudgeError> {
        let kind = self.table.columns()?.into_iter().find(|(name, _)| name == outcome).map(|(_, kind)| kind);
        // A column without any value in a text format has no kind, and a text would not say which row is wrong.
        if kind == Some(ColumnKind::Text) {
            let texts = self.table.texts(outcome)?;
            return match texts.iter().position(Option::is_some) {
                None => Ok(vec![None; texts.len()]),
                Some(row) => Err(self.not_an_outcome(outcome, row, texts[row].as_deref().unwrap_or_default())),
            };
        }
        let flag = |(row, cell): (usize, Option<f64>)| match cell {
            None => Ok(None),
            Some(value) if value == 1.0 || value == 0.0 => Ok(Some(value == 1.0)),
            Some(value) => Err(self.not_an_outcome(outcome, row, &value.to_string())),
        };
        self.table.aligned(&[outcome])?.remove(0).into_iter().enumerate().map(flag).collect()
    }

    fn not_an_outcome(&self, column: &str, row: usize, text: &str) -> JudgeError {
        JudgeError::from(Misfit {
            path: self.name.to_owned(),
            row: row as u64 + 1,
            column: column.to_owned(),
            text: text.to_owned(),
            wanted: "an outcome: true, false, 1 or 0".to_owned(),
            step: "correct it, or say with `event` which text means that it happened".to_owned(),
        })
    }

    /// Reads columns of probabilities; one that is none is an error with its row.
    fn probabilities(&self, columns: &[&str]) -> Result<Vec<Vec<Option<f64>>>, JudgeError> {
        let read = self.table.aligned(columns)?;
        for (column, cells) in columns.iter().zip(&read) {
            let wrong = cells
                .iter()
                .enumerate()
                .find_map(|(row, cell)| cell.filter(|p| !(0.0..=1.0).contains(p)).map(|p| (row, p)));
            if let Some((row, p)) = wrong {
                return Err(JudgeError::from(Misfit {
                    path: self.name.to_owned(),
                    row: row as u64 + 1,
                    column: (*column).to_owned(),
                    text: p.to_string(),
                    wanted: "a probability within 0 and 1".to_owned(),
                    step: "correct what predicts it".to_owned(),
                }));
            }
        }
        Ok(read)
    }

    /// Reads the predictions of all classes.
    pub fn classes(&self, classes: &[(String, String)], outcome: &str) -> Result<ClassRows, JudgeError> {
        let columns: Vec<&str> = classes.iter().map(|(_, column)| column.as_str()).collect();
        let probabilities = self.probabilities(&columns)?;
        let mut found = ClassRows { rows: Vec::new(), missing: 0 };
        for (row, text) in self.table.texts(outcome)?.into_iter().enumerate() {
            let all: Option<Vec<f64>> = probabilities.iter().map(|column| column[row]).collect();
            let (Some(all), Some(text)) = (all, text) else {
                found.missing += 1;
                continue;
            };
            let class = classes.iter().position(|(class, _)| *class == text);
            let class = class.ok_or_else(|| self.not_a_class(classes, outcome, row, &text))?;
            let sum: f64 = all.iter().sum();
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                return Err(self.not_a_distribution(&columns, row, sum));
            }
            found.rows.push((all, class));
        }
        found.rows.drain(..self.outside_window(found.rows.len()));
        Ok(found)
    }

    fn not_a_class(&self, classes: &[(String, String)], outcome: &str, row: usize, text: &str) -> JudgeError {
        let names: Vec<&str> = classes.iter().map(|(class, _)| class.as_str()).collect();
        JudgeError::from(Misfit {
            path: self.name.to_owned(),
            row: row as u64 + 1,
            column: outcome.to_owned(),
            text: text.to_owned(),
            wanted: format!("one of {}", names.join(", ")),
            step: "correct it, or give it a column under `probabilities`".to_owned(),
        })
    }

    fn not_a_distribution(&self, columns: &[&str], row: usize, sum: f64) -> JudgeError {
        JudgeError::from(Misfit {
            path: self.name.to_owned(),
            row: row as u64 + 1,
            column: columns.join(" + "),
            text: three_digits(sum),
            wanted: "1, the sum of all probabilities".to_owned(),
            step: "name the columns of all classes under `probabilities`".to_owned(),
        })
    }

    /// Returns how many of `n` rows come before the window.
    fn outside_window(&self, n: usize) -> usize {
        let window = self.window.map_or(n, |window| usize::try_from(window).unwrap_or(usize::MAX));
        n.saturating_sub(window)
    }
}
