//! The whole description of one origin.

use super::Node;
use super::operation::Operation;
use super::schema::{self, Schema, may, must};

/// How a caller shows who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Security {
    /// Name of the scheme in the document.
    pub name: &'static str,
    /// Where the key comes from and how it begins.
    pub about: &'static str,
}

/// What one slice offers: its operations, and the shapes in them that have a name.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// In the order of the page.
    pub operations: Vec<Operation>,
    /// Named shapes.
    pub schemas: Vec<(&'static str, Schema)>,
}

/// What one origin offers to programs.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its title.
    pub title: &'static str,
    /// What holds for every call.
    pub about: &'static str,
    /// The address of the demo, so that the page can be tried at once.
    pub server: &'static str,
    /// How keys are shown.
    pub security: Security,
    /// Groups in the order of the page, with a sentence each.
    pub tags: Vec<(&'static str, &'static str)>,
    /// What each slice offers.
    pub parts: Vec<Part>,
}

impl Document {
    /// Every operation.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.parts.iter().flat_map(|part| &part.operations)
    }

    /// As JSON.
    #[must_use]
    pub fn node(&self) -> Node {
        let info = Node::object()
            .with("title", self.title)
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("description", self.about)
            .with(
                "license",
                Node::object().with("name", "Apache-2.0").with("identifier", "Apache-2.0"),
            );
        let server = Node::object().with("url", self.server).with("description", "The demo");
        let tag = |(name, about): &(&str, &str)| {
            Node::object().with("name", *name).with("description", *about)
        };
        Node::object()
            .with("openapi", "3.1.0")
            .with("info", info)
            .with("servers", Node::List(vec![server]))
            .with("tags", Node::List(self.tags.iter().map(tag).collect()))
            .with("paths", self.paths())
            .with("components", self.components())
    }

    fn paths(&self) -> Node {
        let mut paths = Node::object();
        for operation in self.operations() {
            let known = paths.get(operation.address()).cloned().unwrap_or_else(Node::object);
            let method = operation.method().to_ascii_lowercase();
            let item = known.with(&method, operation.node(self.security.name));
            paths.set(operation.address(), item);
        }
        paths
    }

    fn components(&self) -> Node {
        let mut schemas = Node::object();
        for (name, schema) in self.parts.iter().flat_map(|part| &part.schemas) {
            schemas.set(name, schema.node().clone());
        }
        schemas.set("Problem", problem().node().clone());
        let mut headers = Node::object();
        for (name, about, schema) in headers_of_answers() {
            let node =
                Node::object().with("description", about).with("schema", schema.node().clone());
            headers.set(name, node);
        }
        let scheme = Node::object()
            .with("type", "http")
            .with("scheme", "bearer")
            .with("description", self.security.about);
        Node::object()
            .with("schemas", schemas)
            .with("headers", headers)
            .with("responses", super::operation::shared())
            .with("securitySchemes", Node::object().with(self.security.name, scheme))
    }
}

/// A refusal (RFC 9457).
fn problem() -> Schema {
    let fault = schema::object([
        must("path", schema::text().about("JSON path of the field.").example("$.amount")),
        must("code", schema::text().about("Stable code of the fault.")),
        must("message", schema::text().about("A sentence that names the cure.")),
    ]);
    let code = "Stable code; the answers of a call list theirs.";
    schema::object([
        must("type", schema::text().about("`/problems/` and the code.").format("uri-reference")),
        must("title", schema::text()),
        must("status", schema::integer().within(400, 599)),
        must("detail", schema::text().about("For people; never repeats what was sent.")),
        must("code", schema::text().about(code)),
        must(
            "instance",
            schema::text()
                .about("This very answer: `urn:guichet:request:` and its id.")
                .format("uri-reference"),
        ),
        must(
            "request_id",
            schema::text().about("The same id as in `X-Request-Id` and in the log."),
        ),
        may("errors", schema::list(fault).about("Every wrong field at once.")),
    ])
    .with("additionalProperties", true)
    .about("A refusal (RFC 9457). Further members say more, such as `payment` or `allowed`.")
}

fn headers_of_answers() -> [(&'static str, &'static str, Schema); 5] {
    [
        ("X-Request-Id", "Names this answer in our log.", schema::text()),
        (
            "RateLimit-Policy",
            "The limits that were counted: `q` calls in `w` seconds.",
            schema::text().example("\"key\";q=100;w=2"),
        ),
        (
            "RateLimit",
            "The tightest of them: `r` calls left at once, full again in `t` seconds.",
            schema::text().example("\"key\";r=99;t=1"),
        ),
        ("Retry-After", "Seconds after which to come back.", schema::integer().at_least(0)),
        (
            "Idempotent-Replayed",
            "`true` when this is the first answer again.",
            schema::words(["true"]),
        ),
    ]
}
