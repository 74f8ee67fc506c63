//! Plots: from the content of data files to a page, to vega-lite, and to characters.
//!
//! The way of a plot: [`data`] makes rows of a file's content, [`points`] takes the rows of all files and revisions that a
//! [`Drawing`](crate::pipeline::Drawing) names, and [`template`], [`text`] and [`html`] write them down. What is inferred
//! where nothing is said, the names of templates and their anchors are DVC's.

pub mod data;
pub mod html;
pub mod points;
pub mod template;
pub mod text;

pub use data::{Row, rows_of};
pub use points::{Points, Revision};
pub use template::Template;

/// A plot that is ready to be written down.
#[derive(Clone, Debug)]
pub struct Plot {
    pub id: String,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Chart(Box<Chart>),
    /// One picture of each revision that has it.
    Images(Vec<Image>),
}

/// Points and what is drawn of them.
#[derive(Clone, Debug)]
pub struct Chart {
    pub title: String,
    pub points: Points,
    pub template: Template,
}

/// A picture that was made elsewhere.
#[derive(Clone, Debug)]
pub struct Image {
    pub revision: String,
    /// Its media type, such as `image/png`.
    pub media: &'static str,
    pub bytes: Vec<u8>,
}

/// Returns the media type of a file that is a picture.
pub fn media_of(file_name: &str) -> Option<&'static str> {
    match file_name.rsplit_once('.')?.1 {
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "gif" => Some("image/gif"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}
