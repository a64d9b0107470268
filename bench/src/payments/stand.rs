//! The product as it is shown: app, vault and simulated bank, each a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use hyper::Method;
use serde_json::{Value, json};

use crate::Outcome;
use crate::machine;
use crate::program::program;
use crate::wire::Wire;

/// Processes that take part in a payment.
pub(super) const PARTS: [&str; 3] = ["app", "vault", "bank"];

/// A running demo without bookings and payments; ends with this value.
pub(super) struct Stand {
    child: Child,
    about: Value,
}

impl Stand {
    /// Starts it, with the app's data in a file or on an empty server.
    pub(super) fn start(database: Option<&str>, port: u16) -> Outcome<Self> {
        let mut command = Command::new(program()?);
        command.args(["demo", "--json", "--bare", "--port", &port.to_string()]);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let out = child.stdout.take().ok_or("the demo has no output")?;
        let mut stand = Self { child, about: Value::Null };
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        stand.about = serde_json::from_str(&line).map_err(|_| "the demo did not start")?;
        Ok(stand)
    }

    /// A text of the first merchant: `shop`, `api_key`…
    pub(super) fn merchant(&self, name: &str) -> String {
        self.about["merchants"][0][name].as_str().unwrap_or_default().to_owned()
    }

    /// Address of one of the [`PARTS`].
    pub(super) fn origin(&self, part: &str) -> String {
        self.about[part].as_str().unwrap_or_default().to_owned()
    }

    /// Processor time that each of the [`PARTS`] used so far, in microseconds.
    pub(super) fn used(&self) -> Vec<(&'static str, u64)> {
        let used = |part: &str| self.about["pids"][part].as_u64().map_or(0, machine::micros_of);
        PARTS.iter().map(|part| (*part, used(part))).collect()
    }

    /// Stores a card at the vault, as an outside program does. Gives its token.
    pub(super) async fn card(&self) -> Outcome<String> {
        let mut vault = Wire::open(&self.origin("vault"), &self.merchant("vault_key")).await?;
        let card = json!({
            "shop": self.merchant("shop"),
            "booking": "BENCH-1",
            "card": { "number": "4970100000000154", "exp_month": 3, "exp_year": 2029 },
        });
        let (status, body) = vault.send(Method::POST, "/v1/cards", Some(&card), "card").await?;
        match body["token"].as_str() {
            Some(token) if status == 201 => Ok(token.to_owned()),
            _ => Err(format!("the vault took no card: {status} {body}").into()),
        }
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        let ended = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if ended.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
