//! Two people edit one object: whoever saves later sees both versions, field by field, with what
//! he typed still in the form. Saving once more is then a decision and no accident.
//!
//! A form carries the version it was made from in a hidden field ([`VERSION_FIELD`]). The handler
//! compares it with the version stored, in the transaction that would save; where they differ it
//! shows the form again with [`differences`] (`conflict.html`) and the version of now ([`renew`]). A
//! form shown again for another fault goes on with its own version ([`carried`]).

use super::Form;
use super::fields::Field;

/// Name of the hidden field with the version.
pub const VERSION_FIELD: &str = "version";

/// A field of which there are two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its label.
    pub label: String,
    /// What somebody else saved meanwhile.
    pub saved: String,
    /// What was typed here.
    pub typed: String,
}

/// The fields in which what was typed differs from what is stored now. Line ends do not count:
/// browsers write them in their own way.
#[must_use]
pub fn differences(typed: &[Field], saved: &Form) -> Vec<Difference> {
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    typed
        .iter()
        .map(|field| Difference {
            label: field.label.clone(),
            saved: plain(saved.value(field.name)),
            typed: plain(&field.value),
        })
        .filter(|both| both.saved != both.typed)
        .collect()
}

/// The version that a form carries when it is shown again after a fault: the one it was made from,
/// or what somebody else saved meanwhile would be lost; `stored` when it is shown first.
#[must_use]
pub fn carried(form: &Form, stored: i64) -> i64 {
    form.value(VERSION_FIELD).parse().unwrap_or(stored)
}

/// Makes a form one of the version stored, once both versions are shown.
pub fn renew(form: &mut Form, stored: i64) {
    form.set(VERSION_FIELD, stored.to_string());
}

#[cfg(test)]
mod tests {
    use super::super::fields::Input;
    use super::*;

    #[test]
    fn u_26_both_versions_are_told_field_by_field() {
        let (mut mine, mut theirs) = (Form::default(), Form::default());
        for (field, here, there) in
            [("name", "Anne", "Anna"), ("note", "one\r\ntwo", "one\ntwo"), ("phone", "", "06")]
        {
            mine.set(field, here);
            theirs.set(field, there);
        }
        let label = |name: &str| name.to_uppercase();
        let fields = ["name", "note", "phone"]
            .map(|name| Field::of(&mine, name, (label(name), Input::Line)));
        let both = differences(&fields, &theirs);
        let told = |label: &str, saved: &str, typed: &str| Difference {
            label: label.into(),
            saved: saved.into(),
            typed: typed.into(),
        };
        assert_eq!(both, [told("NAME", "Anna", "Anne"), told("PHONE", "06", "")]);
    }
}
