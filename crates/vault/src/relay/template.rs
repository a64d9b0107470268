//! Templates: what may be sent, to whom, with which typed arguments. Data of the release, checked
//! as a whole when they are loaded: an unknown placeholder is refused then, not when money moves.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use vault_wire::Refused;

use super::fill::{self, Piece};
use crate::origin::Origin;

const OF_THE_RELEASE: &str = include_str!("templates.json");

/// What becomes of the security code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CodeUse {
    /// An authorisation: its first answer destroys the code.
    Authorise,
    /// The code is not sent and stays.
    Never,
}

/// The type of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArgKind {
    /// A whole number, as number or digits.
    Int,
    /// Up to so many of `A–Z a–z 0–9 - _ .`
    Ascii(usize),
    /// Up to so many characters.
    Utf8(usize),
    /// `2026-10-24`
    Date,
    /// One of these words.
    Enum(Vec<String>),
    /// An address on the app's own origin.
    AppUrl,
}

/// The type of an argument, and whether it may be absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArgType {
    kind: ArgKind,
    optional: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(rename = "version")]
    _version: u32,
    method: String,
    host: String,
    path: String,
    args: BTreeMap<String, String>,
    content_type: String,
    body: String,
    expect: Vec<String>,
    code_use: CodeUse,
}

/// A template, checked.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// Its name.
    pub(crate) name: String,
    /// Path there.
    pub(crate) path: String,
    /// Content types that answers may have.
    pub(crate) expect: Vec<String>,
    /// What becomes of the code.
    pub(crate) code_use: CodeUse,
    pub(crate) body: Vec<Piece>,
    args: BTreeMap<String, ArgType>,
}

/// A fault of a template, found when it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("relay template {name}: {fault}")]
pub struct TemplateError {
    name: String,
    fault: String,
}

impl TemplateError {
    fn new(name: &str, fault: impl Into<String>) -> Self {
        Self { name: name.to_owned(), fault: fault.into() }
    }
}

/// The templates of the release.
pub(crate) struct Templates(HashMap<String, Arc<Template>>);

impl Templates {
    /// Loads and checks them.
    pub(crate) fn of_the_release() -> Result<Self, TemplateError> {
        Self::load(OF_THE_RELEASE)
    }

    fn load(json: &str) -> Result<Self, TemplateError> {
        let all: Vec<Written> = serde_json::from_str(json)
            .map_err(|error| TemplateError::new("?", error.to_string()))?;
        let checked = all.into_iter().map(|written| {
            let template = check(written)?;
            Ok((template.name.clone(), Arc::new(template)))
        });
        checked.collect::<Result<_, _>>().map(Self)
    }

    /// A template by its name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Template>> {
        self.0.get(name).cloned()
    }
}

fn check(written: Written) -> Result<Template, TemplateError> {
    let name = written.name;
    let bad = |fault: String| TemplateError::new(&name, fault);
    if written.method != "POST" || written.content_type != "application/json" {
        return Err(bad("only POST of application/json is known".into()));
    }
    if written.host != "sandbox" || !written.path.starts_with('/') {
        return Err(bad("unknown host or path".into()));
    }
    let mut args = BTreeMap::new();
    for (arg, text) in written.args {
        let kind = arg_type(&text).ok_or_else(|| bad(format!("type {text} of {arg}")))?;
        args.insert(arg, kind);
    }
    let body = fill::parse(&written.body).map_err(bad)?;
    for used in fill::args_used(&body) {
        if !args.contains_key(used) {
            return Err(bad(format!("argument {used} is not declared")));
        }
    }
    if written.code_use == CodeUse::Never && fill::uses_code(&body) {
        return Err(bad("it uses the code and says never".into()));
    }
    Ok(Template {
        path: written.path,
        expect: written.expect,
        code_use: written.code_use,
        body,
        args,
        name,
    })
}

fn arg_type(text: &str) -> Option<ArgType> {
    let (text, optional) = text.strip_suffix('?').map_or((text, false), |bare| (bare, true));
    let kind = match text {
        "int" => ArgKind::Int,
        "date" => ArgKind::Date,
        "app_url" => ArgKind::AppUrl,
        _ => {
            if let Some(most) = text.strip_prefix("ascii") {
                ArgKind::Ascii(most.parse().ok()?)
            } else if let Some(most) = text.strip_prefix("utf8") {
                ArgKind::Utf8(most.parse().ok()?)
            } else {
                let words = text.strip_prefix("enum(")?.strip_suffix(')')?;
                ArgKind::Enum(words.split('|').map(str::to_owned).collect())
            }
        }
    };
    Some(ArgType { kind, optional })
}

impl Template {
    /// The arguments as text, each checked against its type; the first fault is named.
    pub(crate) fn read_args(
        &self,
        given: &BTreeMap<String, Value>,
        app: &Origin,
    ) -> Result<BTreeMap<String, String>, Refused> {
        if let Some(unknown) = given.keys().find(|name| !self.args.contains_key(*name)) {
            let why = "The template has no such argument.";
            return Err(Refused::new("unknown_field", why).at(format!("$.args.{unknown}")));
        }
        let mut read = BTreeMap::new();
        for (name, kind) in &self.args {
            let fault = || {
                let why = "The argument is missing or of another type.";
                Refused::new("arg_invalid", why).at(format!("$.args.{name}"))
            };
            let text = match given.get(name) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                Some(_) => return Err(fault()),
            };
            let fine = if text.is_empty() { kind.optional } else { kind.kind.fits(&text, app) };
            if !fine {
                return Err(fault());
            }
            read.insert(name.clone(), text);
        }
        Ok(read)
    }
}

impl ArgKind {
    fn fits(&self, text: &str, app: &Origin) -> bool {
        match self {
            Self::Int => {
                text.parse::<i64>().is_ok() && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
            }
            Self::Ascii(most) => {
                text.len() <= *most
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            }
            Self::Utf8(most) => {
                text.chars().count() <= *most && !kernel::card_text::holds_card_number(text)
            }
            Self::Date => text.parse::<kernel::Date>().is_ok_and(|day| day.to_string() == text),
            Self::Enum(words) => words.iter().any(|word| word == text),
            Self::AppUrl => Origin::of_url(text).is_some_and(|origin| origin == *app),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(crate) fn one(body: &str, args: &Value) -> Result<Arc<Template>, TemplateError> {
        let json = json!([{
            "name": "t", "version": 3, "method": "POST", "host": "sandbox", "path": "/v1/auth",
            "args": args, "content_type": "application/json", "body": body,
            "expect": ["application/json"], "code_use": "authorise",
        }]);
        Ok(Templates::load(&json.to_string())?.get("t").unwrap())
    }

    pub(crate) fn app() -> Origin {
        Origin::of_url("http://127.0.0.1:7700").unwrap()
    }

    #[test]
    fn v_91_a_faulty_template_is_refused_at_load() {
        assert!(Templates::of_the_release().is_ok());
        let none = json!({});
        for body in ["{{card.pin}}", "{{arg.x}}", "{{card.number", "{{card.number:9}}", "}}"] {
            assert!(one(body, &none).is_err(), "{body}");
        }
        assert!(one("{}", &json!({ "a": "object" })).is_err());
    }

    #[test]
    fn ve_15_arguments_have_types() {
        let args = json!({ "amount": "int", "ref": "ascii20", "back": "app_url?" });
        let template = one("{}", &args).unwrap();
        let read = |value: Value| {
            let given: BTreeMap<String, Value> = serde_json::from_value(value).unwrap();
            template.read_args(&given, &app()).map_err(|refused| (refused.code, refused.path))
        };
        assert!(read(json!({ "amount": 7000, "ref": "A-1_b.2" })).is_ok());
        let bad = |path: &str| Err(("arg_invalid".to_owned(), Some(path.to_owned())));
        assert_eq!(read(json!({ "amount": 7000, "ref": "a\"b" })), bad("$.args.ref"));
        assert_eq!(read(json!({ "amount": "7e3", "ref": "a" })), bad("$.args.amount"));
        assert_eq!(read(json!({ "amount": 1.5, "ref": "a" })), bad("$.args.amount"));
        assert_eq!(read(json!({ "ref": "a" })), bad("$.args.amount"));
        let evil = json!({ "amount": 1, "ref": "a", "back": "http://127.0.0.1:7700@evil/x" });
        assert_eq!(read(evil), bad("$.args.back"));
        let host = json!({ "amount": 1, "ref": "a", "host": "evil.example" });
        let unknown = ("unknown_field".to_owned(), Some("$.args.host".to_owned()));
        assert_eq!(read(host), Err(unknown));
    }
}
