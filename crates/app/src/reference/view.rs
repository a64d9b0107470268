//! The description of an API as a page shows it: flat rows instead of nested shapes. Titles of calls
//! and groups are in the page's language where it has them; fields and answers stay in English, the
//! language of the description.

use http::Words;
use http::openapi::{Document, Node, Operation};

/// One origin.
pub(super) struct OriginView {
    pub(super) about: String,
    /// Language of what it is about: two letters.
    pub(super) about_lang: &'static str,
    pub(super) server: String,
    pub(super) groups: Vec<Group>,
    pub(super) shapes: Vec<Shape>,
    /// Where its page tries calls; the vault's are not tried from the app's page.
    pub(super) tries: Tries,
}

/// Whether calls can be tried on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tries {
    /// Against the origin of the page.
    Here,
    /// Not at all.
    Never,
}

pub(super) struct Group {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) calls: Vec<CallView>,
}

pub(super) struct CallView {
    pub(super) anchor: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) about: String,
    pub(super) open: bool,
    pub(super) parameters: Vec<Row>,
    pub(super) body: Option<BodyView>,
    pub(super) answers: Vec<AnswerView>,
}

pub(super) struct BodyView {
    /// Text of the example, ready to be sent.
    pub(super) example: String,
    pub(super) rows: Vec<Row>,
    /// Name of the shape, when it has one.
    pub(super) shape: String,
}

pub(super) struct AnswerView {
    pub(super) status: String,
    pub(super) about: String,
    /// Name of the shape of a good answer.
    pub(super) shape: String,
    /// Codes of a refusal.
    pub(super) codes: Vec<String>,
}

pub(super) struct Shape {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) rows: Vec<Row>,
}

/// A field or parameter.
pub(super) struct Row {
    pub(super) name: String,
    /// `path`, `query`, `header`; empty for a field.
    pub(super) place: String,
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) about: String,
}

/// The words of a language for what the description says in English.
fn told(words: &Words, key: &str, english: &str) -> String {
    if words.has(key) { words.say(key) } else { english.to_owned() }
}

/// Reads a document for the page, with the titles that a language has.
pub(super) fn origin(document: &Document, tries: Tries, words: &Words) -> OriginView {
    let node = document.node();
    let components = node.get("components").cloned().unwrap_or_else(Node::object);
    let groups = document.tags.iter().map(|(name, about)| {
        let of_group = |operation: &&Operation| operation.tag() == *name;
        let calls = document.operations().filter(of_group);
        let calls = calls.map(|operation| {
            let mut shown = call(&node, operation, &components);
            shown.summary = told(words, operation.name(), &shown.summary);
            shown
        });
        Group {
            name: told(words, &format!("tag-{name}"), name),
            about: told(words, &format!("tag-{name}-about"), about),
            calls: calls.collect(),
        }
    });
    let groups = groups.collect();
    let about = if tries == Tries::Here { "about-app" } else { "about-vault" };
    let shapes = components.get("schemas").map_or(&[][..], Node::members);
    let shapes = shapes.iter().map(|(name, schema)| Shape {
        name: name.clone(),
        about: schema.words("description").to_owned(),
        rows: rows(schema),
    });
    OriginView {
        about: told(words, about, document.about),
        about_lang: if words.has(about) { words.locale().code() } else { "en" },
        server: document.server.to_owned(),
        groups,
        shapes: shapes.collect(),
        tries,
    }
}

fn call(document: &Node, operation: &Operation, components: &Node) -> CallView {
    let paths = document.get("paths").and_then(|paths| paths.get(operation.address()));
    let method = operation.method().to_ascii_lowercase();
    let empty = Node::object();
    let node = paths.and_then(|path| path.get(&method)).unwrap_or(&empty);
    let parameters = node.get("parameters").map_or(&[][..], Node::items);
    let responses = node.get("responses").map_or(&[][..], Node::members);
    CallView {
        anchor: operation.name().to_owned(),
        method: operation.method().to_owned(),
        path: operation.address().to_owned(),
        summary: node.words("summary").to_owned(),
        about: node.words("description").to_owned(),
        open: operation.is_open(),
        parameters: parameters.iter().map(parameter).collect(),
        body: node.get("requestBody").and_then(|body| body_view(body, components)),
        answers: responses.iter().map(|(status, told)| answer(status, told, components)).collect(),
    }
}

fn parameter(node: &Node) -> Row {
    let schema = node.get("schema").cloned().unwrap_or_else(Node::object);
    Row {
        name: node.words("name").to_owned(),
        place: node.words("in").to_owned(),
        kind: kind(&schema),
        required: node.get("required") == Some(&Node::from(true)),
        about: node.words("description").to_owned(),
    }
}

fn media<'n>(node: &'n Node, kind: &str) -> Option<&'n Node> {
    node.get("content").and_then(|content| content.get(kind))
}

/// A body of JSON; a file has no fields to show.
fn body_view(body: &Node, components: &Node) -> Option<BodyView> {
    let empty = Node::object();
    let media = media(body, "application/json")?;
    let schema = media.get("schema").unwrap_or(&empty);
    let shape = link_name(schema);
    let example =
        media.get("example").map_or_else(|| example(schema, components, 0).pretty(), Node::pretty);
    Some(BodyView { example: example.trim().to_owned(), rows: rows(schema), shape })
}

/// The name of the shape that a schema links to, or nothing.
fn link_name(schema: &Node) -> String {
    schema.words("$ref").rsplit('/').next().unwrap_or_default().to_owned()
}

fn answer(status: &str, told: &Node, components: &Node) -> AnswerView {
    let shared = components.get("responses").and_then(|all| all.get(&link_name(told)));
    let told = shared.unwrap_or(told);
    let good = media(told, "application/json").and_then(|media| media.get("schema"));
    let codes = media(told, "application/problem+json")
        .and_then(|media| media.get("schema")?.get("allOf")?.items().last())
        .and_then(|narrowed| narrowed.get("properties")?.get("code")?.get("enum"));
    AnswerView {
        status: status.to_owned(),
        about: told.words("description").to_owned(),
        shape: good.map(link_name).unwrap_or_default(),
        codes: codes
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(Node::text)
            .map(str::to_owned)
            .collect(),
    }
}

fn rows(schema: &Node) -> Vec<Row> {
    let required = schema.get("required").map_or(&[][..], Node::items);
    let properties = schema.get("properties").map_or(&[][..], Node::members);
    let row = |(name, schema): &(String, Node)| Row {
        name: name.clone(),
        place: String::new(),
        kind: kind(schema),
        required: required.iter().any(|known| known.text() == Some(name)),
        about: schema.words("description").to_owned(),
    };
    properties.iter().map(row).collect()
}

/// A shape in a few words.
fn kind(schema: &Node) -> String {
    let link = link_name(schema);
    if !link.is_empty() {
        return link;
    }
    if let Some(fixed) = schema.get("const") {
        return fixed.pretty().trim().to_owned();
    }
    if let Some(words) = schema.get("enum") {
        let words: Vec<&str> = words.items().iter().filter_map(Node::text).collect();
        return words.join(" | ");
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(shapes) = schema.get(choice) {
            let kinds: Vec<String> = shapes.items().iter().map(kind).collect();
            return kinds.join(" | ");
        }
    }
    let word = match schema.get("type") {
        Some(Node::List(kinds)) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Node::text).collect();
            kinds.join(" | ")
        }
        Some(kind) => kind.text().unwrap_or_default().to_owned(),
        None => return "any".to_owned(),
    };
    let items = schema.get("items").map(kind);
    let word = items.map_or(word.clone(), |items| word.replace("array", &format!("{items}[]")));
    match schema.words("format") {
        "" | "int64" => word,
        format => word.replace("string", format),
    }
}

/// How deep an example goes into links.
const EXAMPLE_DEPTH: u8 = 4;

/// The smallest value that a shape describes: what is required, by its examples.
fn example(schema: &Node, components: &Node, depth: u8) -> Node {
    if let Some(shown) = schema.get("examples").and_then(|all| all.items().first()) {
        return shown.clone();
    }
    let schemas = components.get("schemas");
    if let Some(linked) = schemas.and_then(|all| all.get(&link_name(schema)))
        && depth < EXAMPLE_DEPTH
    {
        return example(linked, components, depth + 1);
    }
    if let Some(word) = schema.get("enum").and_then(|words| words.items().first()) {
        return word.clone();
    }
    let kind = schema.get("type");
    let kind = kind.and_then(Node::text).or_else(|| kind?.items().first()?.text());
    match kind {
        Some("object") => {
            let required = schema.get("required").map_or(&[][..], Node::items);
            let mut shown = Node::object();
            for name in required.iter().filter_map(Node::text) {
                let member = schema.get("properties").and_then(|all| all.get(name));
                if let Some(member) = member {
                    shown.set(name, example(member, components, depth));
                }
            }
            shown
        }
        Some("array") => {
            let items = schema.get("items");
            Node::List(items.map(|items| example(items, components, depth)).into_iter().collect())
        }
        Some("integer") => schema.get("minimum").cloned().unwrap_or_else(|| Node::from(1)),
        Some("boolean") => Node::from(false),
        _ => Node::from(match schema.words("format") {
            "date" => "2027-07-03".to_owned(),
            "date-time" => "2027-07-03T08:00:00Z".to_owned(),
            "email" => "anne@example.org".to_owned(),
            _ => prefix(schema.words("pattern"))
                .map_or(String::new(), |prefix| format!("{prefix}01k9zzzzzzzzzzzzzzzzzzzzzz")),
        }),
    }
}

/// The prefix of an id by its pattern.
fn prefix(pattern: &str) -> Option<&str> {
    let (prefix, _) = pattern.strip_prefix('^')?.split_once('[')?;
    prefix.ends_with('_').then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_that_is_needed_has_an_example() {
        for document in [super::super::app(), super::super::vault()] {
            let words = super::super::titles(kernel::Locale::En).unwrap();
            let view = origin(&document, Tries::Here, &words);
            for call in view.groups.iter().flat_map(|group| &group.calls) {
                let Some(body) = &call.body else { continue };
                let value: serde_json::Value = serde_json::from_str(&body.example).unwrap();
                assert!(value.is_object(), "{}: {}", call.anchor, body.example);
            }
        }
    }

    #[test]
    fn kinds_are_told_in_few_words() {
        use http::openapi::{date, integer, link, list, text, words};
        let told = |schema: http::openapi::Schema| kind(schema.node());
        assert_eq!(told(text().or_null()), "string | null");
        assert_eq!(told(date()), "date");
        assert_eq!(told(list(link("Card"))), "Card[]");
        assert_eq!(told(link("Card").or_null()), "Card | null");
        assert_eq!(told(words(["a", "b"])), "a | b");
        assert_eq!(told(integer()), "integer");
    }
}
