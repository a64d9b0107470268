//! Knocking at a door: one request, the answer, and what every answer must carry.

use serde_json::Value;

use super::list::{Endpoint, Kind};
use super::scene::Scene;
use crate::demo::agent;

/// What is sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Knock {
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Knock {
    /// A browser's form.
    pub(super) fn form(fields: &str) -> Self {
        let kind = ("content-type", "application/x-www-form-urlencoded".to_owned());
        Self { headers: vec![kind], body: fields.to_owned() }
    }

    /// A program's document.
    pub(super) fn json(body: Option<&Value>) -> Self {
        let kind = ("content-type", "application/json".to_owned());
        Self { headers: vec![kind], body: body.map_or_else(String::new, Value::to_string) }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn key(self, key: &str) -> Self {
        self.with("authorization", format!("Bearer {key}"))
    }

    pub(super) fn cookie(self, cookie: &str) -> Self {
        self.with("cookie", cookie)
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) text: String,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Whether it sends to the sign-in page.
    pub(super) fn asks_to_sign_in(&self) -> bool {
        let location = self.header("location").unwrap_or_default();
        self.status == 303 && location.starts_with("/connexion?next=")
    }
}

/// Sends a request.
pub(super) fn send(method: &str, url: &str, knock: &Knock) -> Heard {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in &knock.headers {
        request = request.header(*name, value);
    }
    let mut response = agent().run(request.body(knock.body.clone()).unwrap()).unwrap();
    // A stream of events has no end to wait for.
    let streams = response.body().mime_type() == Some("text/event-stream");
    let text = if streams {
        String::new()
    } else {
        response.body_mut().read_to_string().unwrap_or_default()
    };
    let header = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
        (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
    };
    let headers = response.headers().iter().map(header).collect();
    Heard { status: response.status().as_u16(), headers, text }
}

const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The policy of a page whose forms may lead to these origins and that this origin may frame.
fn page_policy(connect: &str, forms: &str, frames: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         font-src 'self';{connect} form-action 'self'{forms}; frame-ancestors {frames}; \
         base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; report-to csp"
    )
}

/// Pages where a person types a PIN or reads a number.
const SCRIPTLESS_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors";

const CONNECT: &str = " connect-src 'self';";

/// The one policy that answers at this address have, in the demo.
fn policy(scene: &Scene, endpoint: &Endpoint) -> String {
    let (app, vault, bank) = (scene.demo.app(), scene.vault(), scene.demo.bank());
    match endpoint.kind {
        Kind::Demo if endpoint.path == "/demo" && endpoint.method == "GET" => {
            let stage = page_policy(CONNECT, "", "'none'");
            format!("{stage}; frame-src {app} {vault} {bank}")
        }
        // The split screen of the demo shows them; under `serve` nobody may.
        Kind::Staff | Kind::Demo => page_policy(CONNECT, "", app),
        Kind::PublicPage | Kind::PayerToken => page_policy(CONNECT, &format!(" {vault}"), app),
        Kind::VaultPage if !endpoint.path.starts_with("/v/c/") => {
            format!("{SCRIPTLESS_POLICY} {app}")
        }
        Kind::VaultPage => page_policy("", &format!(" {app}"), app),
        Kind::Bank
            if ["/", "/faults", "/cases", "/cases/{number}", "/3ds/{id}"]
                .contains(&endpoint.path) =>
        {
            page_policy("", &format!(" {app}"), app)
        }
        Kind::Api
        | Kind::Sealed
        | Kind::Private
        | Kind::Asset
        | Kind::VaultAsset
        | Kind::VaultApi
        | Kind::Bank => API_POLICY.to_owned(),
    }
}

/// The page that shows the way to the bank names the bank too; the pages of cards, of their
/// settings and of a booking with a card lead to the vault; what is refused among the pages of a property is refused as a page.
fn wider_policy(scene: &Scene, endpoint: &Endpoint) -> Option<String> {
    let leads_to_vault = ["/cartes/{id}", "/reservations/{id}"].contains(&endpoint.path);
    if leads_to_vault || endpoint.path.starts_with("/parametres/cartes") {
        return Some(page_policy(CONNECT, &format!(" {}", scene.vault()), scene.demo.app()));
    }
    let forms = match endpoint.kind {
        Kind::PayerToken => format!(" {} {}", scene.vault(), scene.demo.bank()),
        Kind::Asset if endpoint.path.starts_with("/s/") => format!(" {}", scene.vault()),
        _ => return None,
    };
    Some(page_policy(CONNECT, &forms, scene.demo.app()))
}

/// What is wrong with the headers of an answer.
pub(super) fn header_faults(scene: &Scene, endpoint: &Endpoint, heard: &Heard) -> Vec<String> {
    let mut faults = Vec::new();
    let said = heard.header("content-security-policy").unwrap_or("none at all");
    let fits = said == policy(scene, endpoint)
        || wider_policy(scene, endpoint).is_some_and(|policy| policy == said);
    if !fits {
        faults.push(format!("policy {said:?} instead of {:?}", policy(scene, endpoint)));
    }
    let referrer = if matches!(endpoint.kind, Kind::Staff | Kind::Demo) {
        "same-origin"
    } else {
        "no-referrer"
    };
    let kept = if endpoint.kind == Kind::Asset && heard.status == 200 {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", referrer),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", kept),
    ] {
        if heard.header(name) != Some(value) {
            faults.push(format!("{name} is {:?} instead of {value}", heard.header(name)));
        }
    }
    let opens_session = ["/connexion", "/deconnexion", "/demo/session"].contains(&endpoint.path)
        && endpoint.method == "POST";
    if heard.header("set-cookie").is_some() && !opens_session {
        faults.push("sets a cookie".to_owned());
    }
    if heard.headers.iter().any(|(name, _)| name.starts_with("access-control-")) {
        faults.push("opens itself to other sites".to_owned());
    }
    faults
}
