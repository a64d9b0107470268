//! Reading the JSON of a request strictly: every wrong field is named by its path, all at once,
//! and a field nobody knows is refused with the nearest name, so that a typing error cannot
//! change a payment.

use std::cell::RefCell;
use std::str::FromStr;

use kernel::{FieldError, Problem};
use serde_json::{Map, Value};
use web::query::nearest;

/// Longest text of a field that has no limit of its own.
pub const MAX_TEXT_CHARACTERS: usize = 500;

/// The body of a request and the faults found so far.
#[derive(Debug)]
pub struct Body {
    faults: RefCell<Vec<FieldError>>,
}

/// One object of the body.
#[derive(Debug)]
pub struct Object<'a> {
    body: &'a Body,
    path: String,
    map: Option<&'a Map<String, Value>>,
    known: RefCell<Vec<&'static str>>,
}

impl Body {
    /// A body without faults.
    #[must_use]
    pub const fn new() -> Self {
        Self { faults: RefCell::new(Vec::new()) }
    }

    /// The bytes as a JSON object.
    ///
    /// # Errors
    /// 400 `malformed_json`.
    pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
        let malformed = |text: &str| Problem::new(400, "malformed_json", text.to_owned());
        let value: Value =
            serde_json::from_slice(bytes).map_err(|_| malformed("The body is not JSON."))?;
        if value.is_object() { Ok(value) } else { Err(malformed("The body is not an object.")) }
    }

    /// The outermost object.
    pub fn root<'a>(&'a self, value: &'a Value) -> Object<'a> {
        Object { body: self, path: "$".into(), map: value.as_object(), known: RefCell::default() }
    }

    /// Adds a fault.
    pub fn fault(&self, path: impl Into<String>, code: &str, message: impl Into<String>) {
        self.faults.borrow_mut().push(FieldError::new(path, code, message));
    }

    /// All faults as one refusal.
    ///
    /// # Errors
    /// 422 `invalid_field`, or the code of the only fault.
    pub fn finish(&self) -> Result<(), Problem> {
        let faults = self.faults.borrow();
        let Some(first) = faults.first() else { return Ok(()) };
        let code = match first.code.as_str() {
            "pan_in_wrong_field" if faults.len() == 1 => "pan_in_wrong_field",
            "method_not_available" if faults.len() == 1 => "method_not_available",
            "typology_not_supported" if faults.len() == 1 => "typology_not_supported",
            _ => "invalid_field",
        };
        let mut problem = Problem::new(422, code, first.message.clone());
        problem.errors.clone_from(&faults);
        Err(problem)
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Object<'a> {
    /// The path of a member.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// The path of a member that the caller named; quoted unless it is a letter or `_`, then
    /// letters, digits and `_` (the shorthand of JSONPath, RFC 9535 section 2.5.1.1).
    fn path_of_stranger(&self, name: &str) -> String {
        let is_plain = |c: char| c.is_alphanumeric() || c == '_';
        let first_is_plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if first_is_plain && name.chars().all(is_plain) {
            return self.path(name);
        }
        format!("{}[{}]", self.path, Value::from(name))
    }

    /// A member, when it is there and not null.
    pub fn value(&self, name: &'static str) -> Option<&'a Value> {
        self.known.borrow_mut().push(name);
        self.map?.get(name).filter(|value| !value.is_null())
    }

    /// Says what is wrong with a member.
    pub fn fault(&self, name: &str, message: impl Into<String>) {
        self.fault_as(name, "invalid_field", message);
    }

    /// The same with a code of its own.
    pub fn fault_as(&self, name: &str, code: &str, message: impl Into<String>) {
        self.body.fault(self.path(name), code, message);
    }

    /// A text of at most `most` characters that holds no card number.
    pub fn text(&self, name: &'static str, most: usize) -> Option<String> {
        let value = self.value(name)?;
        let Some(text) = value.as_str() else {
            self.fault(name, "Give a text.");
            return None;
        };
        if text.chars().count() > most {
            self.fault(name, format!("Give at most {most} characters."));
            return None;
        }
        if kernel::card_text::holds_card_number(text) {
            let message = "Do not write a card number in this field.";
            self.body.fault(self.path(name), "pan_in_wrong_field", message);
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that is an id, an address, a word: whatever can be read from a text.
    pub fn parsed<T: FromStr>(&self, name: &'static str, what: &str) -> Option<T> {
        let text = self.text(name, MAX_TEXT_CHARACTERS)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fault(name, format!("Give {what}."));
        }
        parsed
    }

    /// One word of a closed list.
    pub fn word<T: Word>(&self, name: &'static str) -> Option<T> {
        let text = self.text(name, MAX_TEXT_CHARACTERS)?;
        let word = T::read(&text);
        if word.is_none() {
            self.fault(name, format!("Give one of: {}.", T::all().join(", ")));
        }
        word
    }

    /// A whole number.
    pub fn integer(&self, name: &'static str) -> Option<i64> {
        let value = self.value(name)?;
        let number = value.as_i64();
        if number.is_none() {
            self.fault(name, "Give a whole number.");
        }
        number
    }

    /// Yes or no.
    pub fn yes(&self, name: &'static str) -> Option<bool> {
        let value = self.value(name)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.fault(name, "Give true or false.");
        }
        flag
    }

    /// An object inside this one; an empty one when it is absent.
    pub fn object(&self, name: &'static str) -> Object<'a> {
        let value = self.value(name);
        if value.is_some_and(|value| !value.is_object()) {
            self.fault(name, "Give an object.");
        }
        Object {
            body: self.body,
            path: self.path(name),
            map: value.and_then(Value::as_object),
            known: RefCell::default(),
        }
    }

    /// A member that must be there.
    pub fn required<T>(&self, name: &'static str, found: Option<T>) -> Option<T> {
        let named = self.map.is_some_and(|map| map.get(name).is_some_and(|v| !v.is_null()));
        if found.is_none() && !named {
            self.fault(name, "This field is required.");
        }
        found
    }

    /// Refuses members that nobody asked for, naming the nearest known one. The last word about
    /// an object.
    pub fn close(self) {
        self.close_ref();
    }

    /// Like [`Object::close`], for an object that was only lent.
    pub fn close_ref(&self) {
        let known = self.known.borrow();
        for name in self.map.into_iter().flat_map(Map::keys) {
            if known.iter().any(|k| k == name) {
                continue;
            }
            let message = match nearest(name, &known) {
                Some(near) => format!("Unknown field; did you mean {near}?"),
                None => "Unknown field.".to_owned(),
            };
            // A name is typed by the caller too: never repeat one that could be a card number.
            let name = kernel::card_text::mask(name);
            self.body.fault(self.path_of_stranger(&name), "invalid_field", message);
        }
    }
}

/// A member of a closed list of words.
pub trait Word: Sized {
    /// Reads one.
    fn read(text: &str) -> Option<Self>;
    /// All of them, for the message.
    fn all() -> Vec<&'static str>;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn p_159_a_typing_error_is_refused_with_the_nearest_name() {
        let value = json!({"amount": 100, "curency": "EUR", "payer": {"emial": "a"}});
        let body = Body::new();
        let root = body.root(&value);
        assert_eq!(root.integer("amount"), Some(100));
        let _ = root.text("currency", 3);
        let payer = root.object("payer");
        let _ = payer.text("email", 10);
        payer.close();
        root.close();
        let problem = body.finish().unwrap_err();
        let told: Vec<(&str, &str)> =
            problem.errors.iter().map(|e| (e.path.as_str(), e.message.as_str())).collect();
        assert_eq!(
            told,
            [
                ("$.payer.emial", "Unknown field; did you mean email?"),
                ("$.curency", "Unknown field; did you mean currency?"),
            ]
        );
    }

    #[test]
    fn v_27_a_name_that_is_no_word_is_quoted_in_the_path() {
        let value = json!({".name": 1, "": 2, "a-b": 3, "1x": 4, "_é1": 5, "card": {"x_1": 6}});
        let body = Body::new();
        let root = body.root(&value);
        root.object("card").close();
        root.close();
        let problem = body.finish().unwrap_err();
        let paths: Vec<&str> = problem.errors.iter().map(|e| e.path.as_str()).collect();
        let quoted = ["$[\"\"]", "$[\".name\"]", "$[\"1x\"]"];
        assert_eq!((paths[0], &paths[1..4]), ("$.card.x_1", &quoted[..]));
        assert_eq!(paths[4..], ["$._é1", "$[\"a-b\"]"]);
    }

    #[test]
    fn v_05_a_card_number_in_a_text_is_refused() {
        let value = json!({"description": "card 4970 1000 0000 0154 please"});
        let body = Body::new();
        assert_eq!(body.root(&value).text("description", 100), None);
        let problem = body.finish().unwrap_err();
        assert_eq!(problem.code, "pan_in_wrong_field");
        assert!(!problem.to_json("x").to_string().contains("4970"));
    }

    #[test]
    fn several_faults_are_told_at_once() {
        let value = json!({"amount": "12", "card": 7});
        let body = Body::new();
        let root = body.root(&value);
        assert!(root.integer("amount").is_none() && root.text("card", 9).is_none());
        let _ = root.required("currency", root.text("currency", 3));
        assert_eq!(body.finish().unwrap_err().errors.len(), 3);
    }
}
