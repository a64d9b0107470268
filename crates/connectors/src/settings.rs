//! What a connector is called and what it asks of the merchant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::declines::Network;

/// Name and labels of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Stored name, such as `sandbox`.
    pub family: &'static str,
    /// Label, French.
    pub label_fr: &'static str,
    /// Label, English.
    pub label_en: &'static str,
    /// Whether its money is simulated: for test shops alone.
    pub simulated: bool,
    /// Networks it takes.
    pub networks: &'static [Network],
}

/// How a field is typed and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Shown as typed.
    Text,
    /// Never shown again.
    Secret,
    /// One of the words.
    Choice(&'static [&'static str]),
    /// Yes or no.
    YesNo,
    /// An address.
    Url,
    /// A key or certificate in PEM.
    Pem,
}

/// One thing the merchant types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigField {
    /// Stored name.
    pub name: &'static str,
    /// Label, French.
    pub label_fr: &'static str,
    /// Label, English.
    pub label_en: &'static str,
    /// How it is typed and kept.
    pub kind: FieldKind,
    /// The form it must have, for people.
    pub format: &'static str,
    /// Where the bank's letter shows it.
    pub where_to_find: &'static str,
    /// Name of the field whose presence makes this one required; empty: always required.
    pub required_if: &'static str,
}

/// The values of one connector account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// Settings from names and values.
    pub fn new<N: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// One value; empty counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
