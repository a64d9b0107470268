//! A bank on paper: what it did is known exactly, whatever the house heard of it.

use std::collections::BTreeMap;

use connectors::{Method, Reply};
use kernel::CardToken;
use serde_json::{Value, json};

/// What the bank did under one reference.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) kind: &'static str,
    pub(crate) approved: bool,
    pub(crate) code: String,
    pub(crate) amount: i64,
    pub(crate) captured: i64,
    pub(crate) authorisation: String,
}

#[derive(Debug, Default)]
pub(crate) struct Bank {
    pub(crate) done: BTreeMap<String, Done>,
    /// How often each reference arrived.
    pub(crate) arrivals: BTreeMap<String, u32>,
    authentications: BTreeMap<String, String>,
    /// Result of the next authentication; `Y` when empty.
    pub(crate) next_authentication: Option<&'static str>,
    /// Code of the next money request; `00` when empty.
    pub(crate) next_code: Option<&'static str>,
    /// The next money request is done and its answer held back.
    pub(crate) silence: bool,
    /// Whether each authorisation came with the code.
    pub(crate) codes: Vec<bool>,
    /// The card that the next capture brings; the one that the vault knows when empty.
    pub(crate) other: Option<CardToken>,
    /// Code with which the vault refuses to send the next request.
    pub(crate) not_lent: Option<&'static str>,
    /// Its address; that of the tests without servers when empty.
    pub(crate) origin: String,
}

impl Bank {
    /// Whether the next request gets no answer; asked once.
    pub(crate) fn silent_next(&mut self) -> bool {
        std::mem::take(&mut self.silence)
    }

    /// A request that the vault relays.
    pub(crate) fn card(&mut self, template: &str, args: &Value) -> Reply {
        match template {
            "sandbox.authenticate" => self.authenticate(args),
            _ => self.authorise(args),
        }
    }

    /// A request without card data.
    pub(crate) fn plain(&mut self, method: Method, url: &str, body: &Value) -> Reply {
        match method {
            Method::Get if url.contains("/api/authentications/") => {
                self.authentication(url.rsplit('/').next().unwrap())
            }
            Method::Get => self.operation(reference(url)),
            Method::Post if url.ends_with("captures") => self.later("capture", body),
            Method::Post if url.ends_with("voids") => self.later("void", body),
            Method::Post => self.later("refund", body),
        }
    }

    /// The payer decides on the bank's page.
    pub(crate) fn decide(&mut self, result: &str) {
        for decision in self.authentications.values_mut().filter(|d| *d == "C") {
            result.clone_into(decision);
        }
    }

    fn authenticate(&mut self, args: &Value) -> Reply {
        let result = self.next_authentication.take().unwrap_or("Y");
        let result = if args["challenge"] == "mandate" && result == "Y" { "C" } else { result };
        let id = format!("aut_{}", args["ref"].as_str().unwrap());
        self.authentications.insert(id.clone(), result.to_owned());
        self.authentication(&id)
    }

    fn authentication(&self, id: &str) -> Reply {
        let result = &self.authentications[id];
        let origin = if self.origin.is_empty() { "http://127.0.0.3:7702" } else { &self.origin };
        let url = (result == "C").then(|| format!("{origin}/3ds/{id}"));
        reply(200, &json!({"id": id, "result": result, "challenge_url": url, "eci": "05"}))
    }

    fn authorise(&mut self, args: &Value) -> Reply {
        self.book("authorise", args)
    }

    fn later(&mut self, kind: &'static str, body: &Value) -> Reply {
        self.book(kind, body)
    }

    fn book(&mut self, kind: &'static str, args: &Value) -> Reply {
        let captured = args["capture"] == "now";
        let reference = args["ref"].as_str().unwrap().to_owned();
        *self.arrivals.entry(reference.clone()).or_default() += 1;
        let code = self.next_code.take().unwrap_or("00");
        let number = match args["authorisation"].as_str() {
            Some(number) if kind != "authorise" => number.to_owned(),
            _ => format!("A{}", self.done.len()),
        };
        let amount = args["amount"].as_i64().unwrap_or_else(|| self.rest(&number));
        let done = Done {
            kind,
            approved: code == "00",
            code: code.to_owned(),
            amount,
            captured: if captured && code == "00" { amount } else { 0 },
            authorisation: number,
        };
        let words = said(&done);
        let id = format!("bnk_{reference}");
        self.done.insert(reference, done.clone());
        let amount = (kind != "void").then_some(done.amount);
        reply(
            200,
            &json!({
                "id": id, "outcome": words, "code": done.code, "amount": amount,
                "authorisation": done.authorisation, "chain": "chain-1", "network": "cb",
            }),
        )
    }

    /// What is left of an authorisation.
    fn rest(&self, number: &str) -> i64 {
        let of = |kind: &str| -> i64 {
            let done = self.done.values().filter(|d| d.authorisation == number && d.approved);
            done.filter(|d| d.kind == kind).map(|d| d.amount).sum()
        };
        of("authorise") - of("capture") - of("void")
    }

    fn operation(&self, reference: &str) -> Reply {
        let Some(done) = self.done.get(reference) else { return reply(404, &json!({})) };
        let amount = done.amount;
        reply(
            200,
            &json!({
                "id": format!("bnk_{reference}"), "ref": reference, "kind": done.kind,
                "state": said(done), "code": done.code, "amount": amount, "currency": "EUR",
                "captured": done.captured, "authorisation": done.authorisation,
                "chain": "chain-1", "network": "cb",
            }),
        )
    }

    /// Sum of what was approved of a kind under these references.
    pub(crate) fn approved(&self, kind: &str, references: &[String]) -> i64 {
        let of = |r: &String| self.done.get(r).filter(|d| d.kind == kind && d.approved);
        references.iter().filter_map(of).map(|done| done.amount).sum()
    }
}

fn said(done: &Done) -> &'static str {
    if done.approved { "approved" } else { "declined" }
}

fn reference(url: &str) -> &str {
    let query = url.split("ref=").nth(1).unwrap_or_default();
    query.split('&').next().unwrap_or_default()
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply { status, body: body.to_string().into_bytes() }
}
