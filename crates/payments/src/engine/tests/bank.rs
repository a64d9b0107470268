//! A bank on paper: what it did is known exactly, whatever the house heard of it.

use std::collections::BTreeMap;

use connectors::{Method, Reply};
use serde_json::{Value, json};

use crate::engine::outgoing::{Dispatch, Wire};

/// What the bank did under one reference.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) kind: &'static str,
    pub(super) approved: bool,
    pub(super) code: String,
    pub(super) amount: i64,
    pub(super) captured: i64,
    pub(super) authorisation: String,
}

#[derive(Debug, Default)]
pub(super) struct Bank {
    pub(super) done: BTreeMap<String, Done>,
    /// How often each reference arrived.
    pub(super) arrivals: BTreeMap<String, u32>,
    authentications: BTreeMap<String, String>,
    /// Result of the next authentication; `Y` when empty.
    pub(super) next_authentication: Option<&'static str>,
    /// Code of the next money request; `00` when empty.
    pub(super) next_code: Option<&'static str>,
}

impl Bank {
    /// Does what is asked and says so.
    pub(super) fn answer(&mut self, dispatch: &Dispatch) -> Reply {
        match &dispatch.wire {
            Wire::Card(_, call) => {
                let args = Value::Object(call.args.clone());
                match call.template {
                    "sandbox.authenticate" => self.authenticate(&args),
                    _ => self.authorise(&args),
                }
            }
            Wire::Plain(call) => {
                let url = &call.request.url;
                let body = call.request.body.clone().unwrap_or_default();
                match (call.request.method, url) {
                    (Method::Get, url) if url.contains("/api/authentications/") => {
                        self.authentication(url.rsplit('/').next().unwrap())
                    }
                    (Method::Get, url) => self.operation(reference(url)),
                    (Method::Post, url) if url.ends_with("captures") => {
                        self.later("capture", &body)
                    }
                    (Method::Post, url) if url.ends_with("voids") => self.later("void", &body),
                    (Method::Post, _) => self.later("refund", &body),
                }
            }
        }
    }

    /// The payer decides on the bank's page.
    pub(super) fn decide(&mut self, result: &str) {
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
        let url = (result == "C").then(|| format!("http://127.0.0.3:7702/3ds/{id}"));
        reply(200, &json!({"id": id, "result": result, "challenge_url": url, "eci": "05"}))
    }

    fn authorise(&mut self, args: &Value) -> Reply {
        let captured = args["capture"] == "now";
        self.book("authorise", args, captured)
    }

    fn later(&mut self, kind: &'static str, body: &Value) -> Reply {
        self.book(kind, body, false)
    }

    fn book(&mut self, kind: &'static str, args: &Value, captured: bool) -> Reply {
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
    pub(super) fn approved(&self, kind: &str, references: &[String]) -> i64 {
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
