//! The description of the API: what `/openapi.json` answers and the reference page shows.
//!
//! Each slice says what its routes take and give; here it is put together. The committed copies
//! `docs/openapi.json` and `docs/openapi-vault.json` are written by `cargo xtask api-spec` and
//! compared by a test, so that a change of the API is seen in review.

pub(crate) mod pages;
mod view;

use http::openapi::{Document, Node, Operation, Part, Security, must, object, text};

use std::sync::Arc;

use http::words::{Messages, WordsError};
use http::{Catalogue, Words};
use kernel::Locale;

use crate::slices;

/// Words of the page.
pub(crate) const MESSAGES: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("messages/en.ftl") },
];

/// Titles of calls and groups in other languages than that of the description.
const TITLES: &[Messages] = &[Messages { locale: Locale::Fr, text: include_str!("titles_fr.ftl") }];

/// The titles in a language; English ones are those of the description.
///
/// # Errors
/// [`WordsError`]: the file is not Fluent.
pub(crate) fn titles(locale: Locale) -> Result<Arc<Words>, WordsError> {
    Ok(Catalogue::new(&[TITLES])?.words(locale))
}

/// Where the demo's app answers.
const DEMO_APP: &str = "http://127.0.0.1:7700";
/// Where the demo's vault answers.
const DEMO_VAULT: &str = "http://127.0.0.2:7701";

const ABOUT: &str = "Payments, cards on file, stays and bookings. What holds for every call is in \
    API.md: keys, sending once, answers and refusals, lists with cursors. Amounts are whole \
    numbers of the smallest unit beside an ISO 4217 code; instants are RFC 3339 in UTC; refusals \
    are problem documents (RFC 9457). Lists answer data and next: send next back as \
    cursor. A field that a call does not know is refused.";

/// The description of the app's API.
pub(crate) fn app() -> Document {
    let mut parts = slices::described();
    parts.push(own());
    Document {
        title: "Guichet",
        about: ABOUT,
        server: DEMO_APP,
        security: Security {
            name: "apiKey",
            about: "A key of one shop: `gk_test_…` or `gk_live_…`, shown as a bearer token. It \
                    has rights like a user and may be bound to addresses.",
        },
        tags: vec![
            ("Payments", "Money asked for, taken, given back."),
            ("Cards", "Card pages at the vault, and kept cards by their token."),
            ("Stays", "Lodgings, prices, what is free."),
            ("Holds", "Places kept for a while."),
            ("Baskets", "From the choice to the payment."),
            ("Bookings", "What was sold."),
            ("Notifications", "Programs and people who are told, and what happened."),
            ("Test", "Only in test shops."),
            ("Health", "For whoever watches."),
        ],
        parts,
    }
}

/// The description of the app's API as it is served: its server is where this app is reached.
pub(crate) fn served_at(url: &str) -> Node {
    let server = Node::object().with("url", url);
    app().node().with("servers", Node::List(vec![server]))
}

/// The description of the vault's API.
pub(crate) fn vault() -> Document {
    ::vault::described(DEMO_VAULT)
}

fn own() -> Part {
    let description = Operation::new("GET", "/openapi.json", "describe")
        .titled("Health", "This description")
        .open()
        .answer(
            200,
            "OpenAPI 3.1.",
            object([must("openapi", text())]).with("additionalProperties", true),
        );
    Part { operations: vec![description], schemas: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const ENDPOINTS: &str = include_str!("../../../../tests/endpoints.txt");

    /// Method, path and right of the endpoints of one kind.
    fn reviewed(kind: &str) -> BTreeMap<(String, String), String> {
        let lines = ENDPOINTS.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                let [method, path, of, right, ..] = words[..] else { return None };
                (of == kind).then(|| ((method.into(), path.into()), right.into()))
            })
            .collect()
    }

    fn described(document: &Document) -> BTreeSet<(String, String)> {
        let all = document.operations();
        all.map(|operation| (operation.method().into(), operation.address().into())).collect()
    }

    #[test]
    fn q_51_every_address_of_the_api_is_described_and_no_other() {
        for (document, kind) in [(app(), "api"), (vault(), "vault-api")] {
            let reviewed: BTreeSet<_> = reviewed(kind).into_keys().collect();
            assert_eq!(described(&document), reviewed, "left: described, right: endpoints.txt");
        }
    }

    #[test]
    fn the_right_in_the_description_is_the_right_of_the_door() {
        let rights = reviewed("api");
        for operation in app().operations() {
            let key = (operation.method().to_owned(), operation.address().to_owned());
            let wanted = rights[&key].as_str();
            let told = operation.needs().unwrap_or(if operation.is_open() { "-" } else { "known" });
            assert_eq!(told, wanted, "{key:?}");
        }
    }

    #[test]
    fn the_committed_description_is_the_one_of_the_code() {
        let committed = [
            (include_str!("../../../../docs/openapi.json"), app()),
            (include_str!("../../../../docs/openapi-vault.json"), vault()),
        ];
        for (text, document) in committed {
            let fresh = document.node().pretty();
            assert!(text == fresh, "{}: run cargo xtask api-spec", document.title);
        }
    }

    #[test]
    fn q_51_the_served_description_names_the_address_it_is_served_at() {
        let served = served_at("https://pay.example.org");
        let servers: Vec<&str> =
            served.get("servers").unwrap().items().iter().map(|one| one.words("url")).collect();
        assert_eq!(servers, ["https://pay.example.org"]);
        assert_eq!(served.get("paths"), app().node().get("paths"));
    }

    #[test]
    fn every_call_and_group_has_a_french_title() {
        let french = titles(Locale::Fr).unwrap();
        for document in [app(), vault()] {
            for operation in document.operations() {
                assert!(french.has(operation.name()), "{}", operation.name());
            }
            for (tag, _) in &document.tags {
                let keys = [format!("tag-{tag}"), format!("tag-{tag}-about")];
                assert!(keys.iter().all(|key| french.has(key)), "{tag}");
            }
        }
    }

    #[test]
    fn every_link_leads_somewhere_and_every_name_is_used_once() {
        for document in [app(), vault()] {
            let node = document.node();
            let text = node.pretty();
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            for link in text.split("\"$ref\": \"#").skip(1) {
                let pointer = link.split('"').next().unwrap();
                assert!(value.pointer(pointer).is_some(), "{pointer}");
            }
            let names: Vec<&str> = document.operations().map(Operation::name).collect();
            let different: BTreeSet<&&str> = names.iter().collect();
            assert_eq!(names.len(), different.len(), "{names:?}");
            let tags: BTreeSet<&str> = document.tags.iter().map(|(name, _)| *name).collect();
            assert!(document.operations().all(|operation| tags.contains(operation.tag())));
        }
    }
}
