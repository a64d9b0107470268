//! One method of one address: what it takes, what it gives, how it refuses.

use serde_json::Value;

use super::Node;
use super::schema::{self, Schema};

/// Whether a call carries an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Once {
    /// It must.
    Required,
    /// It may.
    Optional,
    /// It has no meaning here.
    Never,
}

/// What a call with a key may be answered with, besides its own answers.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    status: u16,
    about: &'static str,
    schema: Option<Schema>,
}

#[derive(Debug, Clone, PartialEq)]
struct Parameter {
    name: &'static str,
    place: &'static str,
    schema: Schema,
}

/// A method of an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    method: &'static str,
    path: &'static str,
    name: &'static str,
    tag: &'static str,
    summary: &'static str,
    about: String,
    right: Option<&'static str>,
    is_open: bool,
    once: Once,
    parameters: Vec<Parameter>,
    body: Option<(Schema, Option<Value>, bool)>,
    body_kind: &'static str,
    answers: Vec<Answer>,
    next: Vec<&'static str>,
    refusals: Vec<(u16, Vec<&'static str>)>,
}

/// Media type of most bodies.
const JSON: &str = "application/json";
/// Header of a request that must act once only.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

impl Operation {
    /// `Operation::new("POST", "/v1/payments", "createPayment")`; the name is unique in the
    /// document.
    #[must_use]
    pub fn new(method: &'static str, path: &'static str, name: &'static str) -> Self {
        let operation = Self {
            method,
            path,
            name,
            tag: "",
            summary: "",
            about: String::new(),
            right: None,
            is_open: false,
            once: Once::Never,
            parameters: Vec::new(),
            body: None,
            body_kind: JSON,
            answers: Vec::new(),
            next: Vec::new(),
            refusals: Vec::new(),
        };
        operation
            .refuses(401, &["unauthorized"])
            .refuses(403, &["ip_not_allowed"])
            .refuses(429, &["too_many_requests"])
            .refuses(500, &["internal"])
            .refuses(503, &["busy", "database_unavailable", "outcome_unknown"])
    }

    /// The group it stands in and its line in a list.
    #[must_use]
    pub const fn titled(mut self, tag: &'static str, summary: &'static str) -> Self {
        self.tag = tag;
        self.summary = summary;
        self
    }

    /// Sentences for who reads on.
    #[must_use]
    pub fn about(mut self, sentences: &str) -> Self {
        sentences.clone_into(&mut self.about);
        self
    }

    /// The right that the key needs.
    #[must_use]
    pub fn right(mut self, right: &'static str) -> Self {
        self.right = Some(right);
        self.refuses(403, &["right_missing"])
    }

    /// No key is asked for.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.is_open = true;
        self.refusals.retain(|(status, _)| *status == 500);
        self
    }

    /// Whether it carries an idempotency key, and how that can fail.
    #[must_use]
    pub fn once(mut self, once: Once) -> Self {
        self.once = once;
        match once {
            Once::Required => self.refuses(400, &["idempotency_key_required"]),
            Once::Optional => self.refuses(400, &["idempotency_key_invalid"]),
            Once::Never => return self,
        }
        .refuses(409, &["idempotency_in_flight"])
        .refuses(422, &["idempotency_mismatch"])
    }

    /// A part of the path; what is not there is a 404.
    #[must_use]
    pub fn path(mut self, name: &'static str, schema: Schema) -> Self {
        self.parameters.push(Parameter { name, place: "path", schema });
        self.refuses(404, &["not_found"])
    }

    /// A part of the query.
    #[must_use]
    pub fn query(mut self, name: &'static str, schema: Schema) -> Self {
        self.parameters.push(Parameter { name, place: "query", schema });
        self
    }

    /// The JSON body; without an example the one of the shape is shown.
    #[must_use]
    pub fn body(mut self, schema: Schema, example: impl Into<Option<Value>>) -> Self {
        self.body = Some((schema, example.into(), true));
        self.refuses(400, &["malformed_json"])
            .refuses(413, &["too_large"])
            .refuses(422, &["invalid_field", "pan_in_wrong_field"])
    }

    /// A body that is a file of this media type.
    #[must_use]
    pub fn file(mut self, kind: &'static str, schema: Schema) -> Self {
        self.body = Some((schema, None, true));
        self.body_kind = kind;
        self
    }

    /// A body that may be left out.
    #[must_use]
    pub fn optional_body(self, schema: Schema) -> Self {
        let mut operation = self.body(schema, None);
        if let Some((_, _, required)) = &mut operation.body {
            *required = false;
        }
        operation
    }

    /// An answer with JSON.
    #[must_use]
    pub fn answer(mut self, status: u16, about: &'static str, schema: Schema) -> Self {
        self.answers.push(Answer { status, about, schema: Some(schema) });
        self
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push(Answer { status, about, schema: None });
        self
    }

    /// Names of the operations that take the `id` of what this one made.
    #[must_use]
    pub fn leads_to(mut self, names: &[&'static str]) -> Self {
        self.next = names.to_vec();
        self
    }

    /// The vault is asked, which may be away or sealed.
    #[must_use]
    pub fn asks_vault(self) -> Self {
        self.refuses(503, &["vault_unavailable", "vault_sealed"])
    }

    /// Codes of refusals with a status.
    #[must_use]
    pub fn refuses(mut self, status: u16, codes: &[&'static str]) -> Self {
        match self.refusals.iter_mut().find(|(known, _)| *known == status) {
            Some((_, known)) => {
                for code in codes {
                    if !known.contains(code) {
                        known.push(code);
                    }
                }
            }
            None => self.refusals.push((status, codes.to_vec())),
        }
        self
    }

    /// The method, in capitals.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// The address, with `{names}` in place of what varies.
    #[must_use]
    pub const fn address(&self) -> &'static str {
        self.path
    }

    /// Its unique name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The group it stands in.
    #[must_use]
    pub const fn tag(&self) -> &'static str {
        self.tag
    }

    /// The right that the key needs, if it needs one.
    #[must_use]
    pub const fn needs(&self) -> Option<&'static str> {
        self.right
    }

    /// Whether it answers everybody.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.is_open
    }

    /// As it stands in the document.
    #[must_use]
    pub(super) fn node(&self, scheme: &str) -> Node {
        let mut node = Node::object()
            .with("operationId", self.name)
            .with("tags", Node::List(vec![Node::from(self.tag)]))
            .with("summary", self.summary);
        let about = self.sentences();
        if !about.is_empty() {
            node.set("description", about);
        }
        let security = if self.is_open {
            Vec::new()
        } else {
            vec![Node::object().with(scheme, Node::List(Vec::new()))]
        };
        node.set("security", Node::List(security));
        let parameters = self.parameter_nodes();
        if !parameters.is_empty() {
            node.set("parameters", Node::List(parameters));
        }
        if let Some((schema, example, required)) = &self.body {
            let content = content(self.body_kind, schema, example.clone());
            let body = Node::object().with("required", *required).with("content", content);
            node.set("requestBody", body);
        }
        node.with("responses", self.responses())
    }

    fn sentences(&self) -> String {
        match self.right {
            Some(right) if self.about.is_empty() => format!("Needs the right `{right}`."),
            Some(right) => format!("{} Needs the right `{right}`.", self.about),
            None => self.about.clone(),
        }
    }

    fn parameter_nodes(&self) -> Vec<Node> {
        let one = |parameter: &Parameter| {
            let node = Node::object()
                .with("name", parameter.name)
                .with("in", parameter.place)
                .with("required", parameter.place == "path");
            let about = parameter.schema.node().words("description");
            let node = if about.is_empty() { node } else { node.with("description", about) };
            node.with("schema", parameter.schema.node().clone())
        };
        let mut nodes: Vec<Node> = self.parameters.iter().map(one).collect();
        if self.once != Once::Never {
            let about = "One key per intent, not per try: the same key, address and body give \
                the first answer again.";
            let schema = schema::text().length(1, 255).pattern("^[ -~]+$").example("order-1042");
            let node = Node::object()
                .with("name", IDEMPOTENCY_KEY)
                .with("in", "header")
                .with("required", self.once == Once::Required)
                .with("description", about)
                .with("schema", schema.node().clone());
            nodes.push(node);
        }
        nodes
    }

    fn responses(&self) -> Node {
        let mut nodes: Vec<(u16, Node)> =
            self.answers.iter().map(|answer| (answer.status, self.told(answer))).collect();
        nodes.extend(
            self.refusals.iter().map(|(status, codes)| (*status, shared_or_own(*status, codes))),
        );
        nodes.sort_by_key(|(status, _)| *status);
        let mut all = Node::object();
        for (status, node) in nodes {
            all.set(&status.to_string(), node);
        }
        all
    }

    fn told(&self, answer: &Answer) -> Node {
        let mut headers = Node::object();
        if !self.is_open {
            headers.set("RateLimit-Policy", header_link("RateLimit-Policy"));
            headers.set("RateLimit", header_link("RateLimit"));
        }
        if self.once != Once::Never {
            headers.set("Idempotent-Replayed", header_link("Idempotent-Replayed"));
        }
        headers.set("X-Request-Id", header_link("X-Request-Id"));
        let node = Node::object().with("description", answer.about).with("headers", headers);
        let Some(schema) = &answer.schema else { return node };
        let node = node.with("content", content(JSON, schema, None));
        if self.next.is_empty() {
            return node;
        }
        let mut links = Node::object();
        for name in &self.next {
            let id = Node::object().with("id", "$response.body#/id");
            links.set(name, Node::object().with("operationId", *name).with("parameters", id));
        }
        node.with("links", links)
    }
}

fn header_link(name: &str) -> Node {
    Node::object().with("$ref", format!("#/components/headers/{name}"))
}

fn content(kind: &str, schema: &Schema, example: Option<Value>) -> Node {
    let mut media = Node::object().with("schema", schema.node().clone());
    if let Some(example) = example {
        media.set("example", example);
    }
    Node::object().with(kind, media)
}

/// Refusals that most operations share, with their codes.
const SHARED: [(u16, &[&str]); 7] = [
    (401, &["unauthorized"]),
    (403, &["ip_not_allowed", "right_missing"]),
    (404, &["not_found"]),
    (413, &["too_large"]),
    (429, &["too_many_requests"]),
    (500, &["internal"]),
    (503, &["busy", "database_unavailable", "outcome_unknown"]),
];

/// The shared refusals, for the components of the document.
pub(super) fn shared() -> Node {
    let mut all = Node::object();
    for (status, codes) in SHARED {
        all.set(&format!("Refused{status}"), refusal(status, codes));
    }
    all
}

fn shared_or_own(status: u16, codes: &[&'static str]) -> Node {
    if SHARED.contains(&(status, codes)) {
        return Node::object().with("$ref", format!("#/components/responses/Refused{status}"));
    }
    refusal(status, codes)
}

/// A problem document whose code is one of a few.
fn refusal(status: u16, codes: &[&'static str]) -> Node {
    let narrowed = Node::object().with(
        "properties",
        Node::object().with("code", schema::words(codes.iter().copied()).node().clone()),
    );
    let both = Node::List(vec![schema::link("Problem").node().clone(), narrowed]);
    let media = Node::object().with("schema", Node::object().with("allOf", both));
    let mut headers = Node::object();
    if matches!(status, 429 | 503) {
        headers.set("Retry-After", header_link("Retry-After"));
    }
    headers.set("X-Request-Id", header_link("X-Request-Id"));
    Node::object()
        .with("description", meaning(status))
        .with("headers", headers)
        .with("content", Node::object().with("application/problem+json", media))
}

const fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request could not be read.",
        401 => "No open key was shown.",
        403 => "The key lacks the right, or does not work from this address.",
        404 => "Nothing here under this name; what belongs to somebody else does not exist.",
        409 => "It does not go with how things stand.",
        410 => "It was there, and is no more.",
        413 => "The body is too large.",
        422 => "A field cannot be taken; `errors` names each.",
        429 => "Too often. `Retry-After` says when to come back.",
        502 => "The bank could not be reached; nothing was sent.",
        503 => "Not at this moment. `Retry-After` says when to come back.",
        _ => "Something failed on our side; nothing was half done.",
    }
}
