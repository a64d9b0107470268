//! Fields of a form that a page lists in order: label, hint, value and error are worked out once,
//! `fields.html` writes them all alike.

use super::Form;

/// Lines of a text field that may have several.
const TEXT_ROWS: u8 = 4;

/// What is typed into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A whole number.
    Number,
    /// An hour of the day, `15:00`.
    Time,
}

/// One field as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, and its `id`.
    pub name: &'static str,
    /// Words above it.
    pub label: String,
    /// Words below the label; empty for none.
    pub hint: String,
    /// What is in it.
    pub value: String,
    /// What is wrong with it; empty when it is right.
    pub error: String,
    /// What is typed.
    pub input: Input,
}

impl Field {
    /// A field of `form` under a label.
    #[must_use]
    pub fn of(form: &Form, name: &'static str, (label, input): (String, Input)) -> Self {
        Self {
            name,
            label,
            hint: String::new(),
            value: form.value(name).to_owned(),
            error: form.error(name).to_owned(),
            input,
        }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The type of the input element.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.input {
            // A browser would show its own clock of 12 hours for the type `time`.
            Input::Line | Input::Text | Input::Time => "text",
            Input::Email => "email",
            Input::Phone => "tel",
            Input::Number => "number",
        }
    }

    /// Whether little is typed.
    #[must_use]
    pub fn is_short(&self) -> bool {
        matches!(self.input, Input::Number | Input::Time)
    }

    /// Rows of a text of several lines; zero for one line.
    #[must_use]
    pub fn rows(&self) -> u8 {
        if self.input == Input::Text { TEXT_ROWS } else { 0 }
    }

    /// Ids of what describes the field.
    #[must_use]
    pub fn described(&self) -> String {
        let parts = [(&self.hint, "hint"), (&self.error, "error")];
        let ids = parts.iter().filter(|(text, _)| !text.is_empty());
        ids.map(|(_, part)| format!("{}-{part}", self.name)).collect::<Vec<_>>().join(" ")
    }
}
