//! Choices of the forms of notifications.

use http::Words;
use identity::merchants::Shop;
use web::Form;

use super::rules::{SELECTIONS, Selection};

/// A choice of a form.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) words: String,
    pub(super) hint: String,
    pub(super) on: bool,
}

impl Choice {
    pub(super) fn new(value: &str, words: String) -> Self {
        Self { value: value.to_owned(), words, hint: String::new(), on: false }
    }

    /// The usual selections of events; the first until somebody chose.
    pub(super) fn of_selections(words: &Words, form: &Form) -> Vec<Self> {
        let chosen = if form.value("events").is_empty() { "all" } else { form.value("events") };
        let one = |selection: &Selection| {
            let said = words.say(&format!("notifications-select-{}", selection.key));
            let hint = words.say(&format!("notifications-select-{}-hint", selection.key));
            Self { hint, on: selection.key == chosen, ..Self::new(selection.key, said) }
        };
        SELECTIONS.iter().map(one).collect()
    }

    /// The shops of the merchant.
    pub(super) fn of_shops(shops: &[Shop], form: &Form) -> Vec<Self> {
        let one = |shop: &Shop| {
            let id = shop.id.to_string();
            Self { on: form.is("shop", &id), ..Self::new(&id, shop.name.clone()) }
        };
        shops.iter().map(one).collect()
    }
}
