//! What the readers of the three formats have in common.

use std::borrow::Cow;
use std::ops::Range;

use vault_wire::ProxyFormat;

use super::path::Segment;
use super::{form, json, xml};

/// A value of a message.
pub(super) struct Leaf<'d> {
    /// Its bytes in the message.
    pub(super) span: Range<usize>,
    /// What it says.
    pub(super) text: Cow<'d, str>,
    /// How another value is written in its place.
    pub(super) manner: Manner,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// A whole JSON value.
    Json,
    /// The whole content of an element without children.
    XmlText,
    /// Text beside children of an element: no path names it.
    XmlMixed,
    /// What stands between the quotes of an attribute.
    XmlAttribute,
    /// After the `=` of a form.
    Form,
    /// An element without room for a text.
    Empty,
    /// No value: a name, a comment.
    Fixed,
}

impl Manner {
    /// A text in its place; `None` for nothing at all.
    pub(super) fn write(self, text: Option<&str>) -> String {
        match (self, text) {
            (Self::Json, None) => "null".to_owned(),
            (Self::Json, Some(text)) => serde_json::Value::from(text).to_string(),
            (Self::XmlText | Self::XmlMixed | Self::XmlAttribute, Some(text)) => {
                quick_xml::escape::escape(text).into_owned()
            }
            (Self::Form, Some(text)) => form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            (_, None) | (Self::Empty | Self::Fixed, _) => String::new(),
        }
    }
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays, or is written over.
    Stays,
    /// It goes with what holds it: the member, the attribute, the element, the field.
    Goes,
}

/// Bytes that go.
pub(super) type Removed = Vec<Range<usize>>;

/// Sees every value of a message.
pub(super) trait Visit {
    /// A value at its place.
    fn leaf(&mut self, place: &[Segment], leaf: Leaf<'_>) -> Result<Fate, Fault>;
}

/// Why a message does not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `document_invalid`, `unmapped_number`, `unmapped_code` or `too_many_cards`.
    pub(crate) code: &'static str,
    /// Where, as far as it is known.
    pub(crate) path: String,
}

impl Fault {
    /// It is not of the format.
    pub(super) const fn document(path: String) -> Self {
        Self { code: "document_invalid", path }
    }
}

/// Shows every value of a message.
pub(super) fn walk(
    text: &str,
    format: ProxyFormat,
    visit: &mut dyn Visit,
) -> Result<Removed, Fault> {
    match format {
        ProxyFormat::Json => json::walk(text, visit),
        ProxyFormat::Xml => xml::walk(text, visit),
        ProxyFormat::Form => form::walk(text, visit),
    }
}
