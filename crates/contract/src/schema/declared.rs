//! The columns that a schema declares, for what refers to them by name.

use lockgate_spanned::nearest;

use super::ast::Column;
use super::lower::{Reader, Word};
use crate::value::Type;

/// The declared columns; of one with a mistake in it only the name is known.
pub(super) struct Declared(pub Vec<(String, Option<Column>)>);

impl Declared {
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the type of a column, when it is declared without a mistake.
    pub fn ty(&self, name: &str) -> Option<&Type> {
        self.0.iter().find(|(column, _)| column == name)?.1.as_ref().map(|column| &column.ty)
    }

    /// Notes it when `what` names a column that is not declared: it would be judged without a type.
    pub fn expect(&self, what: &str, name: Word<'_>, reader: &mut Reader<'_>) -> Option<()> {
        // Without any column that is the mistake, and it is told already.
        if self.0.is_empty() || self.names().any(|column| column == name.text) {
            return Some(());
        }
        let help = match nearest(name.text, self.names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "declare it under `columns`".to_owned(),
        };
        let message = format!("{what} names `{}`, which is not a declared column", name.text);
        reader.refuse("schema::unknown-column", name.span, message, help)
    }

    /// Returns the columns when all of them are without a mistake.
    pub fn all(self) -> Option<Vec<Column>> {
        self.0.into_iter().map(|(_, column)| column).collect()
    }
}
