//! What each means of payment can do, side by side: a page of the settings, which shows the account
//! of each shop, and a page of the documents, which shows the connectors. Both are made from
//! [`connectors::Capabilities`], which is also what the engine, the cash desk and the payer's page
//! go by.
//!
//! An account of a test shop may be made to declare less ([`form`]), so that what happens without
//! refunds, voids, later captures or small amounts can be seen before a real contract says so.

pub mod form;
pub mod pages;

use connectors::capabilities::{
    AccountCheck, CaptureSupport, Flow, Instalments, QueryBy, RefundSupport, TokenSupport,
    VoidSupport, Zero,
};
use connectors::{Capabilities, Connector, Settings, registry};
use http::Words;
use http::words::Messages;
use kernel::{Currency, Locale, format};

/// Words of the slice.
pub const SLICE: web::Slice = web::Slice {
    name: "means",
    migrations: &[],
    messages: &[
        Messages { locale: Locale::Fr, text: include_str!("messages/fr.ftl") },
        Messages { locale: Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[],
};

/// One capability of every connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub label: String,
    /// What each connector says, in the order of [`heads`].
    pub cells: Vec<String>,
}

/// Names of the connectors.
#[must_use]
pub fn heads(locale: Locale) -> Vec<String> {
    let name = |connector: &dyn Connector| match locale {
        Locale::Fr => connector.meta().label_fr,
        _ => connector.meta().label_en,
    };
    registry::all().into_iter().map(|connector| name(connector).to_owned()).collect()
}

/// What the connectors can do before anything is set.
#[must_use]
pub fn connectors() -> Vec<Capabilities> {
    registry::all().map(|connector| connector.caps(&Settings::default())).to_vec()
}

/// A row for each capability.
#[must_use]
pub fn matrix(words: &Words, all: &[Capabilities]) -> Vec<Row> {
    LINES
        .iter()
        .map(|(label, cell)| Row {
            label: words.say(label),
            cells: all.iter().map(|caps| cell(words, caps)).collect(),
        })
        .collect()
}

type Cell = fn(&Words, &Capabilities) -> String;

const LINES: [(&str, Cell); 12] = [
    ("means-flows", |words, caps| {
        let flows: Vec<String> = caps.flows.iter().map(|flow| words.say(flow_key(*flow))).collect();
        flows.join(", ")
    }),
    ("means-currencies", |words, caps| match caps.money.currencies {
        [] => words.say("means-currencies-all"),
        some => some.join(", "),
    }),
    ("means-minimum", |words, caps| {
        let known = |currency: &Currency| caps.takes(*currency);
        let currency = Some(Currency::EUR).filter(known);
        currency.map_or_else(
            || words.say("means-none"),
            |currency| format::money(caps.minimum(currency), words.locale()),
        )
    }),
    ("means-zero", |words, caps| {
        words.say(match caps.money.zero {
            Zero::ConfirmWithoutProvider => "means-zero-confirmed",
            Zero::Refuse => "means-zero-refused",
            Zero::Allowed => "means-zero-sent",
        })
    }),
    ("means-capture", |words, caps| words.say(capture_key(caps.capture))),
    ("means-capture-days", |words, caps| match caps.capture {
        CaptureSupport::ImmediateOnly => words.say("means-none"),
        _ => words.count("means-days", i64::from(caps.capture_days)),
    }),
    ("means-void", |words, caps| words.say(void_key(caps.void))),
    ("means-refund", |words, caps| {
        let how = words.say(refund_key(caps.refund));
        if caps.refund == RefundSupport::None {
            return how;
        }
        format!("{how}, {}", words.count("means-days", i64::from(caps.refund_days)))
    }),
    ("means-tokens", |words, caps| {
        words.say(match caps.tokens {
            TokenSupport::None => "means-tokens-ours",
            TokenSupport::HostedOnly => "means-tokens-page",
            TokenSupport::Api => "means-tokens-api",
        })
    }),
    ("means-check", |words, caps| {
        words.say(match caps.check {
            AccountCheck::Zero => "means-check-zero",
            AccountCheck::SmallAmount => "means-check-small",
        })
    }),
    ("means-instalments", |words, caps| match caps.instalments {
        Instalments::None => words.say("means-none"),
        Instalments::Native(most) => words.count("means-instalments-native", i64::from(most)),
        Instalments::EngineScheduler => words.say("means-instalments-ours"),
    }),
    ("means-query", |words, caps| {
        words.say(match caps.query {
            QueryBy::None => "means-none",
            QueryBy::OurReference => "means-query-ours",
            QueryBy::ProviderId => "means-query-theirs",
        })
    }),
];

const fn capture_key(support: CaptureSupport) -> &'static str {
    match support {
        CaptureSupport::ImmediateOnly => "means-capture-now",
        CaptureSupport::WholeOnce => "means-capture-whole",
        CaptureSupport::PartOnce => "means-capture-part",
        CaptureSupport::Several => "means-several",
    }
}

const fn refund_key(support: RefundSupport) -> &'static str {
    match support {
        RefundSupport::None => "means-refund-elsewhere",
        RefundSupport::Full => "means-capture-whole",
        RefundSupport::Partial => "means-capture-part",
        RefundSupport::Several => "means-several",
    }
}

const fn void_key(support: VoidSupport) -> &'static str {
    match support {
        VoidSupport::None => "means-none",
        VoidSupport::Rest => "means-void-rest",
    }
}

const fn flow_key(flow: Flow) -> &'static str {
    match flow {
        Flow::RedirectGet | Flow::FormPost => "means-flow-redirect",
        Flow::HostedFields => "means-flow-fields",
        Flow::DirectCard => "means-flow-card",
        Flow::AppApproval => "means-flow-app",
        Flow::Moto => "means-flow-moto",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page of the documents, made anew.
    fn document(words: &Words) -> String {
        let heads = heads(words.locale());
        let mut text = format!(
            "# Connectors\n\n{}\n\n| | {} |\n|---|{}\n",
            "What each connector can do. Made from the code; the page \"Means of payment\" of the \
             settings\nshows the same.",
            heads.join(" | "),
            "---|".repeat(heads.len()),
        );
        for row in matrix(words, &connectors()) {
            text.push_str(&format!("| {} | {} |\n", row.label, row.cells.join(" | ")));
        }
        text
    }

    #[test]
    fn c_10_the_documents_show_what_the_code_can() {
        let catalogue = http::Catalogue::new(&[http::MESSAGES, SLICE.messages]).unwrap();
        let made = document(&catalogue.words(Locale::En));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/connectors.md");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(kept, made, "docs/connectors.md is stale; it should read:\n{made}");
    }

    #[test]
    fn c_10_every_capability_has_words_in_both_languages() {
        let catalogue = http::Catalogue::new(&[http::MESSAGES, SLICE.messages]).unwrap();
        for locale in [Locale::Fr, Locale::En] {
            let rows = matrix(&catalogue.words(locale), &connectors());
            assert_eq!(rows.len(), LINES.len());
            let cells = rows.iter().flat_map(|row| row.cells.iter().chain([&row.label]));
            assert!(
                cells.clone().all(|text| !text.is_empty()
                    && !text.contains("means-")
                    && !text.contains('{'))
            );
        }
    }
}
