//! Plots: what is drawn of which files, and how.

use serde::{Deserialize, Serialize};

use crate::words::RelPath;

/// A plot that the top level of a pipeline file declares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    /// The folder of the file that declares it.
    pub folder: RelPath,
    /// Its name as it is written there.
    pub id: String,
    /// The file or folder that the name is; `None` when the files stand under `y`.
    pub file: Option<RelPath>,
    pub drawing: Drawing,
}

impl Plot {
    /// Returns every file or folder that the plot is drawn from.
    pub fn sources(&self) -> Vec<&RelPath> {
        let axes = [&self.drawing.y, &self.drawing.x].into_iter().flat_map(Axis::files);
        self.file.iter().chain(axes).collect()
    }
}

/// How a plot is drawn. What is not said is inferred from the data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    pub x: Axis,
    pub y: Axis,
    /// A template by name, or the path of one.
    pub template: Option<String>,
    pub title: Option<String>,
    pub x_label: Option<String>,
    pub y_label: Option<String>,
    /// Whether a table of text has no line of names: its columns are then called `0`, `1`, ….
    pub headless: bool,
}

/// Which fields stand on one axis of a plot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Axis {
    #[default]
    Inferred,
    /// Fields of the plot's own file, or of each file that the other axis names.
    Fields(Vec<String>),
    /// Fields of named files.
    Files(Vec<(RelPath, Vec<String>)>),
}

impl Axis {
    /// Returns the files that the axis names.
    pub fn files(&self) -> impl Iterator<Item = &RelPath> {
        let files: &[(RelPath, Vec<String>)] = match self {
            Self::Inferred | Self::Fields(_) => &[],
            Self::Files(files) => files,
        };
        files.iter().map(|(file, _)| file)
    }
}
