//! Shapes of values: JSON Schema (2020-12) as far as this house needs it.

use serde_json::Value;

use super::Node;

/// Characters of an id after its prefix: Crockford base32 in lower case.
const ID_PATTERN: &str = "[0-7][0-9a-hjkmnp-tv-z]{25}";

/// The shape of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema(Node);

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    name: &'static str,
    schema: Schema,
    required: bool,
}

/// A member that is always there.
#[must_use]
pub const fn must(name: &'static str, schema: Schema) -> Member {
    Member { name, schema, required: true }
}

/// A member that may be left out.
#[must_use]
pub const fn may(name: &'static str, schema: Schema) -> Member {
    Member { name, schema, required: false }
}

/// An object with these members and no others.
#[must_use]
pub fn object(members: impl IntoIterator<Item = Member>) -> Schema {
    let (mut properties, mut required) = (Node::object(), Vec::new());
    for member in members {
        if member.required {
            required.push(Node::from(member.name));
        }
        properties.set(member.name, member.schema.0);
    }
    let mut node = typed("object").with("properties", properties);
    if !required.is_empty() {
        node.set("required", Node::List(required));
    }
    Schema(node.with("additionalProperties", false))
}

/// An object whose member names the caller chooses.
#[must_use]
pub fn map(values: Schema) -> Schema {
    Schema(typed("object").with("additionalProperties", values.0))
}

/// A list.
#[must_use]
pub fn list(items: Schema) -> Schema {
    Schema(typed("array").with("items", items.0))
}

/// A text.
#[must_use]
pub fn text() -> Schema {
    Schema(typed("string"))
}

/// A whole number.
#[must_use]
pub fn integer() -> Schema {
    Schema(typed("integer").with("format", "int64"))
}

/// An amount in the smallest unit of its currency.
#[must_use]
pub fn minor() -> Schema {
    integer().about("In the smallest unit of the currency.")
}

/// True or false.
#[must_use]
pub fn boolean() -> Schema {
    Schema(typed("boolean"))
}

/// Anything.
#[must_use]
pub const fn any() -> Schema {
    Schema(Node::object())
}

/// One word of a closed list.
#[must_use]
pub fn words<'w>(all: impl IntoIterator<Item = &'w str>) -> Schema {
    let all = all.into_iter().map(Node::from).collect();
    Schema(typed("string").with("enum", Node::List(all)))
}

/// Always the same value.
#[must_use]
pub fn constant(value: impl Into<Value>) -> Schema {
    Schema(Node::object().with("const", value.into()))
}

/// An id with its prefix: `id("pay")`.
#[must_use]
pub fn id(prefix: &str) -> Schema {
    text().pattern(&format!("^{prefix}_{ID_PATTERN}$"))
}

/// An instant (RFC 3339, UTC).
#[must_use]
pub fn instant() -> Schema {
    text().format("date-time")
}

/// A calendar day.
#[must_use]
pub fn date() -> Schema {
    text().format("date")
}

/// A shape that stands under this name among the components.
#[must_use]
pub fn link(name: &str) -> Schema {
    Schema(Node::object().with("$ref", format!("#/components/schemas/{name}")))
}

/// One of several shapes.
#[must_use]
pub fn one_of(shapes: impl IntoIterator<Item = Schema>) -> Schema {
    let shapes = shapes.into_iter().map(|shape| shape.0).collect();
    Schema(Node::object().with("oneOf", Node::List(shapes)))
}

fn typed(word: &str) -> Node {
    Node::object().with("type", word)
}

impl Schema {
    /// With a sentence of explanation.
    #[must_use]
    pub fn about(self, sentence: &str) -> Self {
        Self(self.0.with("description", sentence))
    }

    /// With an example.
    #[must_use]
    pub fn example(self, value: impl Into<Value>) -> Self {
        Self(self.0.with("examples", Node::List(vec![Node::Value(value.into())])))
    }

    /// What is taken when it is left out.
    #[must_use]
    pub fn usually(self, value: impl Into<Value>) -> Self {
        Self(self.0.with("default", value.into()))
    }

    /// Or null.
    #[must_use]
    pub fn or_null(self) -> Self {
        let Node::Object(mut members) = self.0 else { return self };
        if let Some((_, kind)) = members.iter_mut().find(|(name, _)| name == "type") {
            *kind = Node::List(vec![kind.clone(), Node::from("null")]);
            if let Some((_, Node::List(words))) = members.iter_mut().find(|(n, _)| n == "enum") {
                words.push(Node::Value(Value::Null));
            }
            return Self(Node::Object(members));
        }
        let null = Self(typed("null"));
        Self(Node::object().with("anyOf", Node::List(vec![Node::Object(members), null.0])))
    }

    /// From `least` to `most`: the number itself.
    #[must_use]
    pub fn within(self, least: i64, most: i64) -> Self {
        Self(self.0.with("minimum", least).with("maximum", most))
    }

    /// At least this number.
    #[must_use]
    pub fn at_least(self, least: i64) -> Self {
        Self(self.0.with("minimum", least))
    }

    /// Fewest and most characters of a text.
    #[must_use]
    pub fn length(self, least: usize, most: usize) -> Self {
        let node = if least > 0 { self.0.with("minLength", least) } else { self.0 };
        Self(node.with("maxLength", most))
    }

    /// Fewest and most items of a list.
    #[must_use]
    pub fn count(self, least: usize, most: usize) -> Self {
        let node = if least > 0 { self.0.with("minItems", least) } else { self.0 };
        Self(node.with("maxItems", most))
    }

    /// Most members of an object.
    #[must_use]
    pub fn members(self, most: usize) -> Self {
        Self(self.0.with("maxProperties", most))
    }

    /// A regular expression (ECMA-262) that a text fits.
    #[must_use]
    pub fn pattern(self, expression: &str) -> Self {
        Self(self.0.with("pattern", expression))
    }

    /// A format of JSON Schema.
    #[must_use]
    pub fn format(self, name: &str) -> Self {
        Self(self.0.with("format", name))
    }

    /// With further members: an object that is this one and more.
    #[must_use]
    pub fn plus(self, members: impl IntoIterator<Item = Member>) -> Self {
        let Self(mut node) = self;
        let more = object(members).0;
        let both = |node: &Node, name: &str| -> (Option<Node>, Option<Node>) {
            (node.get(name).cloned(), more.get(name).cloned())
        };
        if let (Some(Node::Object(mut own)), Some(Node::Object(others))) = both(&node, "properties")
        {
            own.extend(others);
            node.set("properties", Node::Object(own));
        }
        let (own, others) = both(&node, "required");
        let all: Vec<Node> =
            own.iter().chain(&others).flat_map(|list| list.items().to_vec()).collect();
        if !all.is_empty() {
            node.set("required", Node::List(all));
        }
        Self(node)
    }

    /// With a member of the specification that this module has no word for.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<Node>) -> Self {
        Self(self.0.with(name, value))
    }

    /// As JSON.
    #[must_use]
    pub const fn node(&self) -> &Node {
        &self.0
    }
}
